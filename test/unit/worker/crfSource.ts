/** A small run for the CRF's tests: two halves of a picture, whose logits are wrong near the border. */
import { defaultCrfParameters } from '../../../src/core/crf/parameters';
import type { CrfSettings, CrfSource } from '../../../src/shared/protocol/crf';

/** 12 x 8 pixels, left dark and right light, the border between columns 5 and 6; the logits have it two columns later. */
export function halves({ width = 12, height = 8 } = {}): CrfSource {
	const [gridWidth, gridHeight] = [7, 5];
	const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
		Math.floor(i / 3) % width < width / 2 ? 40 : 200,
	);
	const data = Float32Array.from({ length: 3 * gridHeight * gridWidth }, (_, i) => {
		const x = i % gridWidth;
		const label = Math.floor(i / (gridWidth * gridHeight));
		const right = x > (gridWidth - 1) / 2 ? 1 : -1;
		return label === 0 ? -right : label === 1 ? right : -2;
	});
	return {
		rgb,
		logits: { channels: 3, height: gridHeight, width: gridWidth, data },
		geometry: {
			pictureWidth: width,
			pictureHeight: height,
			resizedWidth: width / 2,
			resizedHeight: height / 2,
			inputWidth: 7,
			inputHeight: 5,
			gridWidth,
			gridHeight,
			alignCorners: true,
		},
	};
}

export function smallSettings(changes: Partial<CrfSettings['parameters']> = {}): CrfSettings {
	return {
		parameters: {
			...defaultCrfParameters,
			iterations: 3,
			bilateralWeight: 4,
			bilateralSigmaXy: 5,
			bilateralSigmaRgb: 20,
			...changes,
		},
		resolution: 'picture',
	};
}
