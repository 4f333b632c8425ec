import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { decode as decodeWithFastPng } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { decodeLabelPng, encodePalettePng, encodeRgbPng } from '../../../../src/core/image/palettePng';
import { maskThumbnail } from '../../../../src/core/image/thumbnail';
import { InspectorError } from '../../../../src/core/problem';
import { decoder, readFixture, readPixels } from './pictures';

const colors = [
	[0, 0, 0],
	[128, 0, 0],
	[0, 128, 0],
] as const;

const masks = fc
	.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
	.chain(([width, height]) =>
		fc
			.uint8Array({ minLength: width * height, maxLength: width * height })
			.map((labels) => ({ width, height, labels })),
	);

describe('encodePalettePng', () => {
	it('writes indices and colours that another decoder reads', () => {
		const labels = Uint8Array.from([0, 1, 2, 255, 3, 1]);
		const png = decodeWithFastPng(encodePalettePng(labels, 3, 2, colors), { checkCrc: true });
		expect([png.width, png.height, png.depth, png.channels]).toEqual([3, 2, 8, 1]);
		expect([...png.data]).toEqual([...labels]);
		expect(png.palette).toHaveLength(256);
		expect(png.palette!.slice(0, 4)).toEqual([...colors, [0, 0, 0]]);
		expect(png.palette![255]).toEqual([224, 224, 192]);
	});

	it('and its reader agree on any mask', () => {
		fc.assert(
			fc.property(masks, ({ width, height, labels }) => {
				expect(decodeLabelPng(encodePalettePng(labels, width, height, colors))).toEqual({ width, height, labels });
			}),
		);
	});
});

describe('encodeRgbPng', () => {
	it('writes what another decoder reads', () => {
		const { width, height, rgb } = readPixels('rgb-8-png.npy');
		const png = decodeWithFastPng(encodeRgbPng(rgb, width, height), { checkCrc: true });
		expect([png.width, png.height, png.channels]).toEqual([width, height, 3]);
		expect([...png.data]).toEqual([...rgb]);
	});
});

describe('decodeLabelPng', () => {
	it('reads indices, not colours, at every depth', async () => {
		for (const depth of [1, 2, 4, 8]) {
			const top = 2 ** depth - 1;
			const grey = await decoder.decode('grey', readFixture(`grey-${depth}.png`));
			const expected = Uint8Array.from({ length: 37 * 23 }, (_, i) => Math.round((grey.rgb[i * 3]! * top) / 255));
			for (const file of [`grey-${depth}.png`, `palette-${depth}.png`, `palette-${depth}-interlaced.png`]) {
				expect(decodeLabelPng(readFixture(file)).labels).toEqual(expected);
			}
		}
	});

	it('refuses what is no mask', () => {
		const code = (bytes: Uint8Array) => {
			try {
				decodeLabelPng(bytes);
			} catch (error) {
				return error instanceof InspectorError ? error.problem.code : error;
			}
			return undefined;
		};
		expect(code(readFixture('rgb-8.png'))).toBe('picture.unsupported');
		expect(code(readFixture('grey-16.png'))).toBe('picture.unsupported');
		expect(code(readFixture('plain.gif'))).toBe('picture.notAPicture');
		expect(code(readFixture('palette-8.png').subarray(0, 900))).toBe('picture.damaged');
	});

	const reference = path.resolve('../shared/models/reference/voc-val-labels');
	it.skipIf(!existsSync(reference))('reads the reference masks: 21 classes at most', () => {
		for (const file of readdirSync(reference)) {
			const { width, height, labels } = decodeLabelPng(new Uint8Array(readFileSync(path.join(reference, file))));
			expect(labels).toHaveLength(width * height);
			expect(labels.every((label) => label < 21)).toBe(true);
		}
	});
});

describe('maskThumbnail', () => {
	it('keeps the aspect, and leaves what is background as it is', () => {
		const rgb = new Uint8Array(200 * 100 * 3).fill(100);
		const labels = new Uint8Array(200 * 100);
		labels.fill(1, 0, 200 * 50);
		labels.fill(255, 200 * 75);
		const small = maskThumbnail(rgb, labels, 200, 100, colors, 50, 0.5);
		expect([small.width, small.height, small.rgb.length]).toEqual([50, 25, 50 * 25 * 3]);
		expect([...small.rgb.subarray(0, 3)]).toEqual([114, 50, 50]);
		expect([...small.rgb.subarray(-3)]).toEqual([100, 100, 100]);
	});

	it('does not change the picture it is made of, nor enlarge it', () => {
		const rgb = new Uint8Array(2 * 1 * 3).fill(100);
		const small = maskThumbnail(rgb, Uint8Array.of(1, 0), 2, 1, colors);
		expect([small.width, small.height]).toEqual([2, 1]);
		expect(rgb.every((value) => value === 100)).toBe(true);
		expect(small.rgb[0]).toBe(Math.round(100 * 0.4 + 128 * 0.6));
	});
});
