import type { FeatureMap, Geometry } from '../run';
import { gridPosition, horizontalAxis, verticalAxis } from './gridAxis';

export interface ClassScore {
	readonly label: number;
	/** Softmax over the classes, 0…1. */
	readonly probability: number;
	/** Interpolated logit. */
	readonly logit: number;
}

/**
 * Softmax of the bilinearly interpolated logits at a picture pixel.
 * @param x picture column, 0 … pictureWidth - 1; `y` likewise
 * @returns one probability a class
 */
export function probabilitiesAt(logits: FeatureMap, geometry: Geometry, x: number, y: number): Float32Array {
	return Float32Array.from(softmax(logitsAt(logits, geometry, x, y)));
}

/** The `count` most probable classes at a picture pixel, best first; of equal ones the lower label first. */
export function topClassesAt(
	logits: FeatureMap,
	geometry: Geometry,
	x: number,
	y: number,
	count: number,
): readonly ClassScore[] {
	const values = logitsAt(logits, geometry, x, y);
	const probabilities = softmax(values);
	return Array.from(values, (logit, label) => ({ label, probability: probabilities[label]!, logit }))
		.sort((a, b) => b.logit - a.logit || a.label - b.label)
		.slice(0, count);
}

/** The logits of every class at a picture pixel, interpolated as {@link upsampleLabels} does. */
export function logitsAt(logits: FeatureMap, geometry: Geometry, x: number, y: number): Float64Array {
	const column = gridPosition(horizontalAxis(geometry), x);
	const row = gridPosition(verticalAxis(geometry), y);
	const { channels, height, width, data } = logits;
	const values = new Float64Array(channels);
	for (let c = 0; c < channels; c++) {
		const upper = (c * height + row.cell) * width;
		const lower = (c * height + row.next) * width;
		const left = (1 - row.fraction) * data[upper + column.cell]! + row.fraction * data[lower + column.cell]!;
		const right = (1 - row.fraction) * data[upper + column.next]! + row.fraction * data[lower + column.next]!;
		values[c] = (1 - column.fraction) * left + column.fraction * right;
	}
	return values;
}

/** @returns the exponentials, scaled so that their sum is 1 */
export function softmax(values: Float64Array): Float64Array {
	let largest = Number.NEGATIVE_INFINITY;
	for (const value of values) {
		largest = Math.max(largest, value);
	}
	const result = values.map((value) => Math.exp(value - largest));
	let sum = 0;
	for (const value of result) {
		sum += value;
	}
	return result.map((value) => value / sum);
}
