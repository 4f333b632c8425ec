import { branchLogits, sumBranches } from '../../core/aspp/branches';
import type { AsppHead, TapMaps } from '../../core/aspp/types';
import { InspectorError } from '../../core/problem';
import type { BranchMap, FeatureMap, ModelFileNote, RunInfo, RunTensors } from '../../core/run';
import { upsampleLabels } from '../../core/segmentation/upsampleLabels';
import type { ModelHandle } from '../../worker/client/client';
import type { HeldHead } from './headState';

/** What reading a run's head needs of the rest of the host. */
export interface HeadLoadingServices {
	/** The model that a run was made with, by what it noted of it; without a note, the one that is set. */
	modelOfRun(note: ModelFileNote | undefined): Promise<ModelHandle>;
	readHead(model: ModelHandle, signal: AbortSignal): Promise<AsppHead>;
	tapMaps(model: ModelHandle, features: FeatureMap, signal: AbortSignal): Promise<TapMaps>;
	runHead(
		model: ModelHandle,
		features: FeatureMap,
		rates: readonly number[],
		signal: AbortSignal,
	): Promise<readonly (BranchMap | undefined)[]>;
	/** @throws InspectorError `run.notFound` */
	headTensors(): Promise<Pick<RunTensors, 'labels' | 'branches'>>;
	/** What the branches read. @throws InspectorError `run.notFound` */
	features(): Promise<FeatureMap>;
}

export interface LoadedHead extends HeldHead {
	readonly model: ModelHandle;
}

/** How far maps that are computed anew may be from those of the run, as a share of their magnitude. */
const tolerance = 1e-3;

/**
 * Reads the head of the model that a run was made with, and of a linear one its tap maps over the run's features. A
 * file that has been written since then is taken only where it gives what the run has.
 * @throws InspectorError `model.*` where the file is gone, has no ASPP head, or is another model by now (`model.changed`);
 *   `run.notFound`, `runtime.*`, `cancelled`
 */
export async function loadHead(info: RunInfo, services: HeadLoadingServices, signal: AbortSignal): Promise<LoadedHead> {
	const model = await services.modelOfRun(info.modelFile);
	const [head, { labels, branches: kept }, features] = await Promise.all([
		services.readHead(model, signal),
		services.headTensors(),
		services.features(),
	]);
	const changed = () => new InspectorError({ code: 'model.changed', name: model.name, pictureName: info.pictureName });
	const branches = head.branches.map(({ rate, output }): BranchMap => {
		const map = kept[info.model.branches.findIndex((each) => each.output === output)];
		if (!map || map.channels !== head.classes) {
			throw changed();
		}
		return { ...map, rate };
	});
	if (features.channels !== head.channels || branches.length !== kept.length) {
		throw changed();
	}
	const taps = head.linear ? await services.tapMaps(model, features, signal) : undefined;
	if (info.modelFile?.key !== model.key) {
		const rates = head.branches.map(({ rate }) => rate);
		const anew = taps
			? rates.map((rate, branch) => branchLogits(taps, branch, rate))
			: await services.runHead(model, features, rates, signal);
		if (!branches.every((map, branch) => agree(map.data, anew[branch]?.data ?? new Float32Array()))) {
			throw changed();
		}
	}
	return { model, head, branches, taps, labels: info.multiScale ? maskOf(branches, info) : labels };
}

/** The mask of the branches, which of a run of several scales are those of the full scale alone. */
function maskOf(branches: readonly BranchMap[], { geometry }: RunInfo): Uint8Array {
	const sum = sumBranches(
		branches,
		branches.map(() => true),
	);
	return upsampleLabels(sum, geometry);
}

/** Whether values are the same but for rounding. */
export function agree(expected: Float32Array, actual: Float32Array): boolean {
	let difference = 0;
	let magnitude = 0;
	for (let i = 0; i < expected.length; i++) {
		difference = Math.max(difference, Math.abs(expected[i]! - actual[i]!));
		magnitude = Math.max(magnitude, Math.abs(expected[i]!));
	}
	return expected.length === actual.length && difference <= tolerance * magnitude;
}
