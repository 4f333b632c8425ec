import type { FeatureMap, Geometry } from '../run';
import { logitsAt } from '../segmentation/probabilities';

/** Temporary until the kernel's own. */
export function unaryFromLogits(logits: FeatureMap, geometry: Geometry): Float32Array {
	const { pictureWidth: width, pictureHeight: height } = geometry;
	const unary = new Float32Array(logits.channels * width * height);
	for (let y = 0, pixel = 0; y < height; y++) {
		for (let x = 0; x < width; x++, pixel++) {
			const values = logitsAt(logits, geometry, x, y);
			const largest = Math.max(...values);
			const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0);
			values.forEach((value, label) => {
				unary[label * width * height + pixel] = -Math.log(Math.max(1e-5, Math.exp(value - largest) / sum));
			});
		}
	}
	return unary;
}

export function unaryFromProbabilities(probabilities: Float32Array): Float32Array {
	return probabilities.map((value) => -Math.log(Math.min(1, Math.max(1e-5, value))));
}

export function unaryFromLabels(labels: Uint8Array, classes: number, probability: number): Float32Array {
	const unary = new Float32Array(classes * labels.length);
	for (let c = 0; c < classes; c++) {
		for (let i = 0; i < labels.length; i++) {
			const known = labels[i]! < classes;
			unary[c * labels.length + i] = known
				? -Math.log(labels[i] === c ? probability : (1 - probability) / (classes - 1))
				: Math.log(classes);
		}
	}
	return unary;
}
