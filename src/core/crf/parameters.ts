/** The settings of the dense CRF, those that papers and code bases use, and what may be set. */
import { InspectorError } from '../problem';
import type { PairwiseTerm } from './pairwise';

/** How the kernel of a pairwise term is normalised. pydensecrf's default is symmetric; DeepLab's C++ normalises after. */
export const crfNormalizations = ['symmetric', 'none', 'before', 'after'] as const;
export type CrfNormalization = (typeof crfNormalizations)[number];

/**
 * Pairwise terms of equation 3 of the DeepLab paper (arXiv 1606.00915), with Potts compatibility:
 * w1·exp(−|Δp|²/2σα² − |ΔI|²/2σβ²) + w2·exp(−|Δp|²/2σγ²).
 */
export interface CrfParameters {
	/** Mean-field iterations; 0 leaves Q = softmax(−U). */
	readonly iterations: number;
	/** w1, of the bilateral (appearance) kernel. */
	readonly bilateralWeight: number;
	/** σα, in pixels of the picture the CRF runs on. */
	readonly bilateralSigmaXy: number;
	/** σβ, in steps of 0…255. */
	readonly bilateralSigmaRgb: number;
	/** w2, of the spatial (smoothness) kernel. */
	readonly spatialWeight: number;
	/** σγ, in pixels of the picture the CRF runs on. */
	readonly spatialSigma: number;
	readonly normalization: CrfNormalization;
	/** Classes whose largest Q is below this are no longer filtered one by one; 0 is exact. */
	readonly pruning: number;
}

export interface CrfPreset {
	/** Stable, for storage and the terminal. */
	readonly id: string;
	/** Where the settings come from; a proper name, the same in every language. */
	readonly name: string;
	readonly parameters: CrfParameters;
}

/** Large enough to leave few classes of soft scores, and no label differs by it on any of the reference and measured pictures. */
export const defaultPruning = 1e-2;

/** The settings that suit the bundled model best, found on pictures with ground truth (models/README.md); then those of published code. */
export const crfPresets: readonly CrfPreset[] = [
	preset('bundled', 'Bundled model', 10, [6, 40, 3], [3, 3]),
	preset('deeplabv2', 'DeepLabv2 release', 10, [4, 49, 5], [3, 3]),
	preset('resnet101', 'ResNet-101 prototxt', 10, [5, 21, 3], [4, 1]),
	preset('deeplabv1', 'DeepLab v1', 10, [5, 50, 10], [3, 3]),
	preset('kazuto1011', 'kazuto1011', 10, [4, 67, 3], [3, 1]),
	preset('pydensecrf', 'pydensecrf README', 5, [10, 80, 13], [3, 3]),
];

export const defaultCrfParameters: CrfParameters = crfPresets[0]!.parameters;

/** Smallest and largest value of each number; outside it no picture gives anything but the bounds' own result. */
export const crfBounds = {
	iterations: [0, 100],
	bilateralWeight: [0, 1000],
	bilateralSigmaXy: [0.1, 10_000],
	bilateralSigmaRgb: [0.1, 10_000],
	spatialWeight: [0, 1000],
	spatialSigma: [0.1, 10_000],
	pruning: [0, 0.5],
} as const satisfies Record<Exclude<keyof CrfParameters, 'normalization'>, readonly [number, number]>;

/** @throws InspectorError `crf.badParameter` for the first value that cannot be used */
export function checkCrfParameters(parameters: CrfParameters): void {
	for (const [name, [low, high]] of Object.entries(crfBounds) as [
		keyof typeof crfBounds,
		readonly [number, number],
	][]) {
		const value = parameters[name];
		const whole = name !== 'iterations' || Number.isInteger(value);
		if (!(value >= low && value <= high && whole)) {
			throw new InspectorError({ code: 'crf.badParameter', parameter: name, value: String(value), low, high });
		}
	}
	if (!crfNormalizations.includes(parameters.normalization)) {
		throw new InspectorError({
			code: 'crf.badInput',
			detail: `the normalization “${parameters.normalization}” is none of ${crfNormalizations.join(', ')}`,
		});
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

function preset(
	id: string,
	name: string,
	iterations: number,
	[bilateralWeight, bilateralSigmaXy, bilateralSigmaRgb]: readonly [number, number, number],
	[spatialWeight, spatialSigma]: readonly [number, number],
): CrfPreset {
	return {
		id,
		name,
		parameters: {
			iterations,
			bilateralWeight,
			bilateralSigmaXy,
			bilateralSigmaRgb,
			spatialWeight,
			spatialSigma,
			normalization: 'symmetric',
			pruning: defaultPruning,
		},
	};
}
