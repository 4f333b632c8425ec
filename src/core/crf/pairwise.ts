/** Pairwise terms of a fully connected CRF (Krähenbühl, Koltun 2011): a Gaussian kernel over features, and a label compatibility. */
import { InspectorError } from '../problem';

/**
 * Where n, the kernel's normalisation by K 1 (its sum at every pixel), is applied: with its square root on both sides of
 * the filter, not at all, or whole on one side.
 */
export type Normalization = 'symmetric' | 'none' | 'before' | 'after';

export const normalizations: readonly Normalization[] = ['symmetric', 'none', 'before', 'after'];

/**
 * What a pixel is to a kernel; every feature is divided by its sigma.
 * `grid`: column and row, in pixels. `gridRgb`: these and the picture's three channels, 0…255.
 * `features`: any numbers, `dimensions` x pixels.
 */
export type Features =
	| { readonly kind: 'grid' }
	| { readonly kind: 'gridRgb' }
	| { readonly kind: 'features'; readonly dimensions: number; readonly data: Float32Array };

export interface PairwiseTerm {
	readonly features: Features;
	/** One number a feature, in the features' unit. */
	readonly sigma: readonly number[];
	readonly normalization: Normalization;
	/**
	 * A number: Potts, the reward for equal labels. A vector of one number a class or a matrix of classes x classes, row by
	 * row: used as given and symmetrised, so that a negative value attracts.
	 */
	readonly compatibility: number | Float32Array;
}

/** The most features a kernel may have. */
export const maxDimensions = 12;

export function dimensionsOf(features: Features): number {
	switch (features.kind) {
		case 'grid':
			return 2;
		case 'gridRgb':
			return 5;
		case 'features':
			return features.dimensions;
	}
}

/** @throws InspectorError `crf.badInput` where a term is not one, whatever the picture */
export function checkPairwiseTerm({ features, sigma, compatibility }: PairwiseTerm): void {
	const bad = (detail: string) => new InspectorError({ code: 'crf.badInput', detail });
	const d = dimensionsOf(features);
	if (!Number.isInteger(d) || d < 1 || d > maxDimensions) {
		throw bad(`${d} features; 1 to ${maxDimensions} are possible`);
	}
	if (sigma.length !== d || !sigma.every((value) => value > 0 && Number.isFinite(value))) {
		throw bad(`sigma must be ${d} numbers above 0`);
	}
	if (features.kind === 'features' && !features.data.every(Number.isFinite)) {
		throw bad('the features have values that are not finite');
	}
	if (typeof compatibility === 'number' && !Number.isFinite(compatibility)) {
		throw bad('the compatibility is not finite');
	}
}

/**
 * What a term adds to the energy of class `row` per unit of filtered Q of class `column`, row by row; undefined for
 * Potts.
 * @throws InspectorError `crf.badInput` if the compatibility does not fit the classes
 */
export function compatibilityMatrix({ compatibility }: PairwiseTerm, classes: number): Float32Array | undefined {
	if (typeof compatibility === 'number') {
		return undefined;
	}
	const matrix = new Float32Array(classes * classes);
	if (compatibility.length === classes * classes && classes > 1) {
		for (let row = 0; row < classes; row++) {
			for (let column = 0; column < classes; column++) {
				const both = compatibility[row * classes + column]! + compatibility[column * classes + row]!;
				matrix[row * classes + column] = -both / 2;
			}
		}
	} else if (compatibility.length === classes) {
		for (let c = 0; c < classes; c++) {
			matrix[c * classes + c] = -compatibility[c]!;
		}
	} else {
		const detail = `a compatibility of ${compatibility.length} numbers does not fit ${classes} classes`;
		throw new InspectorError({ code: 'crf.badInput', detail });
	}
	if (!matrix.every(Number.isFinite)) {
		throw new InspectorError({ code: 'crf.badInput', detail: 'the compatibility has values that are not finite' });
	}
	return matrix;
}
