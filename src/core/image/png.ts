import { readOrientation } from './exif';
import { damaged } from './fault';
import { blendWhite, type DecodedPixels } from './pixels';
import { type PngChunks, pngColor, readPngChunks } from './pngChunks';
import { readBits, readPngRows } from './pngRows';

/**
 * Decodes a PNG of any colour type, depth and interlacing to 8-bit RGB over white. An APNG gives its default image.
 *
 * Built on fflate alone: no package at hand reads interlaced pictures under 8 bits, stops a stream that
 * unpacks to more than the picture, and refuses one that unpacks to less.
 * @throws PictureFault
 */
export function decodePng(bytes: Uint8Array): DecodedPixels {
	const chunks = readPngChunks(bytes);
	const { width, height } = chunks.header;
	const { rows, rowBytes } = readPngRows(chunks);
	return {
		width,
		height,
		rgb: expand(chunks, rows, rowBytes),
		orientation: chunks.exif ? readOrientation(chunks.exif) : 1,
	};
}

/** To RGB; alpha over white. */
function expand(chunks: PngChunks, rows: Uint8Array, rowBytes: number): Uint8Array {
	const { width, height, depth, colorType } = chunks.header;
	const pixels = width * height;
	const rgb = new Uint8Array(pixels * 3);
	switch (colorType) {
		case pngColor.rgb:
			if (depth === 8 && !chunks.transparency) {
				return rows;
			}
			expandSamples(chunks, rows, rgb, 3, 3);
			return rgb;
		case pngColor.rgbAlpha:
			expandSamples(chunks, rows, rgb, 4, 3);
			return rgb;
		case pngColor.greyAlpha:
			expandSamples(chunks, rows, rgb, 2, 1);
			return rgb;
		case pngColor.grey:
		case pngColor.palette: {
			if (depth === 16) {
				expandSamples(chunks, rows, rgb, 1, 1);
				return rgb;
			}
			const table = colorType === pngColor.palette ? paletteTable(chunks) : greyTable(chunks);
			const colors = table.length / 3;
			for (let y = 0, to = 0; y < height; y++) {
				for (let x = 0; x < width; x++, to += 3) {
					const value = depth === 8 ? rows[y * rowBytes + x]! : readBits(rows, y * rowBytes, x, depth);
					if (value >= colors) {
						throw damaged('a pixel has a colour that is not in the palette');
					}
					rgb[to] = table[value * 3]!;
					rgb[to + 1] = table[value * 3 + 1]!;
					rgb[to + 2] = table[value * 3 + 2]!;
				}
			}
			return rgb;
		}
	}
}

/** Whole samples of 8 or 16 bits: `channels` a pixel, of which the first `colors` (1 or 3) are colour. */
function expandSamples(
	{ header, transparency }: PngChunks,
	rows: Uint8Array,
	rgb: Uint8Array,
	channels: number,
	colors: 1 | 3,
): void {
	const wide = header.depth === 16;
	const pixels = header.width * header.height;
	const read = wide
		? (index: number) => (rows[index * 2]! << 8) | rows[index * 2 + 1]!
		: (index: number) => rows[index]!;
	// 65535 = 257 * 255, so this is v * 255 / 65535 to the nearest.
	const narrow = wide ? (value: number) => ((value + 128) / 257) | 0 : (value: number) => value;
	// tRNS of grey and RGB names one colour, at full depth, that is see-through.
	const clear = channels === colors && transparency && transparency.length >= colors * 2 ? transparency : undefined;
	for (let pixel = 0; pixel < pixels; pixel++) {
		const first = pixel * channels;
		let alpha = channels > colors ? narrow(read(first + colors)) : 255;
		if (clear) {
			let same = true;
			for (let i = 0; i < colors; i++) {
				same &&= read(first + i) === ((clear[i * 2]! << 8) | clear[i * 2 + 1]!);
			}
			alpha = same ? 0 : 255;
		}
		for (let i = 0; i < 3; i++) {
			const value = narrow(read(first + (colors === 1 ? 0 : i)));
			rgb[pixel * 3 + i] = alpha === 255 ? value : blendWhite(value, alpha);
		}
	}
}

function greyTable({ header: { depth }, transparency }: PngChunks): Uint8Array {
	const count = 1 << depth;
	const table = new Uint8Array(count * 3);
	for (let value = 0; value < count; value++) {
		table.fill((value * 255) / (count - 1), value * 3, value * 3 + 3);
	}
	const clear = transparency && transparency.length >= 2 ? (transparency[0]! << 8) | transparency[1]! : -1;
	if (clear >= 0 && clear < count) {
		table.fill(255, clear * 3, clear * 3 + 3);
	}
	return table;
}

function paletteTable({ palette, transparency }: PngChunks): Uint8Array {
	if (!palette || palette.length < 3) {
		throw damaged('its palette is missing');
	}
	const colors = Math.min(256, Math.floor(palette.length / 3));
	const table = new Uint8Array(colors * 3);
	for (let i = 0; i < table.length; i++) {
		table[i] = blendWhite(palette[i]!, transparency?.[Math.floor(i / 3)] ?? 255);
	}
	return table;
}
