import { InspectorError } from '../problem';
import { decodeBmp } from './bmp';
import { PictureFault } from './fault';
import { decodeGif } from './gif';
import { createJpegDecoder } from './jpeg';
import { orient } from './orient';
import type { DecodedPixels } from './pixels';
import { decodePng } from './png';
import { type PictureFormat, sniffPicture } from './sniff';
import { createWebpDecoder } from './webp';

/** Larger pictures are refused: their pixels alone would take a good part of a worker's memory. */
export const pictureLimitMegapixels = 64;

export interface Picture {
	readonly format: PictureFormat;
	/** As seen, after EXIF orientation. */
	readonly width: number;
	readonly height: number;
	/** 3 bytes a pixel, row by row; alpha laid over white. */
	readonly rgb: Uint8Array;
}

export interface PictureDecoder {
	/**
	 * Decodes a PNG, JPEG, WebP, BMP, or GIF's first frame.
	 * @param name for messages
	 * @param bytes the whole file; not changed
	 * @throws InspectorError `picture.empty`, `picture.notAPicture`, `picture.unsupported`, `picture.damaged`,
	 * `picture.tooLarge`, or `runtime.unavailable` if a codec's wasm file does not load
	 */
	decode(name: string, bytes: Uint8Array): Promise<Picture>;
}

/** @param loadAsset gives the bytes of `mozjpeg_dec.wasm` or `webp_dec.wasm`, asked for once, on first use */
export function createPictureDecoder(loadAsset: (file: string) => Promise<Uint8Array>): PictureDecoder {
	const decodeJpeg = createJpegDecoder(loadAsset);
	const decodeWebp = createWebpDecoder(loadAsset);

	async function decodePixels(format: PictureFormat, bytes: Uint8Array): Promise<DecodedPixels> {
		switch (format) {
			case 'png':
				return decodePng(bytes);
			case 'jpeg':
				return decodeJpeg(bytes);
			case 'webp':
				return decodeWebp(bytes);
			case 'bmp':
				return decodeBmp(bytes);
			case 'gif':
				return decodeGif(bytes);
		}
	}

	return {
		async decode(name, bytes) {
			if (bytes.length === 0) {
				throw new InspectorError({ code: 'picture.empty', name });
			}
			const header = sniffPicture(bytes);
			if (!header) {
				throw new InspectorError({ code: 'picture.notAPicture', name });
			}
			const { format, width, height } = header;
			const fail = (detail: string, cause?: unknown) =>
				new InspectorError({ code: 'picture.damaged', name, format, detail }, { cause });
			if (width === 0 || height === 0) {
				throw fail('its header is cut or tells no size');
			}
			if (width * height > pictureLimitMegapixels * 1e6) {
				const limitMegapixels = pictureLimitMegapixels;
				throw new InspectorError({ code: 'picture.tooLarge', name, width, height, limitMegapixels });
			}
			let pixels: DecodedPixels;
			try {
				pixels = await decodePixels(format, bytes);
			} catch (error) {
				if (error instanceof InspectorError) {
					throw error;
				}
				if (error instanceof PictureFault && error.kind === 'unsupported') {
					const { detail } = error;
					throw new InspectorError({ code: 'picture.unsupported', name, detail }, { cause: error });
				}
				throw fail(error instanceof PictureFault ? error.detail : 'its data cannot be decoded', error);
			}
			if (pixels.width !== width || pixels.height !== height || pixels.rgb.length !== width * height * 3) {
				throw fail('its header and its data tell different sizes');
			}
			return { format, ...orient(pixels) };
		},
	};
}
