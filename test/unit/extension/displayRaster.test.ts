import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayStepFor, reduceRaster } from '../../../src/extension/inspector/displayRaster';

describe('displayStepFor', () => {
	test('is 1 up to 16 megapixels', () => {
		expect(displayStepFor(4000, 4000)).toBe(1);
		expect(displayStepFor(4001, 4000)).toBe(2);
		expect(displayStepFor(1, 4000)).toBe(1);
	});

	test('is the smallest that fits', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 30_000 }), (width, height) => {
				const pixels = (step: number) => Math.ceil(width / step) * Math.ceil(height / step);
				const step = displayStepFor(width, height);
				expect(pixels(step)).toBeLessThanOrEqual(16_000_000);
				expect(step === 1 || pixels(step - 1) > 16_000_000).toBe(true);
			}),
		);
	});
});

describe('reduceRaster', () => {
	test('step 1 is the picture itself', async () => {
		const rgb = new Uint8Array(6);
		const labels = new Uint8Array(2);
		const raster = await reduceRaster(rgb, labels, 2, 1, 1);
		expect(raster.rgb).toBe(rgb);
		expect(raster.labels).toBe(labels);
	});

	test('colours are block means, labels the middle pixel’s, and the edge’s blocks are cut', async () => {
		// 3 x 3, step 2: blocks of 4, 2, 2 and 1 pixels.
		const red = [0, 100, 10, 100, 200, 30, 50, 70, 9];
		const rgb = Uint8Array.from(red.flatMap((value) => [value, 255 - value, 7]));
		const labels = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
		const raster = await reduceRaster(rgb, labels, 3, 3, 2);
		expect([raster.width, raster.height]).toEqual([2, 2]);
		expect([...raster.rgb]).toEqual([100, 155, 7, 20, 235, 7, 60, 195, 7, 9, 246, 7]);
		expect([...raster.labels]).toEqual([5, 6, 8, 9]);
	});

	test('no colour and no label is made up', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 20 }),
				fc.integer({ min: 1, max: 20 }),
				fc.integer({ min: 1, max: 25 }),
				fc.integer({ min: 0, max: 255 }),
				async (width, height, step, value) => {
					const rgb = new Uint8Array(width * height * 3).fill(value);
					const labels = new Uint8Array(width * height).fill(value);
					const raster = await reduceRaster(rgb, labels, width, height, step);
					expect(raster.rgb.length).toBe(raster.width * raster.height * 3);
					expect(raster.rgb.every((each) => each === value)).toBe(true);
					expect(raster.labels.every((each) => each === value)).toBe(true);
				},
			),
		);
	});
});
