import type { Preprocessing } from '../model';
import type { Geometry } from '../run';
import { resizeRgb } from './resize';

export interface PreparedInput {
	/** `1 x 3 x inputHeight x inputWidth`, normalised. */
	readonly input: Float32Array;
	/** All but the logit grid's size, which the network tells. */
	readonly geometry: Omit<Geometry, 'gridWidth' | 'gridHeight'>;
}

/**
 * Makes a picture the network's input by the model's own rule: longest side reduced to at most
 * `longestSide`, padded right and below to the next `padMultiple * k + 1`, each channel (v - mean) / std.
 * @param picture oriented, 3 bytes a pixel
 * @param longestSide pixels; the model's own by default
 */
export function prepareInput(
	picture: { readonly width: number; readonly height: number; readonly rgb: Uint8Array },
	preprocessing: Preprocessing,
	longestSide: number = preprocessing.longestSide,
): PreparedInput {
	const { width, height } = picture;
	const scale = Math.min(1, longestSide / Math.max(width, height));
	const resizedWidth = Math.max(1, Math.round(width * scale));
	const resizedHeight = Math.max(1, Math.round(height * scale));
	const inputWidth = paddedSize(resizedWidth, preprocessing.padMultiple);
	const inputHeight = paddedSize(resizedHeight, preprocessing.padMultiple);
	const resized = resizeRgb(picture.rgb, width, height, resizedWidth, resizedHeight);

	const plane = inputWidth * inputHeight;
	const input = new Float32Array(3 * plane);
	for (let channel = 0; channel < 3; channel++) {
		const mean = preprocessing.mean[channel]!;
		const std = preprocessing.std[channel]!;
		const table = Float32Array.from({ length: 256 }, (_, value) => (value - mean) / std);
		const padding = (preprocessing.padValue[channel]! - mean) / std;
		const offset = preprocessing.channelOrder === 'RGB' ? channel : 2 - channel;
		for (let y = 0; y < inputHeight; y++) {
			const row = channel * plane + y * inputWidth;
			if (y >= resizedHeight) {
				input.fill(padding, row, row + inputWidth);
				continue;
			}
			for (let x = 0, from = y * resizedWidth * 3 + offset; x < resizedWidth; x++, from += 3) {
				input[row + x] = table[resized[from]!]!;
			}
			input.fill(padding, row + resizedWidth, row + inputWidth);
		}
	}
	return {
		input,
		geometry: {
			pictureWidth: width,
			pictureHeight: height,
			resizedWidth,
			resizedHeight,
			inputWidth,
			inputHeight,
			alignCorners: preprocessing.alignCorners,
		},
	};
}

/** The next `multiple * k + 1` that is at least `size`, k ≥ 0. */
function paddedSize(size: number, multiple: number): number {
	return Math.ceil((size - 1) / multiple) * multiple + 1;
}
