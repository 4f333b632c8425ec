import webpFactory from '@jsquash/webp/codec/dec/webp_dec.js';
import { readOrientation } from './exif';
import { damaged, endsEarly, unsupported } from './fault';
import type { DecodedPixels } from './pixels';
import { type CodecFactory, createWasmCodec } from './wasmCodec';

/**
 * Decodes lossy and lossless WebP through libwebp; alpha over white.
 * @returns a function that throws PictureFault
 */
export function createWebpDecoder(
	loadAsset: (file: string) => Promise<Uint8Array>,
): (bytes: Uint8Array) => Promise<DecodedPixels> {
	const factory: CodecFactory = webpFactory;
	const libwebp = createWasmCodec(factory, 'webp_dec.wasm', loadAsset);
	return async (bytes) => {
		const { animated, orientation, end } = readContainer(bytes);
		if (animated) {
			throw unsupported('an animated WebP');
		}
		const { pixels } = await libwebp.decode(bytes.subarray(0, end));
		return { ...pixels, orientation };
	};
}

/** Walks the RIFF chunks (WebP container specification): libwebp alone would accept a file that is cut short. */
function readContainer(bytes: Uint8Array): { animated: boolean; orientation: number; end: number } {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const end = view.getUint32(4, true) + 8;
	if (end > bytes.length) {
		throw damaged(endsEarly);
	}
	let animated = false;
	let orientation = 1;
	for (let offset = 12; offset + 8 <= end; ) {
		const type = String.fromCharCode(...bytes.subarray(offset, offset + 4));
		const length = view.getUint32(offset + 4, true);
		const data = bytes.subarray(offset + 8, Math.min(end, offset + 8 + length));
		if (data.length < length) {
			throw damaged(endsEarly);
		}
		if (type === 'VP8X') {
			animated = ((data[0] ?? 0) & 2) !== 0;
		} else if (type === 'EXIF') {
			// Some writers keep JPEG's prefix.
			const prefixed = data[0] === 0x45 && data[1] === 0x78 && data[4] === 0;
			orientation = readOrientation(prefixed ? data.subarray(6) : data);
		}
		offset += 8 + length + (length & 1);
	}
	return { animated, orientation, end };
}
