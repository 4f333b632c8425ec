/** Unary energies: what a network, or a mask, says of every pixel by itself. */
import { InspectorError } from '../problem';
import type { FeatureMap, Geometry } from '../run';
import { type AxisGeometry, gridPosition, horizontalAxis, verticalAxis } from '../segmentation/gridAxis';

/** Probabilities are not taken to be below this: one pixel's certainty must not outvote every neighbour. */
export const smallestProbability = 1e-5;

/**
 * -ln(clip(p, 1e-5, 1)), not normalised anew; as pydensecrf's unary_from_softmax.
 * @param probabilities classes x pixels
 * @returns the same shape, nats
 */
export function unaryFromProbabilities(probabilities: Float32Array): Float32Array {
	const smallest = Math.fround(smallestProbability);
	const unary = new Float32Array(probabilities.length);
	for (let i = 0; i < unary.length; i++) {
		const probability = probabilities[i]!;
		unary[i] = -Math.log(probability < smallest ? smallest : probability > 1 ? 1 : probability);
	}
	return unary;
}

/**
 * Of a mask that is right with a probability: its label has that one, the other classes share the rest.
 * @param labels a label a pixel
 * @param gtProb above 0 and below 1
 * @param zeroUnsure label 0 means unknown, every class is equally likely there, and the classes are the labels from 1 on
 * @returns classes x pixels, nats
 * @throws InspectorError `crf.badParameter` for the probability, `crf.badInput` for a label that is no class
 */
export function unaryFromLabels(
	labels: ArrayLike<number>,
	classes: number,
	gtProb: number,
	zeroUnsure = true,
): Float32Array {
	if (!(gtProb > 0 && gtProb < 1)) {
		throw new InspectorError({ code: 'crf.badParameter', parameter: 'gtProb', value: String(gtProb), low: 0, high: 1 });
	}
	const pixels = labels.length;
	const others = classes > 1 ? -Math.log((1 - gtProb) / (classes - 1)) : 0;
	const own = -Math.log(gtProb);
	const uniform = Math.log(classes);
	const first = zeroUnsure ? 1 : 0;
	const unary = new Float32Array(classes * pixels).fill(others);
	for (let pixel = 0; pixel < pixels; pixel++) {
		const label = labels[pixel]!;
		const row = label - first;
		if (zeroUnsure && label === 0) {
			for (let c = 0; c < classes; c++) {
				unary[c * pixels + pixel] = uniform;
			}
		} else if (Number.isInteger(row) && row >= 0 && row < classes) {
			unary[row * pixels + pixel] = own;
		} else {
			throw new InspectorError({ code: 'crf.badInput', detail: `label ${label} at pixel ${pixel} is no class` });
		}
	}
	return unary;
}

/**
 * Of a network's logits: bilinearly interpolated to the picture's own pixels as the mask is (`upsampleLabels`), softmax,
 * and -ln(clip(p, 1e-5, 1)).
 *
 * In float32, class by class along rows: -ln p = ln(sum of exp) - logit takes one exponential a class and one logarithm a
 * pixel.
 *
 * @param logits classes x gridHeight x gridWidth
 * @returns classes x (pictureHeight * pictureWidth), nats, 0…11.5
 */
export function unaryFromLogits(logits: FeatureMap, geometry: Geometry): Float32Array {
	const { channels, height, width, data } = logits;
	const { pictureWidth, pictureHeight } = geometry;
	const pixels = pictureWidth * pictureHeight;
	const columns = positions(horizontalAxis(geometry));
	const rows = positions(verticalAxis(geometry));
	const largestEnergy = -Math.log(Math.fround(smallestProbability));
	const unary = new Float32Array(channels * pixels);
	const line = new Float64Array(width);
	const top = new Float32Array(pictureWidth);
	const sums = new Float64Array(pictureWidth);
	for (let y = 0; y < pictureHeight; y++) {
		const lower = rows.fraction[y]!;
		const upper = 1 - lower;
		top.fill(Number.NEGATIVE_INFINITY);
		for (let c = 0; c < channels; c++) {
			const above = (c * height + rows.cell[y]!) * width;
			const below = (c * height + rows.next[y]!) * width;
			for (let x = 0; x < width; x++) {
				line[x] = upper * data[above + x]! + lower * data[below + x]!;
			}
			const at = c * pixels + y * pictureWidth;
			for (let x = 0; x < pictureWidth; x++) {
				const fraction = columns.fraction[x]!;
				const logit = (1 - fraction) * line[columns.cell[x]!]! + fraction * line[columns.next[x]!]!;
				unary[at + x] = logit;
				if (unary[at + x]! > top[x]!) {
					top[x] = unary[at + x]!;
				}
			}
		}
		sums.fill(0);
		for (let c = 0; c < channels; c++) {
			const at = c * pixels + y * pictureWidth;
			for (let x = 0; x < pictureWidth; x++) {
				const below = unary[at + x]! - top[x]!;
				unary[at + x] = below;
				// What is smaller does not change the sum of up to 256 terms, the largest of which is 1.
				if (below > -25) {
					sums[x]! += Math.exp(below);
				}
			}
		}
		for (let x = 0; x < pictureWidth; x++) {
			sums[x] = Math.log(sums[x]!);
		}
		for (let c = 0; c < channels; c++) {
			const at = c * pixels + y * pictureWidth;
			for (let x = 0; x < pictureWidth; x++) {
				const energy = sums[x]! - unary[at + x]!;
				unary[at + x] = energy > largestEnergy ? largestEnergy : energy;
			}
		}
	}
	return unary;
}

/** The grid position of every pixel along an axis. */
function positions(axis: AxisGeometry) {
	const cell = new Int32Array(axis.picture);
	const next = new Int32Array(axis.picture);
	const fraction = new Float64Array(axis.picture);
	for (let pixel = 0; pixel < axis.picture; pixel++) {
		const position = gridPosition(axis, pixel);
		cell[pixel] = position.cell;
		next[pixel] = position.next;
		fraction[pixel] = position.fraction;
	}
	return { cell, next, fraction };
}
