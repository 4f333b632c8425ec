import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpy } from '../../../../src/core/checkpoint/npy';
import { prepareInput } from '../../../../src/core/image/prepare';
import { resizeRgb } from '../../../../src/core/image/resize';
import type { Preprocessing } from '../../../../src/core/model';
import { decoder, largestDifference, readPixels } from './pictures';

const shared = path.resolve('../shared');
const models = path.join(shared, 'models');

const bundled: Preprocessing = {
	channelOrder: 'RGB',
	mean: [128, 128, 128],
	std: [128, 128, 128],
	padValue: [127.5, 127.5, 127.5],
	longestSide: 513,
	padMultiple: 8,
	alignCorners: true,
};

describe('resizeRgb', () => {
	const original = readPixels('rgb-8-png.npy');

	it.each([
		[5, 7],
		[20, 23],
		[37, 10],
		[111, 46],
		[74, 5],
		[1, 1],
	])('to %i x %i gives the bytes that Pillow gives', (width, height) => {
		const expected = readPixels(`resized-${width}x${height}.npy`);
		const resized = resizeRgb(original.rgb, original.width, original.height, width, height);
		expect(largestDifference(resized, expected.rgb)).toBe(0);
	});

	it('keeps a picture of the same size, and a flat one flat', () => {
		expect(resizeRgb(original.rgb, 37, 23, 37, 23)).toBe(original.rgb);
		const side = fc.integer({ min: 1, max: 60 });
		fc.assert(
			fc.property(side, side, side, side, fc.integer({ min: 0, max: 255 }), (w, h, newW, newH, value) => {
				const resized = resizeRgb(new Uint8Array(w * h * 3).fill(value), w, h, newW, newH);
				expect(resized.length).toBe(newW * newH * 3);
				expect(resized.every((other) => other === value)).toBe(true);
			}),
		);
	});

	// Against a plain pass over the same bytes, as a time alone says little on a busy machine.
	it('reduces 12 megapixels in a few passes over memory', () => {
		const rgb = new Uint8Array(4000 * 3000 * 3).fill(7);
		const fastest = (work: () => void) =>
			Math.min(
				...[0, 1, 2, 3, 4].map(() => {
					const started = performance.now();
					work();
					return performance.now() - started;
				}),
			);
		let sum = 0;
		const pass = fastest(() => {
			for (let i = 0; i < rgb.length; i++) {
				sum = (sum + rgb[i]!) | 0;
			}
		});
		expect(sum).not.toBe(0);
		expect(fastest(() => resizeRgb(rgb, 4000, 3000, 513, 385)) / pass).toBeLessThan(10);
	});
});

describe('prepareInput', () => {
	const sizes = (width: number, height: number, longestSide?: number) =>
		prepareInput({ width, height, rgb: new Uint8Array(width * height * 3) }, bundled, longestSide).geometry;

	it.each([
		[1, 1, 1, 1, 1, 1],
		[451, 300, 451, 300, 457, 305],
		[513, 513, 513, 513, 513, 513],
		[514, 400, 513, 399, 513, 401],
		[1, 4000, 1, 513, 1, 513],
		[2, 9, 2, 9, 9, 9],
		[1026, 1000, 513, 500, 513, 505],
	])(
		'%i x %i becomes %i x %i inside %i x %i',
		(width, height, resizedWidth, resizedHeight, inputWidth, inputHeight) => {
			expect(sizes(width, height)).toEqual({
				pictureWidth: width,
				pictureHeight: height,
				resizedWidth,
				resizedHeight,
				inputWidth,
				inputHeight,
				alignCorners: true,
			});
		},
	);

	it('follows another longest side', () => {
		expect(sizes(451, 300, 321)).toMatchObject({ resizedWidth: 321, resizedHeight: 214, inputHeight: 217 });
	});

	it('lays channels out in planes, in the order that is asked for, normalised and padded', () => {
		const caffe: Preprocessing = {
			...bundled,
			channelOrder: 'BGR',
			mean: [104.008, 116.669, 122.675],
			std: [1, 2, 4],
			padValue: [104.008, 116.669, 255],
		};
		const rgb = Uint8Array.from([10, 20, 30, 40, 50, 60]);
		const { input } = prepareInput({ width: 2, height: 1, rgb }, caffe);
		const plane = (channel: number) => [...input.subarray(channel * 9, channel * 9 + 9)];
		const row = (values: readonly number[], padding: number) =>
			[...values, ...Array<number>(9 - values.length).fill(padding)].map(Math.fround);
		expect(plane(0)).toEqual(row([30 - 104.008, 60 - 104.008], 0));
		expect(plane(1)).toEqual(row([(20 - 116.669) / 2, (50 - 116.669) / 2], 0));
		expect(plane(2)).toEqual(row([(10 - 122.675) / 4, (40 - 122.675) / 4], (255 - 122.675) / 4));
	});

	it.skipIf(!existsSync(models))('makes of a picture the tensor that PyTorch was given', async () => {
		const bytes = new Uint8Array(readFileSync(path.join(shared, 'samples/chelsea.png')));
		const picture = await decoder.decode('chelsea.png', bytes);
		const { input } = prepareInput(picture, bundled);
		const reference = decodeNpy(new Uint8Array(readFileSync(path.join(models, 'reference/chelsea-305x457-input.npy'))));
		expect(reference.shape).toEqual([1, 3, 305, 457]);
		expect(largestDifference(input, reference.data as Float32Array)).toBeLessThan(1e-6);
	});
});
