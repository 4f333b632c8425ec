/** The marker structure of a JPEG file (ITU-T T.81, annex B), without its entropy-coded data. */

export interface JpegSegment {
	/** Second byte of the marker, e.g. 0xc0 for SOF0. */
	readonly marker: number;
	/** The segment's data, behind its length; empty for EOI. */
	readonly data: Uint8Array;
	/** Offset behind the segment. */
	readonly end: number;
}

export const markers = { startOfScan: 0xda, endOfImage: 0xd9, app1: 0xe1, app14: 0xee } as const;

/**
 * Walks the segments between SOI and EOI, EOI included. Entropy-coded data is skipped, as it holds no marker
 * but stuffed zeros and restarts. Ends silently where the file does, or where a segment is cut.
 */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
	let offset = 2;
	for (;;) {
		offset = bytes.indexOf(0xff, offset);
		if (offset < 0) {
			return;
		}
		while (bytes[offset] === 0xff) {
			offset++;
		}
		const marker = bytes[offset];
		if (marker === undefined) {
			return;
		}
		offset++;
		if (marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
			continue;
		}
		if (marker === markers.endOfImage) {
			yield { marker, data: bytes.subarray(offset, offset), end: offset };
			return;
		}
		if (offset + 2 > bytes.length) {
			return;
		}
		const length = (bytes[offset]! << 8) | bytes[offset + 1]!;
		if (length < 2 || offset + length > bytes.length) {
			return;
		}
		yield { marker, data: bytes.subarray(offset + 2, offset + length), end: offset + length };
		offset += length;
	}
}

/** SOF0 … SOF15: the segments that tell a picture's size. */
export function isStartOfFrame(marker: number): boolean {
	return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
