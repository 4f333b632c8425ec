/** The chunk layer of PNG (W3C PNG, third edition, section 5): reading with checks, and writing. */
import { Unzlib, zlibSync } from 'fflate';
import { damaged, endsEarly, PictureFault, unsupported } from './fault';

export interface PngHeader {
	readonly width: number;
	readonly height: number;
	/** Bits a sample: 1, 2, 4, 8 or 16. */
	readonly depth: number;
	readonly colorType: PngColorType;
	readonly interlaced: boolean;
}

export const pngColor = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgbAlpha: 6 } as const;
export type PngColorType = (typeof pngColor)[keyof typeof pngColor];

export interface PngChunks {
	readonly header: PngHeader;
	/** 3 bytes an entry. */
	readonly palette: Uint8Array | undefined;
	readonly transparency: Uint8Array | undefined;
	readonly exif: Uint8Array | undefined;
	readonly imageData: readonly Uint8Array[];
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Reads the chunks up to IEND; bytes behind it are nobody's business.
 * @throws PictureFault if a chunk that pixels depend on is missing, cut, or fails its checksum
 */
export function readPngChunks(bytes: Uint8Array): PngChunks {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let header: PngHeader | undefined;
	let palette: Uint8Array | undefined;
	let transparency: Uint8Array | undefined;
	let exif: Uint8Array | undefined;
	const imageData: Uint8Array[] = [];
	let offset = signature.length;
	for (;;) {
		if (offset + 12 > bytes.length) {
			throw damaged(endsEarly);
		}
		const length = view.getUint32(offset);
		const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
		const end = offset + 12 + length;
		if (end > bytes.length) {
			throw damaged(endsEarly);
		}
		const data = bytes.subarray(offset + 8, end - 4);
		const intact = () => crc32(bytes.subarray(offset + 4, end - 4)) === view.getUint32(end - 4);
		// An upper-case first letter marks a chunk without which the picture cannot be read.
		if (type.charCodeAt(0) < 0x60 && !intact()) {
			throw damaged(`the checksum of its ${/^[A-Z]{4}$/.test(type) ? type : 'next'} part is wrong`);
		}
		if (!header && type !== 'IHDR') {
			throw damaged('its header is missing');
		}
		switch (type) {
			case 'IHDR':
				header ??= readHeader(data);
				break;
			case 'PLTE':
				palette ??= data;
				break;
			case 'IDAT':
				imageData.push(data);
				break;
			case 'tRNS':
				transparency ??= intact() ? data : undefined;
				break;
			case 'eXIf':
				exif ??= intact() ? data : undefined;
				break;
			case 'IEND':
				if (imageData.length === 0) {
					throw damaged('it holds no pixels');
				}
				return { header: header!, palette, transparency, exif, imageData };
			default:
				break;
		}
		offset = end;
	}
}

/** Bits a pixel. */
export function pngBitsPerPixel({ colorType, depth }: PngHeader): number {
	switch (colorType) {
		case pngColor.grey:
		case pngColor.palette:
			return depth;
		case pngColor.greyAlpha:
			return depth * 2;
		case pngColor.rgb:
			return depth * 3;
		case pngColor.rgbAlpha:
			return depth * 4;
	}
}

/**
 * Inflates the image data into exactly `size` bytes, in slices, so that a stream that unpacks to more is
 * stopped instead of filling the memory.
 * @throws PictureFault if the stream is broken, too short or too long
 */
export function inflateImageData(imageData: readonly Uint8Array[], size: number): Uint8Array {
	const packed = imageData.reduce((sum, part) => sum + part.length, 0);
	// Deflate packs at most 1032:1; anything below cannot fill the picture and need not be tried.
	if ((packed + 1) * 1032 < size) {
		throw damaged(endsEarly);
	}
	const out = new Uint8Array(size);
	let filled = 0;
	const inflater = new Unzlib((part) => {
		if (filled + part.length > size) {
			throw damaged('it holds more pixels than its size allows');
		}
		out.set(part, filled);
		filled += part.length;
	});
	const slice = 1 << 16;
	try {
		for (const part of imageData) {
			for (let start = 0; start < part.length; start += slice) {
				inflater.push(part.subarray(start, start + slice), false);
			}
		}
		if (filled < size) {
			inflater.push(new Uint8Array(0), true);
		}
	} catch (error) {
		throw error instanceof PictureFault ? error : damaged('its pixels do not unpack', error);
	}
	if (filled < size) {
		throw damaged(endsEarly);
	}
	return out;
}

/** Writes a PNG of whole rows that already start with their filter byte. */
export function writePng(header: PngHeader, rows: Uint8Array, level: 1 | 3 | 6, palette?: Uint8Array): Uint8Array {
	const head = new Uint8Array(13);
	const view = new DataView(head.buffer);
	view.setUint32(0, header.width);
	view.setUint32(4, header.height);
	head[8] = header.depth;
	head[9] = header.colorType;
	const chunks: (readonly [type: string, data: Uint8Array])[] = [['IHDR', head]];
	if (palette) {
		chunks.push(['PLTE', palette]);
	}
	chunks.push(['IDAT', zlibSync(rows, { level })], ['IEND', new Uint8Array(0)]);
	const bytes = new Uint8Array(chunks.reduce((sum, [, data]) => sum + 12 + data.length, signature.length));
	const out = new DataView(bytes.buffer);
	bytes.set(signature);
	let offset = signature.length;
	for (const [type, data] of chunks) {
		out.setUint32(offset, data.length);
		for (let i = 0; i < 4; i++) {
			bytes[offset + 4 + i] = type.charCodeAt(i);
		}
		bytes.set(data, offset + 8);
		out.setUint32(offset + 8 + data.length, crc32(bytes.subarray(offset + 4, offset + 8 + data.length)));
		offset += 12 + data.length;
	}
	return bytes;
}

const depthsOf: ReadonlyMap<number, readonly number[]> = new Map([
	[pngColor.grey, [1, 2, 4, 8, 16]],
	[pngColor.rgb, [8, 16]],
	[pngColor.palette, [1, 2, 4, 8]],
	[pngColor.greyAlpha, [8, 16]],
	[pngColor.rgbAlpha, [8, 16]],
]);

function readHeader(data: Uint8Array): PngHeader {
	if (data.length !== 13) {
		throw damaged('its header has a wrong length');
	}
	const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
	const depth = data[8]!;
	const colorType = data[9]! as PngColorType;
	if (!depthsOf.get(colorType)?.includes(depth)) {
		throw damaged(`its header tells colour type ${colorType} with ${depth} bits`);
	}
	if (data[10] !== 0 || data[11] !== 0 || data[12]! > 1) {
		throw unsupported('an unknown compression, filter or interlace method');
	}
	return {
		width: view.getUint32(0),
		height: view.getUint32(4),
		depth,
		colorType,
		interlaced: data[12] === 1,
	};
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
	let c = n;
	for (let bit = 0; bit < 8; bit++) {
		c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
	}
	return c;
});

function crc32(bytes: Uint8Array): number {
	let crc = 0xffffffff;
	for (let i = 0; i < bytes.length; i++) {
		crc = crcTable[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
	}
	return (crc ^ 0xffffffff) >>> 0;
}
