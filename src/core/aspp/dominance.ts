import type { FeatureMap, Geometry } from '../run';
import { gridPosition, horizontalAxis, verticalAxis } from '../segmentation/gridAxis';

export interface Dominance {
	/** Index of a branch, one a picture pixel; {@link noBranch} where none is on. */
	readonly branches: Uint8Array;
	/** Pixels by branch, divided by the picture's, 0…1. */
	readonly shares: readonly number[];
}

/** Stands in {@link Dominance.branches} for “none is on”. */
export const noBranch = 255;

/**
 * At every picture pixel the branch, of those that are on, that adds most to the logit of that pixel's class; of equal
 * ones the first. Its map is interpolated as the logits are.
 *
 * @param maps One a branch, classes x gridHeight x gridWidth.
 * @param labels pictureHeight x pictureWidth: the mask whose classes are meant.
 */
export function dominantBranches(
	maps: readonly FeatureMap[],
	on: readonly boolean[],
	labels: Uint8Array,
	geometry: Geometry,
): Dominance {
	const { pictureWidth, pictureHeight, gridWidth, gridHeight } = geometry;
	const branches = new Uint8Array(labels.length).fill(noBranch);
	const lit = maps.flatMap(({ data }, index) => (on[index] ? [{ data, index }] : []));
	const counts = new Uint32Array(maps.length);
	const columns = Array.from({ length: pictureWidth }, (_, x) => gridPosition(horizontalAxis(geometry), x));
	const cells = Int32Array.from(columns, ({ cell }) => cell);
	const fractions = Float64Array.from(columns, ({ fraction }) => fraction);
	const step = gridWidth > 1 ? 1 : 0;
	for (let y = 0; y < pictureHeight && lit.length > 0; y++) {
		const row = gridPosition(verticalAxis(geometry), y);
		const upper = row.cell * gridWidth;
		const below = (row.next - row.cell) * gridWidth;
		const down = row.fraction;
		for (let x = 0, at = y * pictureWidth; x < pictureWidth; x++, at++) {
			const from = labels[at]! * gridHeight * gridWidth + upper + cells[x]!;
			const across = fractions[x]!;
			let best = noBranch;
			let largest = Number.NEGATIVE_INFINITY;
			for (let i = 0; i < lit.length; i++) {
				const { data, index } = lit[i]!;
				const left = data[from]! + down * (data[from + below]! - data[from]!);
				const right = data[from + step]! + down * (data[from + below + step]! - data[from + step]!);
				const value = left + across * (right - left);
				if (value > largest) {
					largest = value;
					best = index;
				}
			}
			branches[at] = best;
			counts[best] = counts[best]! + 1;
		}
	}
	return { branches, shares: Array.from(counts, (count) => count / labels.length) };
}
