import { damaged, endsEarly, unsupported } from './fault';
import { blendWhite, type DecodedPixels } from './pixels';

/**
 * Decodes an uncompressed BMP: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits with or without bit fields,
 * rows from the bottom or the top, OS/2 and Windows headers. (The package at hand reads neither palettes
 * nor rows from the top.) Alpha counts only where the file names a mask for it: the fourth byte of plain
 * 32-bit files is filler.
 * @throws PictureFault
 */
export function decodeBmp(bytes: Uint8Array): DecodedPixels {
	const header = readHeader(bytes);
	const { width, height, bits, topDown, dataOffset } = header;
	const rowBytes = Math.ceil((width * bits) / 32) * 4;
	// Some writers leave the padding of the last row out.
	if (dataOffset + rowBytes * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) {
		throw damaged(endsEarly);
	}
	const rgb = new Uint8Array(width * height * 3);
	const readRow = rowReader(bytes, header);
	for (let y = 0; y < height; y++) {
		readRow(dataOffset + (topDown ? y : height - 1 - y) * rowBytes, rgb, y * width * 3);
	}
	return { width, height, rgb, orientation: 1 };
}

interface Header {
	readonly width: number;
	readonly height: number;
	readonly topDown: boolean;
	readonly bits: number;
	readonly dataOffset: number;
	readonly masks: Masks | undefined;
	readonly palette: { readonly offset: number; readonly entryBytes: 3 | 4; readonly count: number } | undefined;
}

type Masks = readonly [red: number, green: number, blue: number, alpha: number];

function readHeader(bytes: Uint8Array): Header {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes.length < 26) {
		throw damaged(endsEarly);
	}
	const headerSize = view.getUint32(14, true);
	if (14 + headerSize > bytes.length) {
		throw damaged(endsEarly);
	}
	const old = headerSize === 12;
	const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
	const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
	const bits = view.getUint16(old ? 24 : 28, true);
	const compression = headerSize >= 40 ? view.getUint32(30, true) : 0;
	if (![1, 4, 8, 16, 24, 32].includes(bits)) {
		throw unsupported(`a BMP with ${bits} bits a pixel`);
	}
	// 0: none, 3 and 6: bit fields, without and with alpha.
	if (compression !== 0 && compression !== 3 && compression !== 6) {
		throw unsupported(compression <= 2 ? 'a run-length encoded BMP' : `a BMP of compression ${compression}`);
	}
	let maskBytes = 0;
	let masks: Masks | undefined;
	if (compression !== 0) {
		if (bits !== 16 && bits !== 32) {
			throw damaged('its header tells bit fields for a palette');
		}
		const count = headerSize >= 56 || compression === 6 ? 4 : 3;
		maskBytes = headerSize === 40 ? count * 4 : 0;
		if (54 + count * 4 > bytes.length) {
			throw damaged(endsEarly);
		}
		const mask = (i: number) => (i < count ? view.getUint32(54 + i * 4, true) : 0);
		masks = [mask(0), mask(1), mask(2), mask(3)];
	} else if (bits === 16) {
		masks = [0x7c00, 0x03e0, 0x001f, 0];
	}
	const paletteOffset = 14 + headerSize + maskBytes;
	const told = headerSize >= 40 ? view.getUint32(46, true) : 0;
	const count = told === 0 ? 1 << bits : Math.min(told, 1 << bits);
	const dataOffset = view.getUint32(10, true);
	if (dataOffset < paletteOffset) {
		throw damaged('its pixels start inside its header');
	}
	return {
		width,
		height: Math.abs(signedHeight),
		topDown: signedHeight < 0,
		bits,
		dataOffset,
		masks,
		palette: bits <= 8 ? { offset: paletteOffset, entryBytes: old ? 3 : 4, count } : undefined,
	};
}

type RowReader = (from: number, rgb: Uint8Array, to: number) => void;

function rowReader(bytes: Uint8Array, { width, bits, masks, palette }: Header): RowReader {
	if (palette) {
		const { offset, entryBytes, count } = palette;
		if (offset + entryBytes * count > bytes.length) {
			throw damaged(endsEarly);
		}
		const mask = (1 << bits) - 1;
		return (from, rgb, to) => {
			for (let x = 0; x < width; x++, to += 3) {
				const bit = x * bits;
				const index = (bytes[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
				if (index >= count) {
					throw damaged('a pixel has a colour that is not in the palette');
				}
				const entry = offset + index * entryBytes;
				rgb[to] = bytes[entry + 2]!;
				rgb[to + 1] = bytes[entry + 1]!;
				rgb[to + 2] = bytes[entry]!;
			}
		};
	}
	if (masks) {
		const [red, green, blue, alpha] = masks.map(fieldReader);
		const hasAlpha = masks[3] !== 0;
		return (from, rgb, to) => {
			for (let x = 0; x < width; x++, to += 3) {
				const at = from + x * (bits >> 3);
				const low = bytes[at]! | (bytes[at + 1]! << 8);
				const value = bits === 16 ? low : (low | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
				const opacity = hasAlpha ? alpha!(value) : 255;
				rgb[to] = blendWhite(red!(value), opacity);
				rgb[to + 1] = blendWhite(green!(value), opacity);
				rgb[to + 2] = blendWhite(blue!(value), opacity);
			}
		};
	}
	const step = bits >> 3;
	return (from, rgb, to) => {
		for (let x = 0; x < width; x++, to += 3, from += step) {
			rgb[to] = bytes[from + 2]!;
			rgb[to + 1] = bytes[from + 1]!;
			rgb[to + 2] = bytes[from]!;
		}
	};
}

/** Reads the bits of a mask as 0…255, rounded to nearest. */
function fieldReader(mask: number): (value: number) => number {
	if (mask === 0) {
		return () => 0;
	}
	const shift = 31 - Math.clz32(mask & -mask);
	const max = mask >>> shift;
	return (value) => Math.round((((value & mask) >>> shift) * 255) / max);
}
