import { describe, expect, it } from 'vitest';
import { crfGrid, defaultCrfResolution, gridPixel, pictureEntropy, pictureLabels } from '../../../../src/core/crf/grid';
import type { Geometry } from '../../../../src/core/run';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';

const geometry: Geometry = {
	pictureWidth: 8,
	pictureHeight: 4,
	resizedWidth: 4,
	resizedHeight: 2,
	inputWidth: 9,
	inputHeight: 9,
	gridWidth: 2,
	gridHeight: 2,
	alignCorners: true,
};

describe('defaultCrfResolution', () => {
	it.each([
		[1, 1, 'picture'],
		[1200, 1000, 'picture'],
		[1201, 1000, 'network'],
		[4000, 3000, 'network'],
	])('of %s x %s is the %s’s', (pictureWidth, pictureHeight, resolution) => {
		expect(defaultCrfResolution({ ...geometry, pictureWidth, pictureHeight })).toBe(resolution);
	});
});

describe('crfGrid', () => {
	it('at the picture’s resolution is the picture', () => {
		const grid = crfGrid(geometry, 'picture');
		expect([grid.width, grid.height, grid.isPicture]).toEqual([8, 4, true]);
		expect(grid.fromLogits).toEqual(geometry);
		expect(gridPixel(grid, 5, 3)).toBe(3 * 8 + 5);
	});

	it('at the network’s is the resized picture, over which logits lie as before', () => {
		const grid = crfGrid(geometry, 'network');
		expect([grid.width, grid.height, grid.isPicture]).toEqual([4, 2, false]);
		expect(grid.fromLogits).toEqual({ ...geometry, pictureWidth: 4, pictureHeight: 2 });
		expect([gridPixel(grid, 0, 0), gridPixel(grid, 7, 3), gridPixel(grid, 3, 2)]).toEqual([0, 7, 5]);
	});

	it('of a picture that the network sees as it is, is the picture at both', () => {
		const same = { ...geometry, resizedWidth: 8, resizedHeight: 4 };
		expect(crfGrid(same, 'network').isPicture).toBe(true);
	});
});

describe('back at the picture’s size', () => {
	const grid = crfGrid(geometry, 'network');

	it('labels are those of the interpolated Q', () => {
		const first = [0.9, 0.9, 0.2, 0.2, 0.9, 0.9, 0.2, 0.2];
		const q = Float32Array.from([...first, ...first.map((value) => 1 - value)]);
		const labels = pictureLabels(grid, q);
		expect(labels).toHaveLength(32);
		expect([...labels.subarray(0, 8)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
	});

	it('labels of many classes, most of them hopeless, are those of all', () => {
		const classes = 12;
		let state = 7;
		const random = () => {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			return state / 2 ** 32;
		};
		for (let round = 0; round < 50; round++) {
			const [wide, tall] = [9, 7];
			const large = crfGrid(
				{ ...geometry, pictureWidth: 30, pictureHeight: 17, resizedWidth: wide, resizedHeight: tall },
				'network',
			);
			const q = new Float32Array(classes * wide * tall);
			// From sharp to nearly even: the more even, the fewer classes can be left out.
			const sharpness = 0.1 + round / 6;
			const bias = Array.from({ length: classes }, () => random() * round * 0.3);
			for (let pixel = 0; pixel < wide * tall; pixel++) {
				const scores = bias.map((value) => Math.exp(value + sharpness * random()));
				const sum = scores.reduce((a, b) => a + b, 0);
				for (const [label, score] of scores.entries()) {
					q[label * wide * tall + pixel] = score / sum;
				}
			}
			const all = upsampleLabels({ channels: classes, height: tall, width: wide, data: q }, large.toPicture);
			expect(pictureLabels(large, q)).toEqual(all);
		}
	});

	it('entropies are bytes of log(classes), interpolated', () => {
		const flat = pictureEntropy(grid, new Float32Array(8).fill(Math.log(3)), 3);
		expect([...new Set(flat)]).toEqual([255]);
		const ramp = Float32Array.from([0, 0, 1, 1, 0, 0, 1, 1], (value) => value * Math.log(3));
		const row = [...pictureEntropy(grid, ramp, 3).subarray(0, 8)];
		expect(row.slice(0, 3)).toEqual([0, 0, 0]);
		expect(row[3]).toBe(64);
		expect(row[4]).toBe(191);
		expect(row.slice(5)).toEqual([255, 255, 255]);
	});

	it('entropies of one class are 0, and rounding does not overflow', () => {
		expect(Math.max(...pictureEntropy(grid, new Float32Array(8).fill(0), 1))).toBe(0);
		const picture = crfGrid(geometry, 'picture');
		expect(Math.max(...pictureEntropy(picture, new Float32Array(32).fill(1.0001 * Math.log(2)), 2))).toBe(255);
	});
});
