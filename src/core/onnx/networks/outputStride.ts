/**
 * One set of weights at several output strides: a step of a stage is either taken, or made up for by dilation behind it
 * (the algorithme à trous; Chen et al., 2016, arXiv 1606.00915, section 3.1).
 */

/** Input pixels a step of the logit grid. DeepLabv2 is trained and released at 8. */
export const outputStrides = [8, 16, 32] as const;
export type OutputStride = (typeof outputStrides)[number];

/** Rates are stated at this one. */
export const trainedStride: OutputStride = 8;

export interface StageWindow {
	readonly stride: number;
	readonly dilation: number;
}

/**
 * Stride and dilation of each stage.
 *
 * @param steps The stages' strides in the network that is not dilated.
 * @param before Input pixels a step of what the first stage reads.
 */
export function stageWindows(steps: readonly number[], before: number, outputStride: OutputStride): StageWindow[] {
	let reached = before;
	let dilation = 1;
	return steps.map((step) => {
		if (reached * step <= outputStride) {
			reached *= step;
			return { stride: step, dilation };
		}
		dilation *= step;
		return { stride: 1, dilation };
	});
}

/**
 * Dilation rates in cells of another grid, so that the taps stay where they are in the picture: exactly where a rate
 * divides, else at the nearest cell, and never closer than one.
 *
 * @param from Output stride that the rates are stated at.
 */
export function ratesAt(rates: readonly number[], outputStride: number, from: number = trainedStride): number[] {
	return rates.map((rate) => Math.max(1, Math.round((rate * from) / outputStride)));
}

/** The rates of {@link ratesAt} that had to be rounded, as they are at `from`. */
export function roundedRates(rates: readonly number[], outputStride: number, from: number = trainedStride): number[] {
	return rates.filter((rate) => (rate * from) % outputStride !== 0);
}
