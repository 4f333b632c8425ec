import { InspectorError } from '../problem';
import { type Normalization, normalizations, type PairwiseTerm } from './pairwise';

/** The two kernels of DeepLab's dense CRF, and how it is solved. */
export interface CrfParameters {
	/** Mean-field iterations, 0…1000. */
	readonly iterations: number;
	/** w2 and sigma gamma (pixels) of the smoothness kernel. */
	readonly spatialWeight: number;
	readonly spatialSigma: number;
	/** w1, sigma alpha (pixels) and sigma beta (grey levels of 0…255) of the appearance kernel. */
	readonly bilateralWeight: number;
	readonly bilateralSigmaXy: number;
	readonly bilateralSigmaRgb: number;
	readonly normalization: Normalization;
	/**
	 * Classes whose Q is below this at every pixel are filtered together as one; 0: every class by itself, exact. The error
	 * of Q grows with its square: at 1e-3 it is near 1e-5.
	 */
	readonly pruning: number;
}

/** Settings of published code; `weight` and `sigma` names as in {@link CrfParameters}. */
export const crfPresets: readonly { readonly name: string; readonly parameters: CrfParameters }[] = [
	preset('DeepLabv2 release, run_densecrf.sh', 10, [4, 49, 5], [3, 3]),
	preset('DeepLabv2 ResNet-101 test.prototxt', 10, [5, 21, 3], [4, 1]),
	preset('DeepLab v1 test.prototxt', 10, [5, 50, 10], [3, 3]),
	preset('kazuto1011 configs/voc12.yaml', 10, [4, 67, 3], [3, 1]),
	preset('pydensecrf README', 5, [10, 80, 13], [3, 3]),
];

export const defaultCrfParameters: CrfParameters = crfPresets[0]!.parameters;

function preset(
	name: string,
	iterations: number,
	[bilateralWeight, bilateralSigmaXy, bilateralSigmaRgb]: readonly [number, number, number],
	[spatialWeight, spatialSigma]: readonly [number, number],
) {
	return {
		name,
		parameters: {
			iterations,
			spatialWeight,
			spatialSigma,
			bilateralWeight,
			bilateralSigmaXy,
			bilateralSigmaRgb,
			normalization: 'symmetric' as const,
			pruning: 1e-3,
		},
	};
}

/** Far more than any picture is wide or bright: a kernel this large is flat. */
const largestSigma = 1e6;
const largestWeight = 1e4;

/** @throws InspectorError `crf.badParameter` */
export function checkCrfParameters(parameters: CrfParameters): void {
	const bad = (parameter: string, value: unknown, detail: string) =>
		new InspectorError({ code: 'crf.badParameter', parameter, value: String(value), detail });
	const { iterations, normalization, pruning } = parameters;
	if (!Number.isInteger(iterations) || iterations < 0 || iterations > 1000) {
		throw bad('iterations', iterations, 'a whole number from 0 to 1000 is needed');
	}
	for (const name of ['spatialWeight', 'bilateralWeight'] as const) {
		if (!(Math.abs(parameters[name]) <= largestWeight)) {
			throw bad(name, parameters[name], `a number from -${largestWeight} to ${largestWeight} is needed`);
		}
	}
	for (const name of ['spatialSigma', 'bilateralSigmaXy', 'bilateralSigmaRgb'] as const) {
		if (!(parameters[name] > 0 && parameters[name] <= largestSigma)) {
			throw bad(name, parameters[name], `a number above 0, at most ${largestSigma}, is needed`);
		}
	}
	if (!normalizations.includes(normalization)) {
		throw bad('normalization', normalization, `one of ${normalizations.join(', ')} is needed`);
	}
	if (!(pruning >= 0 && pruning < 1)) {
		throw bad('pruning', pruning, 'a number from 0 to below 1 is needed');
	}
}

/** The pairwise terms that the parameters stand for; names as in {@link CrfParameters}. */
export function pairwiseTerms(parameters: CrfParameters): { bilateral: PairwiseTerm; spatial: PairwiseTerm } {
	const { bilateralSigmaXy: xy, bilateralSigmaRgb: rgb, spatialSigma, normalization } = parameters;
	return {
		bilateral: {
			features: { kind: 'gridRgb' },
			sigma: [xy, xy, rgb, rgb, rgb],
			normalization,
			compatibility: parameters.bilateralWeight,
		},
		spatial: {
			features: { kind: 'grid' },
			sigma: [spatialSigma, spatialSigma],
			normalization,
			compatibility: parameters.spatialWeight,
		},
	};
}
