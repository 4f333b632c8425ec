import { InspectorError } from '../problem';
import { PictureFault, unsupported } from './fault';
import { pngColor, readPngChunks, writePng } from './pngChunks';
import { readBits, readPngRows } from './pngRows';
import { sniffPicture } from './sniff';

type Color = readonly [red: number, green: number, blue: number];

/** What PASCAL VOC draws its ignored pixels with. */
const ignoreColor: Color = [224, 224, 192];

/**
 * Writes a mask as PASCAL VOC keeps its ground truth: an 8-bit palette PNG whose index is the label.
 * @param labels one a pixel, row by row
 * @param colors of the labels 0, 1, …; entries behind them are black
 * @param ignoreLabel gets VOC's colour for it, unless `colors` has one
 */
export function encodePalettePng(
	labels: Uint8Array,
	width: number,
	height: number,
	colors: readonly Color[],
	ignoreLabel = 255,
): Uint8Array {
	const palette = new Uint8Array(256 * 3);
	palette.set(ignoreColor, ignoreLabel * 3);
	palette.set(colors.slice(0, 256).flat());
	const rows = new Uint8Array((width + 1) * height);
	for (let y = 0; y < height; y++) {
		rows.set(labels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
	}
	const header = { width, height, depth: 8, colorType: pngColor.palette, interlaced: false };
	return writePng(header, rows, 6, palette);
}

/** Writes 3 bytes a pixel as an 8-bit RGB PNG. */
export function encodeRgbPng(rgb: Uint8Array, width: number, height: number): Uint8Array {
	const rowBytes = width * 3;
	const rows = new Uint8Array((rowBytes + 1) * height);
	for (let y = 0; y < height; y++) {
		const from = y * rowBytes;
		const to = y * (rowBytes + 1);
		// Filter 1, the difference to the left pixel, packs pictures well for what it costs.
		rows[to] = 1;
		for (let i = 0; i < rowBytes; i++) {
			rows[to + 1 + i] = rgb[from + i]! - (i < 3 ? 0 : rgb[from + i - 3]!);
		}
	}
	return writePng({ width, height, depth: 8, colorType: pngColor.rgb, interlaced: false }, rows, 3);
}

/**
 * Reads a mask: the indices of a palette PNG, or the values of a grey one, of at most 8 bits.
 * @param name for messages
 * @throws InspectorError `picture.notAPicture`, `picture.unsupported`, `picture.damaged`
 */
export function decodeLabelPng(
	bytes: Uint8Array,
	name = 'mask.png',
): { width: number; height: number; labels: Uint8Array } {
	if (sniffPicture(bytes)?.format !== 'png') {
		throw new InspectorError({ code: 'picture.notAPicture', name });
	}
	try {
		const chunks = readPngChunks(bytes);
		const { width, height, depth, colorType } = chunks.header;
		if (depth > 8 || (colorType !== pngColor.palette && colorType !== pngColor.grey)) {
			throw unsupported('a mask that is neither a palette nor a grey picture of at most 8 bits');
		}
		const { rows, rowBytes } = readPngRows(chunks);
		if (depth === 8) {
			return { width, height, labels: rows };
		}
		const labels = new Uint8Array(width * height);
		for (let y = 0; y < height; y++) {
			for (let x = 0; x < width; x++) {
				labels[y * width + x] = readBits(rows, y * rowBytes, x, depth);
			}
		}
		return { width, height, labels };
	} catch (error) {
		if (error instanceof PictureFault && error.kind === 'unsupported') {
			throw new InspectorError({ code: 'picture.unsupported', name, detail: error.detail }, { cause: error });
		}
		const detail = error instanceof PictureFault ? error.detail : 'its data cannot be decoded';
		throw new InspectorError({ code: 'picture.damaged', name, format: 'png', detail }, { cause: error });
	}
}
