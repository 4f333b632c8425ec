import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createPictureDecoder } from '../../../../src/core/image/decode';
import { sniffPicture } from '../../../../src/core/image/sniff';
import { InspectorError, type Problem } from '../../../../src/core/problem';
import { decoder, fixtures, largestDifference, loadAsset, readFixture, readPixels } from './pictures';

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
	try {
		await promise;
	} catch (error) {
		if (error instanceof InspectorError) {
			return error.problem;
		}
		throw error;
	}
	throw new Error('no problem was thrown');
}

function formatOf(file: string): string {
	const extension = file.slice(file.lastIndexOf('.') + 1);
	return extension === 'jpg' ? 'jpeg' : extension;
}

function crc32(bytes: Uint8Array): number {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) {
			crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
		}
	}
	return ~crc >>> 0;
}

function chunk(type: string, data: Uint8Array): Buffer {
	const head = Buffer.alloc(8);
	head.writeUInt32BE(data.length);
	head.write(type, 4, 'latin1');
	const sum = Buffer.alloc(4);
	sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), data])));
	return Buffer.concat([head, data, sum]);
}

/** An 8-bit RGB PNG with whatever image data. */
function png(width: number, height: number, imageData: Uint8Array): Uint8Array {
	const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
	header.writeUInt32BE(width);
	header.writeUInt32BE(height, 4);
	const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
	const chunks = [chunk('IHDR', header), chunk('IDAT', imageData), chunk('IEND', new Uint8Array(0))];
	return new Uint8Array(Buffer.concat([signature, ...chunks]));
}

describe('decoding', () => {
	it.each(fixtures)('$file is as Pillow and the specification have it', async ({ file, expected, tolerance }) => {
		const picture = await decoder.decode(file, readFixture(file));
		const { width, height, rgb } = readPixels(expected);
		expect({ format: picture.format, width: picture.width, height: picture.height }).toEqual({
			format: formatOf(file),
			width,
			height,
		});
		expect(largestDifference(picture.rgb, rgb)).toBeLessThanOrEqual(tolerance);
	});

	it('turns a picture once, whatever its orientation', async () => {
		const plain = await decoder.decode('1', readFixture('orientation-1.jpg'));
		for (let orientation = 2; orientation <= 8; orientation++) {
			const turned = await decoder.decode(`${orientation}`, readFixture(`orientation-${orientation}.jpg`));
			const isSwapped = orientation >= 5;
			expect([turned.width, turned.height]).toEqual(
				isSwapped ? [plain.height, plain.width] : [plain.width, plain.height],
			);
		}
	});

	it('leaves the bytes as they are', async () => {
		for (const file of ['baseline-420.jpg', 'cmyk.jpg', 'lossy.webp', 'rgb-8.png', 'plain.gif', 'rgb-24.bmp']) {
			const bytes = readFixture(file);
			const before = bytes.slice();
			await decoder.decode(file, bytes);
			expect(bytes).toEqual(before);
		}
	});

	it('reads a picture that is a part of a larger buffer', async () => {
		for (const { file, expected, tolerance } of fixtures) {
			const bytes = readFixture(file);
			const larger = new Uint8Array(bytes.length + 26).fill(0xff);
			larger.set(bytes, 13);
			const picture = await decoder.decode(file, larger.subarray(13, 13 + bytes.length));
			expect(largestDifference(picture.rgb, readPixels(expected).rgb)).toBeLessThanOrEqual(tolerance);
		}
	});

	it('asks for a codec once, also for pictures decoded at the same time', async () => {
		const asked: string[] = [];
		const counting = createPictureDecoder((file) => {
			asked.push(file);
			return loadAsset(file);
		});
		await counting.decode('a', readFixture('rgb-8.png'));
		expect(asked).toEqual([]);
		const files = ['grey.jpg', 'progressive.jpg', 'lossy.webp', 'lossless.webp'];
		await Promise.all(files.map((file) => counting.decode(file, readFixture(file))));
		expect(asked.sort()).toEqual(['mozjpeg_dec.wasm', 'webp_dec.wasm']);
	});
});

