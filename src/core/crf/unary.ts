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
