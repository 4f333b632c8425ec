import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfusionMatrix } from '../../../../src/core/metrics/confusion';

describe('ConfusionMatrix', () => {
	it('gives the figures of a case counted by hand', () => {
		const matrix = new ConfusionMatrix(4, 255);
		matrix.add(Uint8Array.from([0, 0, 0, 0, 1, 1, 255, 255]), Uint8Array.from([0, 0, 0, 1, 1, 2, 1, 3]));
		expect(matrix.pixelAccuracy()).toBeCloseTo(4 / 6, 12);
		// 0: 3 of 4; 1: 1 of 3; 2 and 3 are not in the ground truth.
		expect(matrix.classIoU()).toEqual([0.75, 1 / 3, undefined, undefined]);
		expect(matrix.meanIoU()).toBeCloseTo((0.75 + 1 / 3) / 2, 12);
	});

	it('pools: the same pixels in parts or at once give the same matrix', () => {
		const pixels = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 255), fc.integer({ min: 0, max: 2 })), { minLength: 1 });
		fc.assert(
			fc.property(pixels, fc.nat(), (pairs, at) => {
				const cut = at % pairs.length;
				const once = new ConfusionMatrix(3, 255);
				const parts = new ConfusionMatrix(3, 255);
				const add = (matrix: ConfusionMatrix, part: typeof pairs) =>
					matrix.add(
						Uint8Array.from(part, ([t]) => t),
						Uint8Array.from(part, ([, p]) => p),
					);
				add(once, pairs);
				add(parts, pairs.slice(0, cut));
				add(parts, pairs.slice(cut));
				expect(parts.counts).toEqual(once.counts);
			}),
		);
	});

	it('refuses what does not fit, and stays as it was', () => {
		const matrix = new ConfusionMatrix(2, 255);
		expect(() => matrix.add(new Uint8Array(3), new Uint8Array(4))).toThrow(RangeError);
		expect(() => matrix.add(Uint8Array.from([0, 1]), Uint8Array.from([0, 2]))).toThrow(RangeError);
		expect(matrix.counts).toEqual(new Float64Array(4));
	});
});
