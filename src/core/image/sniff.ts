import { isStartOfFrame, jpegSegments } from './jpegSegments';

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'bmp' | 'gif';

export interface PictureHeader {
	readonly format: PictureFormat;
	/** In pixels, as stored; 0 where the header is cut. */
	readonly width: number;
	readonly height: number;
}

/**
 * Tells a picture's format and size from its first bytes, without decoding anything.
 * @returns undefined if the bytes are of no format that is read here.
 */
export function sniffPicture(bytes: Uint8Array): PictureHeader | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (startsWith(bytes, 0, '\x89PNG\r\n\x1a\n')) {
		return { format: 'png', ...(startsWith(bytes, 12, 'IHDR') ? size32(view, 16) : unknownSize) };
	}
	if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) {
		return { format: 'jpeg', ...jpegSize(bytes) };
	}
	if (startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP')) {
		return { format: 'webp', ...webpSize(bytes, view) };
	}
	if (startsWith(bytes, 0, 'GIF87a') || startsWith(bytes, 0, 'GIF89a')) {
		return {
			format: 'gif',
			...(bytes.length >= 10 ? { width: view.getUint16(6, true), height: view.getUint16(8, true) } : unknownSize),
		};
	}
	// Two letters are little to go by: the header's length must be one that BMP knows.
	if (startsWith(bytes, 0, 'BM') && (bytes.length < 18 || bmpHeaderSizes.has(view.getUint32(14, true)))) {
		return { format: 'bmp', ...bmpSize(view) };
	}
	return undefined;
}

/** Of the DIB headers: OS/2 1 (12), OS/2 2 (16, 64), Windows 3 to V5. */
const bmpHeaderSizes: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

interface Size {
	readonly width: number;
	readonly height: number;
}

const unknownSize: Size = { width: 0, height: 0 };

function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		if (bytes[offset + i] !== text.charCodeAt(i)) {
			return false;
		}
	}
	return true;
}

function size32(view: DataView, offset: number): Size {
	return view.byteLength < offset + 8
		? unknownSize
		: { width: view.getUint32(offset), height: view.getUint32(offset + 4) };
}

function jpegSize(bytes: Uint8Array): Size {
	for (const { marker, data } of jpegSegments(bytes)) {
		if (isStartOfFrame(marker) && data.length >= 5) {
			return { height: (data[1]! << 8) | data[2]!, width: (data[3]! << 8) | data[4]! };
		}
	}
	return unknownSize;
}

function webpSize(bytes: Uint8Array, view: DataView): Size {
	if (startsWith(bytes, 12, 'VP8X') && bytes.length >= 30) {
		const read24 = (offset: number) => view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
		return { width: read24(24) + 1, height: read24(27) + 1 };
	}
	if (startsWith(bytes, 12, 'VP8L') && bytes.length >= 25 && bytes[20] === 0x2f) {
		const bits = view.getUint32(21, true);
		return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
	}
	if (startsWith(bytes, 12, 'VP8 ') && bytes.length >= 30 && startsWith(bytes, 23, '\x9d\x01\x2a')) {
		return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
	}
	return unknownSize;
}

function bmpSize(view: DataView): Size {
	if (view.byteLength < 22) {
		return unknownSize;
	}
	if (view.getUint32(14, true) === 12) {
		return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
	}
	if (view.byteLength < 26) {
		return unknownSize;
	}
	// A negative height means rows from the top; a negative width means nothing.
	return { width: Math.max(0, view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
}
