/** Pictures, good and bad, made on the spot for the integration and end-to-end suites. */
import { encode } from 'fast-png';

/** A grey PNG of that size in pixels. */
export function greyPng(width: number, height: number): Uint8Array {
	return encode({ width, height, channels: 1, depth: 8, data: new Uint8Array(width * height).fill(120) });
}

/** A PNG whose header claims that size in pixels and whose data hold a single pixel. */
export function claimingPng(width: number, height: number): Uint8Array {
	const png = greyPng(1, 1).slice();
	const view = new DataView(png.buffer);
	// Signature 8, length 4, "IHDR" 4, then width and height; the checksum covers name and 13 bytes of data.
	view.setUint32(16, width);
	view.setUint32(20, height);
	view.setUint32(29, crc32(png.subarray(12, 29)));
	return png;
}

/**
 * Files that are no usable picture, by name.
 * @param whole the bytes of one that is
 */
export function badPictures(whole: Uint8Array): ReadonlyMap<string, Uint8Array> {
	return new Map([
		['not-a-picture.png', new TextEncoder().encode('This is a text.\n')],
		['empty.png', new Uint8Array(0)],
		['truncated.png', whole.subarray(0, whole.length >> 1)],
		['claims-20000.png', claimingPng(20_000, 20_000)],
	]);
}

/** CRC-32 of a PNG chunk (ISO 3309). */
function crc32(bytes: Uint8Array): number {
	let crc = ~0;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) {
			crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
		}
	}
	return ~crc >>> 0;
}
