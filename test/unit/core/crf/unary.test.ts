import { expect, it } from 'vitest';
import { unaryFromLabels, unaryFromLogits, unaryFromProbabilities } from '../../../../src/core/crf/unary';
import { InspectorError } from '../../../../src/core/problem';
import { probabilitiesAt } from '../../../../src/core/segmentation/probabilities';

it('clips probabilities', () => {
	const unary = unaryFromProbabilities(Float32Array.of(1, 0.5, 0, 1e-9, 1.5));
	expect([...unary].map((value) => value.toFixed(4))).toEqual(['0.0000', '0.6931', '11.5129', '11.5129', '0.0000']);
});

it('takes labels for classes, and refuses those that are none', () => {
	expect(unaryFromLabels([0, 1], 2, 0.8, false)[0]).toBeCloseTo(-Math.log(0.8), 6);
	expect(() => unaryFromLabels([3], 2, 0.8)).toThrow(InspectorError);
	expect(() => unaryFromLabels([-1], 2, 0.8, false)).toThrow(InspectorError);
	expect(() => unaryFromLabels([1], 2, 1)).toThrow(InspectorError);
});

it.each([true, false])('interpolates logits as the mask does (align corners %s)', (alignCorners) => {
	const geometry = {
		pictureWidth: 37,
		pictureHeight: 23,
		resizedWidth: 40,
		resizedHeight: 25,
		inputWidth: 41,
		inputHeight: 33,
		gridWidth: 6,
		gridHeight: 5,
		alignCorners,
	};
	const data = Float32Array.from({ length: 7 * 30 }, (_, i) => 14 * Math.sin(i * 12.9898));
	const logits = { channels: 7, height: 5, width: 6, data };
	const unary = unaryFromLogits(logits, geometry);
	for (let y = 0; y < 23; y++) {
		for (let x = 0; x < 37; x++) {
			const expected = unaryFromProbabilities(probabilitiesAt(logits, geometry, x, y));
			for (let c = 0; c < 7; c++) {
				expect(Math.abs(unary[c * 23 * 37 + y * 37 + x]! - expected[c]!)).toBeLessThan(2e-5);
			}
		}
	}
});