describe('what is refused', () => {
	it('an empty file, and one that is no picture', async () => {
		expect(await problemOf(decoder.decode('a.png', new Uint8Array(0)))).toEqual({
			code: 'picture.empty',
			name: 'a.png',
		});
		for (const text of ['hello', 'BMW is a car maker from Munich', '%PDF-1.7', 'GIF', '<svg></svg>']) {
			expect(await problemOf(decoder.decode('a.png', new TextEncoder().encode(text)))).toEqual({
				code: 'picture.notAPicture',
				name: 'a.png',
			});
		}
	});

	it('a picture over the limit, from its header alone', { retry: 2 }, async () => {
		const started = performance.now();
		const problem = await problemOf(decoder.decode('a.png', png(20000, 20000, new Uint8Array(10))));
		expect(problem).toEqual({
			code: 'picture.tooLarge',
			name: 'a.png',
			width: 20000,
			height: 20000,
			limitMegapixels: 64,
		});
		expect(performance.now() - started).toBeLessThan(50);
	});

	it('an animated WebP, a run-length encoded BMP and an arithmetic-coded JPEG are named as such', async () => {
		const bmp = readFixture('palette-8.bmp');
		bmp[30] = 1;
		const jpeg = readFixture('baseline-444.jpg');
		const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
		jpeg[frame + 1] = 0xc9;
		for (const bytes of [readFixture('animated.webp'), bmp, jpeg]) {
			expect((await problemOf(decoder.decode('a', bytes))).code).toBe('picture.unsupported');
		}
	});

	it('a PNG whose data unpacks to more than its size, without unpacking it all', async () => {
		const bomb = deflateSync(Buffer.alloc(300_000_000));
		const before = process.memoryUsage().rss;
		const problem = await problemOf(decoder.decode('a.png', png(1000, 300, bomb)));
		expect(problem).toMatchObject({ code: 'picture.damaged', format: 'png' });
		expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
	});

	it('files that tell a huge size and hold next to nothing, at once', async () => {
		const jpeg = readFixture('baseline-420.jpg');
		const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
		jpeg.set([0x1f, 0x00, 0x1f, 0x00], frame + 5);
		const gif = readFixture('plain.gif');
		const descriptor = gif.indexOf(0x2c, 13 + (3 << ((gif[10]! & 7) + 1)));
		expect([...gif.subarray(descriptor + 5, descriptor + 9)]).toEqual([37, 0, 23, 0]);
		const large = [0x40, 0x1f, 0x40, 0x1f];
		gif.set(large, 6);
		gif.set(large, descriptor + 5);
		const bmp = readFixture('rgb-24.bmp');
		bmp.set([0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0], 18);
		const started = performance.now();
		for (const bytes of [jpeg, gif, bmp, png(8000, 8000, deflateSync(new Uint8Array(10)))]) {
			expect((await problemOf(decoder.decode('a', bytes))).code).toBe('picture.damaged');
		}
		expect(performance.now() - started).toBeLessThan(1000);
	});

	it('a PNG whose pixels fail their checksum', async () => {
		const bytes = readFixture('rgb-8.png');
		bytes[60]! ^= 4;
		expect((await problemOf(decoder.decode('a.png', bytes))).code).toBe('picture.damaged');
	});

	it('a JPEG whose data breaks off although its end marker is there', async () => {
		for (const file of ['baseline-444.jpg', 'baseline-420.jpg', 'cmyk.jpg']) {
			const bytes = readFixture(file);
			const cut = Uint8Array.from([...bytes.subarray(0, bytes.length - 150), 0xff, 0xd9]);
			expect(await problemOf(decoder.decode(file, cut))).toMatchObject({ code: 'picture.damaged', format: 'jpeg' });
		}
	});

	it('nothing after a failure: the next picture decodes', async () => {
		const own = createPictureDecoder(loadAsset);
		for (const file of ['baseline-444.jpg', 'progressive.jpg', 'cmyk.jpg', 'lossy.webp', 'lossless.webp']) {
			const bytes = readFixture(file);
			const broken = bytes.slice();
			broken.fill(0xaa, 40, bytes.length - 10);
			const problem = await problemOf(own.decode(file, broken));
			expect(problem.code).toMatch(/^picture\./);
			const { rgb } = readPixels(fixtures.find((fixture) => fixture.file === file)!.expected);
			expect(largestDifference((await own.decode(file, bytes)).rgb, rgb)).toBeLessThanOrEqual(3);
		}
	});

	it('a codec that does not load says so, and is tried again', async () => {
		let loads = 0;
		const flaky = createPictureDecoder(async (file) => {
			loads++;
			if (loads === 1) {
				throw new Error('no such file');
			}
			return loads === 2 ? new Uint8Array([1, 2, 3]) : loadAsset(file);
		});
		const bytes = readFixture('grey.jpg');
		for (let i = 0; i < 2; i++) {
			expect((await problemOf(flaky.decode('grey.jpg', bytes))).code).toBe('runtime.unavailable');
		}
		expect((await flaky.decode('grey.jpg', bytes)).width).toBe(37);
	});
});

describe('sniffPicture', () => {
	it.each(fixtures)('tells format and stored size of $file', ({ file, expected }) => {
		const { width, height } = readPixels(expected);
		const turned = /orientation-[5678]/.test(file);
		expect(sniffPicture(readFixture(file))).toEqual({
			format: formatOf(file),
			width: turned ? height : width,
			height: turned ? width : height,
		});
	});

	it('tells the format of a cut header, with no size', () => {
		for (const file of ['rgb-8.png', 'baseline-420.jpg', 'lossy.webp', 'lossless.webp', 'plain.gif', 'rgb-24.bmp']) {
			const cut = readFixture(file).subarray(0, file.endsWith('gif') ? 8 : 17);
			expect(sniffPicture(cut)).toEqual({ format: formatOf(file), width: 0, height: 0 });
		}
	});

	it('uses no globals of Node in what it bundles', () => {
		for (const file of ['decode', 'png', 'gif', 'bmp', 'webp', 'jpeg', 'wasmCodec']) {
			expect(readFileSync(`src/core/image/${file}.ts`, 'utf8')).not.toMatch(/\bBuffer\b|node:|\bfetch\(/);
		}
	});
});
