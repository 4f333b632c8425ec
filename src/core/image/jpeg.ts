import mozjpegFactory from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import jpegJs from 'jpeg-js';
import { readOrientation } from './exif';
import { damaged, endsEarly, unsupported } from './fault';
import { isStartOfFrame, jpegSegments, markers } from './jpegSegments';
import type { DecodedPixels } from './pixels';
import { type CodecFactory, createWasmCodec } from './wasmCodec';

/**
 * Decodes baseline and progressive JPEG: grey, YCbCr and RGB through MozJPEG, CMYK and YCCK through jpeg-js
 * (MozJPEG's build has no way from four components to RGB).
 *
 * MozJPEG is as lenient as libjpeg and fills what is missing with grey, so what it only warns of is refused
 * here where pixels are lost: a file without its end, and entropy-coded data that breaks off.
 * @returns a function that throws PictureFault
 */
export function createJpegDecoder(
	loadAsset: (file: string) => Promise<Uint8Array>,
): (bytes: Uint8Array) => Promise<DecodedPixels> {
	const factory: CodecFactory = mozjpegFactory;
	const mozjpeg = createWasmCodec(factory, 'mozjpeg_dec.wasm', loadAsset);
	return async (bytes) => {
		const structure = readStructure(bytes);
		const whole = bytes.subarray(0, structure.end);
		if (structure.components === 4) {
			return { ...decodeFourComponents(whole, structure), orientation: structure.orientation };
		}
		// `false`: orientation is left to the caller, so that it is applied once, whatever the format.
		const { pixels, warnings } = await mozjpeg.decode(whole, false);
		const loss = warnings.find((line) => lossWarnings.test(line));
		if (loss !== undefined) {
			throw damaged(loss);
		}
		return { ...pixels, orientation: structure.orientation };
	};
}

/** Those of libjpeg's warnings after which pixels are made up. */
const lossWarnings = /premature end|bad huffman code|found marker .* instead of RST/i;

interface Structure {
	readonly components: number;
	readonly width: number;
	readonly height: number;
	readonly orientation: number;
	readonly hasAdobeMarker: boolean;
	/** Offset behind EOI. */
	readonly end: number;
}

function readStructure(bytes: Uint8Array): Structure {
	let frame: { width: number; height: number; components: number } | undefined;
	let orientation = 1;
	let hasAdobeMarker = false;
	let scanStart: number | undefined;
	for (const { marker, data, end } of jpegSegments(bytes)) {
		if (marker === markers.endOfImage) {
			if (!frame || scanStart === undefined) {
				throw damaged('it holds no pixels');
			}
			checkLength(frame, end - scanStart);
			return { ...frame, orientation, hasAdobeMarker, end };
		}
		if (isStartOfFrame(marker) && !frame) {
			frame = readFrame(marker, data);
		} else if (marker === markers.startOfScan) {
			scanStart ??= end;
		} else if (marker === markers.app1 && startsWith(data, 'Exif\0\0')) {
			orientation = readOrientation(data.subarray(6));
		} else if (marker === markers.app14 && startsWith(data, 'Adobe')) {
			hasAdobeMarker = true;
		}
	}
	throw damaged(endsEarly);
}

function readFrame(marker: number, data: Uint8Array): { width: number; height: number; components: number } {
	if (data.length < 6) {
		throw damaged('its frame header is cut');
	}
	if (marker > 0xc2) {
		throw unsupported(marker >= 0xc9 ? 'an arithmetic-coded JPEG' : 'a lossless or hierarchical JPEG');
	}
	if (data[0] !== 8) {
		throw unsupported(`a JPEG with ${data[0]} bits a sample`);
	}
	const components = data[5]!;
	if (components !== 1 && components !== 3 && components !== 4) {
		throw unsupported(`a JPEG with ${components} components`);
	}
	return { height: (data[1]! << 8) | data[2]!, width: (data[3]! << 8) | data[4]!, components };
}

/** Every 8x8 block takes at least a bit: a tiny file that tells a huge size is refused before it is decoded. */
function checkLength({ width, height }: { width: number; height: number }, scanBytes: number): void {
	if (scanBytes * 8 < Math.ceil(width / 8) * Math.ceil(height / 8)) {
		throw damaged(endsEarly);
	}
}

function decodeFourComponents(bytes: Uint8Array, structure: Structure): Omit<DecodedPixels, 'orientation'> {
	if (!structure.hasAdobeMarker) {
		throw unsupported('a CMYK JPEG that does not tell how its inks are stored');
	}
	try {
		const { width, height, data } = jpegJs.decode(bytes, {
			useTArray: true,
			formatAsRGBA: false,
			tolerantDecoding: false,
			maxResolutionInMP: 100,
			maxMemoryUsageInMB: 1536,
		});
		return { width, height, rgb: data };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		throw /limit exceeded/i.test(message)
			? unsupported('a CMYK JPEG of this size', error)
			: damaged('its data cannot be decoded', error);
	}
}

function startsWith(bytes: Uint8Array, text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		if (bytes[i] !== text.charCodeAt(i)) {
			return false;
		}
	}
	return true;
}
