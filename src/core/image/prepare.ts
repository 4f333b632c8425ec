import type { Preprocessing } from '../model';
import type { Geometry } from '../run';
import { ownInputSize, paddedSize } from './ownInputSize';
import { resizeRgb } from './resize';

export interface PreparedInput {
	/** `1 x 3 x inputHeight x inputWidth`, normalised. */
	readonly input: Float32Array;
	/** All but the logit grid's size, which the network tells. */
	readonly geometry: Omit<Geometry, 'gridWidth' | 'gridHeight'>;
}

/**
 * Makes a picture the network's input by the model's own rule: longest side reduced to at most `longestSide` and
 * padded right and below, or stretched, as {@link Preprocessing} says; each channel (v - mean) / std.
 * @param picture oriented, 3 bytes a pixel
 * @param longestSide pixels; the model's own by default
 */
export function prepareInput(
	picture: { readonly width: number; readonly height: number; readonly rgb: Uint8Array },
	preprocessing: Preprocessing,
	longestSide: number = preprocessing.longestSide,
): PreparedInput {
	const { width, height } = picture;
	const { resizedWidth, resizedHeight, inputWidth, inputHeight } = inputSizes(
		width,
		height,
		preprocessing,
		longestSide,
	);
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

type InputSizes = Pick<Geometry, 'resizedWidth' | 'resizedHeight' | 'inputWidth' | 'inputHeight'>;

function inputSizes(width: number, height: number, preprocessing: Preprocessing, longestSide: number): InputSizes {
	const { padMultiple, padRemainder = 1, inputSize, resize = 'fit' } = preprocessing;
	const padded = (size: number) => paddedSize(size, padMultiple, padRemainder);
	switch (resize) {
		case 'stretch': {
			const [inputHeight, inputWidth] = ownInputSize({ ...preprocessing, longestSide });
			return { resizedWidth: inputWidth, resizedHeight: inputHeight, inputWidth, inputHeight };
		}
		case 'fit': {
			const [highest, widest] = inputSize ?? [height, width];
			const scale = Math.min(1, longestSide / Math.max(width, height), widest / width, highest / height);
			const resizedWidth = Math.max(1, Math.round(width * scale));
			const resizedHeight = Math.max(1, Math.round(height * scale));
			const [inputHeight, inputWidth] = inputSize ?? [padded(resizedHeight), padded(resizedWidth)];
			return { resizedWidth, resizedHeight, inputWidth, inputHeight };
		}
		default: {
			const unknown: never = resize;
			throw new Error(`unknown resize ${String(unknown)}`);
		}
	}
}
