/** What can be said of a mask: how far it agrees with ground truth, else how sure the network seems. */
import { ConfusionMatrix } from '../metrics/confusion';
import type { FeatureMap, Geometry } from '../run';
import { countClasses } from '../segmentation/countClasses';
import { softmax } from '../segmentation/probabilities';

export interface Confidence {
	/** Mean of the largest softmax probability over the picture's cells of the logit grid, 0…1. */
	readonly probability: number;
	/** Mean entropy of the softmax over those cells, divided by log(classes), 0…1. */
	readonly entropy: number;
}

/**
 * A network that is sure may be wrong all the same: this compares inputs where there is no ground truth, and no more.
 * Cells that lie in the padding alone are left out.
 */
export function confidenceOf(logits: FeatureMap, geometry: Geometry): Confidence {
	const { channels, height, width, data } = logits;
	const rows = Math.max(1, Math.ceil((height * geometry.resizedHeight) / geometry.inputHeight));
	const columns = Math.max(1, Math.ceil((width * geometry.resizedWidth) / geometry.inputWidth));
	const values = new Float64Array(channels);
	let probability = 0;
	let entropy = 0;
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			for (let label = 0; label < channels; label++) {
				values[label] = data[(label * height + row) * width + column]!;
			}
			const probabilities = softmax(values);
			probability += Math.max(...probabilities);
			entropy -= probabilities.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) : sum), 0);
		}
	}
	const cells = rows * columns;
	return { probability: probability / cells, entropy: entropy / cells / Math.log(channels) };
}

export interface Agreement {
	/** Share of the pixels whose class is the true one, those to ignore left out, 0…1; NaN without such pixels. */
	readonly pixels: number;
	/** Mean IoU over the classes of the ground truth, 0…1; NaN without any. */
	readonly meanIoU: number;
}

/** @throws RangeError where the sizes differ or a label is neither a class nor the one to ignore */
export function agreementOf(labels: Uint8Array, truth: Uint8Array, classes: number, ignoreLabel: number): Agreement {
	const matrix = new ConfusionMatrix(classes, ignoreLabel);
	matrix.add(truth, labels);
	return { pixels: matrix.pixelAccuracy(), meanIoU: matrix.meanIoU() };
}

/** Classes in a mask. */
export function classCountOf(labels: Uint8Array, classes: number): number {
	return countClasses(labels, classes).length;
}

/** The best first: by agreement where it is known, else by probability; the order of equal ones stays. */
export function ranked<T extends { readonly agreement: Agreement | undefined; readonly confidence: Confidence }>(
	judged: readonly T[],
): readonly T[] {
	const score = ({ agreement, confidence }: T) => agreement?.pixels ?? confidence.probability;
	return judged.toSorted((one, other) => score(other) - score(one));
}
