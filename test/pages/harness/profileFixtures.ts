/** A profile of the run of chelsea.png, of the bundled network's form. */
import type { OperatorTime, RunProfile } from '../../../src/shared/protocol/profile';

/** Milliseconds of the network that are in no operator. */
const rest = 9;

export const profile: RunProfile = profileOf(operators());

function profileOf(timed: readonly OperatorTime[]): RunProfile {
	const network = timed.reduce((sum, { milliseconds }) => sum + milliseconds, 0) + rest;
	return {
		version: 1,
		pictureName: 'chelsea.png',
		modelName: 'DeepLabv2 MobileNetV2',
		createdAt: 1_700_000_000_000,
		backend: { name: 'wasm', threads: 2 },
		pictureSize: [300, 451],
		inputSize: [305, 457],
		stages: [
			{ stage: 'decode', milliseconds: 18 },
			{ stage: 'model', milliseconds: 84 },
			{ stage: 'network', milliseconds: network },
			{ stage: 'upsample', milliseconds: 3.4 },
			{ stage: 'draw', milliseconds: 11 },
		],
		operators: timed,
		passes: 5,
		profiledMilliseconds: network,
		plainMilliseconds: network / 1.08,
		memory: { kind: 'wasmHeap', bytes: 103.4e6 },
	};
}

function operators(): readonly OperatorTime[] {
	const all: OperatorTime[] = [];
	let start = 0.2;
	const add = (path: readonly string[], opType: string, milliseconds: number, shape: readonly number[]) => {
		all.push({ path, opType, outputShape: [1, ...shape], start, milliseconds });
		start += milliseconds + 0.05;
	};
	add(['backbone', 'stem', 'conv'], 'FusedConv', 4.2, [32, 153, 229]);
	for (let block = 0; block < 17; block++) {
		const grid = block < 1 ? [153, 229] : block < 3 ? [77, 115] : [39, 58];
		const weight = block < 3 ? 5 - block : 1 + block / 6;
		if (block > 0) {
			add(['backbone', `block${block}`, 'expand'], 'FusedConv', 1.6 * weight, [96 + 24 * block, ...grid]);
		}
		add(['backbone', `block${block}`, 'depthwise'], 'FusedConv', 0.9 * weight, [96 + 24 * block, ...grid]);
		add(['backbone', `block${block}`, 'project'], 'Conv', 1.1 * weight, [16 + 8 * block, ...grid]);
		if (block % 3 === 2) {
			add(['backbone', `block${block}`, 'add'], 'Add', 0.08, [16 + 8 * block, ...grid]);
		}
	}
	add(['neck', '0'], 'FusedConv', 5, [320, 39, 58]);
	for (const [index, rate] of [24, 18, 12, 6].entries()) {
		add(['aspp', String(rate)], 'Conv', 12 + index * 1.5, [21, 39, 58]);
	}
	add(['logits'], 'Sum', 0.2, [21, 39, 58]);
	return all;
}
