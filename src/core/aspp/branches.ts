/** Branches at any dilation rate, from tap maps: a dilated convolution is a sum of shifted maps. */
import type { FeatureMap } from '../run';
import { type TapMaps, tapCount } from './types';

/**
 * A branch's logits at a dilation rate: its bias and nine shifted additions a class. What a tap would read outside
 * of the grid is zero, as with padding equal to the rate.
 *
 * @param branch Index of the branch.
 * @param rate At least 1; any other than the trained one is exact too.
 * @returns classes x height x width
 */
export function branchLogits(taps: TapMaps, branch: number, rate: number): FeatureMap {
	const { classes, height, width } = taps;
	const data = new Float32Array(classes * height * width);
	for (let label = 0; label < classes; label++) {
		addTaps(taps, branch, rate, label, data.subarray(label * height * width, (label + 1) * height * width));
	}
	return { channels: classes, height, width, data };
}

/** {@link branchLogits} of one class: height x width. */
export function classMap(taps: TapMaps, branch: number, rate: number, label: number): Float32Array {
	const map = new Float32Array(taps.height * taps.width);
	addTaps(taps, branch, rate, label, map);
	return map;
}

/**
 * The logits with some branches on. With none on they are zero everywhere: no class wins, and a mask of them is label
 * 0 throughout, since of equal classes the lowest label is taken.
 *
 * @param maps One a branch, of one size; at least one.
 * @param on One a branch.
 */
export function sumBranches(maps: readonly FeatureMap[], on: readonly boolean[]): FeatureMap {
	const { channels, height, width } = maps[0]!;
	const data = new Float32Array(channels * height * width);
	for (const [index, map] of maps.entries()) {
		if (on[index]) {
			const from = map.data;
			for (let at = 0; at < data.length; at++) {
				data[at] = data[at]! + from[at]!;
			}
		}
	}
	return { channels, height, width, data };
}

function addTaps(taps: TapMaps, branch: number, rate: number, label: number, map: Float32Array): void {
	const { classes, height, width } = taps;
	const plane = height * width;
	map.fill(taps.bias[branch * classes + label]!);
	for (let tap = 0; tap < tapCount; tap++) {
		const down = (Math.floor(tap / 3) - 1) * rate;
		const right = ((tap % 3) - 1) * rate;
		const start = ((branch * tapCount + tap) * classes + label) * plane;
		const source = taps.taps;
		const firstColumn = Math.max(0, -right);
		const endColumn = Math.min(width, width - right);
		const endRow = Math.min(height, height - down);
		for (let row = Math.max(0, -down); row < endRow; row++) {
			const to = row * width;
			const from = start + (row + down) * width + right;
			for (let column = firstColumn; column < endColumn; column++) {
				map[to + column] = map[to + column]! + source[from + column]!;
			}
		}
	}
}
