import { describe, expect, test } from 'vitest';
import { dominantBranches } from '../../../../src/core/aspp/dominance';
import { maskChanges } from '../../../../src/core/crf/changes';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { drawBranches } from '../../../../src/extension/aspp/asppDrawing';
import { crossingBytes } from '../../../../src/extension/aspp/crossing';
import { HeadState } from '../../../../src/extension/aspp/headState';
import { fakeHead, fakeRun, trainedRates } from './fakeHead';

/** A picture that fills the network's largest input, with the classes of VOC. */
function wholeSize() {
	const classes = 21;
	const grid = 65;
	const { info, loaded } = fakeRun();
	const geometry = {
		...info.geometry,
		pictureWidth: 513,
		pictureHeight: 513,
		resizedWidth: 513,
		resizedHeight: 513,
		inputWidth: 513,
		inputHeight: 513,
		gridWidth: grid,
		gridHeight: grid,
	};
	const branches = trainedRates.map((rate, branch) => ({
		rate,
		channels: classes,
		height: grid,
		width: grid,
		data: Float32Array.from({ length: classes * grid * grid }, (_, i) => Math.sin((i * (branch + 3)) / 50)),
	}));
	const held = { ...loaded, head: { ...fakeHead(false), classes }, branches, taps: undefined };
	const state = new HeadState({ ...info, geometry }, held);
	return { info: { ...info, geometry }, state, before: upsampleLabels(state.logits, geometry) };
}

/** A comparison entry by entry would take seconds. */
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b);

describe('what the Inspector is told of branches', () => {
	test('is nothing where they are as the network has them', () => {
		const { info, state, before } = wholeSize();
		const { branches, dominance, labels } = drawBranches(state, info, before, 1, false);
		expect([branches, dominance]).toEqual([undefined, undefined]);
		expect(labels).toBe(before);
	});

	test('is mask, counts and the branch that adds most, below a megabyte a change', () => {
		const { info, state, before } = wholeSize();
		state.setOn([true, false, true, true]);
		const { branches, dominance, labels } = drawBranches(state, info, before, 1, true);
		const expected = upsampleLabels(state.sum, info.geometry);
		expect(equal(labels, expected) && equal(branches!.labels, expected)).toBe(true);
		const { rates, changes, changedPixels, logits } = branches!;
		expect({ changes, changedPixels }).toEqual(maskChanges(before, expected));
		expect(rates).toEqual([1, 3, 5]);
		expect(logits).toBe(state.sum);
		const dominant = dominantBranches(state.branches, [true, false, true, true], expected, info.geometry);
		expect(equal(dominance!.branches, dominant.branches)).toBe(true);
		expect([dominance!.rates, dominance!.shares]).toEqual([trainedRates, dominant.shares]);
		const [mask, most, maps] = [branches, dominance, state.classMaps(3)].map(crossingBytes) as [number, number, number];
		console.log(`513 x 513, 21 classes: mask ${mask} bytes, which branch ${most}, maps of a class ${maps}`);
		expect(mask).toBeLessThan(700_000);
		expect(mask + most + maps).toBeLessThan(1_000_000);
	});
});

test('bytes that cross count arrays, texts and numbers', () => {
	expect(crossingBytes({ a: new Float32Array(10), b: 'four', c: [1, 2], d: null, e: true })).toBe(
		1 + 40 + 1 + 4 + 1 + (1 + 8 + 1 + 8) + 1 + 1 + 1 + 1,
	);
});
