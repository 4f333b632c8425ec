import type { FeatureMap } from '../run';

/**
 * Bilinear without a filter, as networks resize their own maps: Caffe's Interp and PyTorch's `interpolate`. Reducing
 * skips values.
 *
 * @param alignCorners true: the corners' middles stay on each other (Interp); false: half-pixel centres, scaled by the
 *   ratio of the sizes
 * @returns channels x `height` x `width`; `map` itself if the size stays
 */
export function resizeMap(map: FeatureMap, height: number, width: number, alignCorners: boolean): FeatureMap {
	if (map.height === height && map.width === width) {
		return map;
	}
	const rows = samples(map.height, height, alignCorners);
	const columns = samples(map.width, width, alignCorners);
	const data = new Float32Array(map.channels * height * width);
	let to = 0;
	for (let channel = 0; channel < map.channels; channel++) {
		for (let y = 0; y < height; y++) {
			const upper = (channel * map.height + rows.first[y]!) * map.width;
			const lower = (channel * map.height + rows.second[y]!) * map.width;
			const down = rows.fraction[y]!;
			for (let x = 0; x < width; x++) {
				const left = columns.first[x]!;
				const right = columns.second[x]!;
				const across = columns.fraction[x]!;
				const above = (1 - across) * map.data[upper + left]! + across * map.data[upper + right]!;
				const below = (1 - across) * map.data[lower + left]! + across * map.data[lower + right]!;
				data[to++] = (1 - down) * above + down * below;
			}
		}
	}
	return { channels: map.channels, height, width, data };
}

interface Samples {
	readonly first: Int32Array;
	readonly second: Int32Array;
	/** Weight of the second, 0…1. */
	readonly fraction: Float64Array;
}

function samples(from: number, to: number, alignCorners: boolean): Samples {
	const first = new Int32Array(to);
	const second = new Int32Array(to);
	const fraction = new Float64Array(to);
	const last = from - 1;
	for (let i = 0; i < to; i++) {
		const wanted = alignCorners ? (to > 1 ? (i * last) / (to - 1) : 0) : ((i + 0.5) * from) / to - 0.5;
		const position = Math.min(Math.max(wanted, 0), last);
		first[i] = Math.floor(position);
		second[i] = Math.min(first[i]! + 1, last);
		fraction[i] = position - first[i]!;
	}
	return { first, second, fraction };
}
