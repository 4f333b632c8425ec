/** A small head with four branches over random features, and the run that it made. */
import { branchLogits, sumBranches } from '../../../../src/core/aspp/branches';
import type { AsppHead, TapMaps } from '../../../../src/core/aspp/types';
import type { BranchMap, RunInfo } from '../../../../src/core/run';
import { countClasses } from '../../../../src/core/segmentation/countClasses';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import type { LoadedHead } from '../../../../src/extension/aspp/headLoading';
import type { SomeRates } from '../../../../src/shared/protocol/aspp';
import { makeRun } from '../support';

export const trainedRates = [1, 2, 3, 5] as const;
export const classes = 3;
const gridHeight = 9;
const gridWidth = 7;

/** Numbers that look random and are the same each time. */
function noise(length: number, seed: number): Float32Array {
	let state = seed;
	return Float32Array.from({ length }, () => {
		state = (state * 1103515245 + 12345) & 0x7fffffff;
		return state / 0x40000000 - 1;
	});
}

export function fakeTaps(): TapMaps {
	return {
		trainedRates,
		classes,
		height: gridHeight,
		width: gridWidth,
		taps: noise(4 * 9 * classes * gridHeight * gridWidth, 7),
		bias: noise(4 * classes, 3),
	};
}

export function fakeBranches(taps: TapMaps, rates: readonly number[] = trainedRates): BranchMap[] {
	return rates.map((rate, branch) => ({ rate, ...branchLogits(taps, branch, rate) }));
}

export function fakeHead(linear = true): AsppHead {
	const field = (size: number) => ({
		size: [size, size] as const,
		stride: [8, 8] as const,
		offset: [-20, -20] as const,
	});
	return {
		branches: trainedRates.map((rate) => ({
			rate,
			output: `aspp.${rate}`,
			linear,
			receptiveField: field(41 + 16 * rate),
		})),
		classes,
		channels: 4,
		linear,
		features: field(41),
	};
}

/** What a head that is not linear gives, run at other rates. */
export function ranBranches(taps: TapMaps, rates: SomeRates): (BranchMap | undefined)[] {
	return rates.map((rate, branch) => (rate === undefined ? undefined : { rate, ...branchLogits(taps, branch, rate) }));
}

export function fakeRun(): { readonly info: RunInfo; readonly loaded: LoadedHead; readonly taps: TapMaps } {
	const taps = fakeTaps();
	const branches = fakeBranches(taps);
	const { info } = makeRun('one', { width: 49, height: 65 });
	const geometry = {
		...info.geometry,
		inputWidth: 49,
		inputHeight: 65,
		gridWidth,
		gridHeight,
	};
	const labels = upsampleLabels(
		sumBranches(
			branches,
			branches.map(() => true),
		),
		geometry,
	);
	const model = {
		...info.model,
		classes: ['background', 'cat', 'dog'].map((name) => ({ name, color: [0, 0, 0] as const })),
		branches: trainedRates.map((rate) => ({ rate, output: `aspp.${rate}` })),
	};
	return {
		info: {
			...info,
			geometry,
			model,
			classes: countClasses(labels, classes),
			modelFile: { location: '', key: 'model' },
		},
		loaded: {
			head: fakeHead(),
			branches,
			taps,
			labels,
			model: { key: 'model', name: 'model.onnx', load: async () => new Uint8Array() },
		},
		taps,
	};
}
