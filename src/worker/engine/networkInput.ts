import { prepareInput } from '../../core/image/prepare';
import type { Preprocessing } from '../../core/model';
import { InspectorError } from '../../core/problem';
import type { Geometry } from '../../core/run';

/** The input that a run had: its longest side is known from how large the picture is in it. */
export function networkInput(rgb: Uint8Array, geometry: Geometry, preprocessing: Preprocessing): Float32Array {
	const { pictureWidth: width, pictureHeight: height, resizedWidth, resizedHeight } = geometry;
	const longestSide = Math.max(resizedWidth, resizedHeight);
	const { input, geometry: made } = prepareInput({ width, height, rgb }, preprocessing, longestSide);
	if (made.inputWidth !== geometry.inputWidth || made.inputHeight !== geometry.inputHeight) {
		throw new InspectorError({
			code: 'internal',
			detail: `the input is ${made.inputWidth}x${made.inputHeight}, the run’s was ${geometry.inputWidth}x${geometry.inputHeight}`,
		});
	}
	return input;
}
