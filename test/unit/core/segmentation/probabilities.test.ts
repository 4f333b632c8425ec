import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMap, Geometry } from '../../../../src/core/run';
import { probabilitiesAt, topClassesAt } from '../../../../src/core/segmentation/probabilities';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';

const geometry: Geometry = {
	pictureWidth: 23,
	pictureHeight: 31,
	resizedWidth: 12,
	resizedHeight: 16,
	inputWidth: 17,
	inputHeight: 17,
	gridWidth: 3,
	gridHeight: 3,
	alignCorners: true,
};

const maps = fc
	.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 45, maxLength: 45 })
	.map((values): FeatureMap => ({ channels: 5, height: 3, width: 3, data: Float32Array.from(values) }));
const columns = fc.integer({ min: 0, max: 22 });
const rows = fc.integer({ min: 0, max: 30 });

describe('probabilitiesAt', () => {
	it('is a distribution whatever the logits', () => {
		fc.assert(
			fc.property(maps, columns, rows, (logits, x, y) => {
				const probabilities = probabilitiesAt(logits, geometry, x, y);
				expect(probabilities.length).toBe(5);
				expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
				expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
			}),
		);
	});

	it('is the softmax of the logits on a grid point', () => {
		const data = Float32Array.from([1, 0, 2, 0, 3, 0].flatMap((v) => [v, v]).slice(0, 12));
		const logits = { channels: 3, height: 2, width: 2, data };
		const corner = { ...geometry, gridWidth: 2, gridHeight: 2, pictureWidth: 12, pictureHeight: 16 };
		const exp = [data[0]!, data[4]!, data[8]!].map(Math.exp);
		const sum = exp.reduce((a, b) => a + b);
		const probabilities = probabilitiesAt(logits, corner, 0, 0);
		for (const [i, value] of exp.entries()) {
			expect(probabilities[i]).toBeCloseTo(value / sum, 6);
		}
	});
});

describe('topClassesAt', () => {
	it('names the mask’s class first, then the runner-up', () => {
		fc.assert(
			fc.property(maps, columns, rows, (logits, x, y) => {
				const label = upsampleLabels(logits, geometry)[y * geometry.pictureWidth + x];
				const [first, second, ...more] = topClassesAt(logits, geometry, x, y, 2);
				expect(more).toEqual([]);
				expect(first!.label).toBe(label);
				expect(second!.logit).toBeLessThanOrEqual(first!.logit);
				expect(second!.probability).toBeLessThanOrEqual(first!.probability);
			}),
		);
	});

	it('gives every class where more are asked for than there are', () => {
		const logits = { channels: 2, height: 3, width: 3, data: new Float32Array(18) };
		expect(topClassesAt(logits, geometry, 4, 4, 9).map(({ label, probability }) => [label, probability])).toEqual([
			[0, 0.5],
			[1, 0.5],
		]);
	});
});
