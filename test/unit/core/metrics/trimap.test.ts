import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { squaredDistances } from '../../../../src/core/metrics/distance';
import { TrimapCurve } from '../../../../src/core/metrics/trimap';

const pictures = fc
	.record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
	.chain(({ width, height }) =>
		fc.record({
			width: fc.constant(width),
			height: fc.constant(height),
			marked: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 }),
		}),
	);

describe('squaredDistances', () => {
	it('is the nearest of all marked pixels, tried one by one', () => {
		fc.assert(
			fc.property(pictures, ({ width, height, marked }) => {
				const found = squaredDistances(marked, width, height);
				for (let i = 0; i < marked.length; i++) {
					let nearest = Number.POSITIVE_INFINITY;
					for (let j = 0; j < marked.length; j++) {
						if (marked[j] === 1) {
							const dx = (i % width) - (j % width);
							const dy = Math.floor(i / width) - Math.floor(j / width);
							nearest = Math.min(nearest, dx * dx + dy * dy);
						}
					}
					expect(found[i]).toBe(nearest);
				}
			}),
		);
	});
});

describe('TrimapCurve', () => {
	it('gives the figures of a case counted by hand', () => {
		// One row: void in the middle, class 0 left and class 1 right of it; the mask puts the border two pixels too far left.
		const truth = Uint8Array.from([0, 0, 0, 0, 255, 1, 1, 1, 1]);
		const predicted = Uint8Array.from([0, 0, 1, 1, 1, 1, 1, 1, 1]);
		const curve = new TrimapCurve(2, 255, 4);
		curve.add(truth, predicted, 9, 1);
		const [one, two, three, four] = curve.meanIoU();
		// Width 1: class 0 has one pixel, wrong; class 1 one, right, and one too many.
		expect(one).toBeCloseTo((0 + 1 / 2) / 2, 12);
		expect(two).toBeCloseTo((0 + 2 / 4) / 2, 12);
		expect(three).toBeCloseTo((1 / 3 + 3 / 5) / 2, 12);
		expect(four).toBeCloseTo((2 / 4 + 4 / 6) / 2, 12);
	});

	it('has no figure without void pixels, and none is right of nothing', () => {
		const curve = new TrimapCurve(2, 255, 2);
		curve.add(Uint8Array.from([0, 1]), Uint8Array.from([0, 1]), 2, 1);
		expect(curve.meanIoU()).toEqual([Number.NaN, Number.NaN]);
		expect(() => curve.add(new Uint8Array(3), new Uint8Array(3), 2, 1)).toThrow(RangeError);
	});

	it('is the whole picture’s mean IoU once the band covers it', () => {
		const truth = Uint8Array.from([0, 0, 1, 255, 1, 0]);
		const predicted = Uint8Array.from([0, 1, 1, 0, 0, 0]);
		const curve = new TrimapCurve(2, 255, 5);
		curve.add(truth, predicted, 6, 1);
		expect(curve.meanIoU().at(-1)).toBeCloseTo((2 / 4 + 1 / 3) / 2, 12);
	});
});
