/**
 * Squared Euclidean distance of every pixel to the nearest marked one, in pixels², exact; Infinity where none is marked.
 *
 * Source: Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", Theory of Computing 8 (2012):
 * the lower envelope of parabolas, first along columns, then along rows.
 *
 * @param marked height x width, non-zero where marked
 * @returns height x width
 */
export function squaredDistances(marked: Uint8Array, width: number, height: number): Float64Array {
	const distances = Float64Array.from(marked, (mark) => (mark !== 0 ? 0 : Number.POSITIVE_INFINITY));
	const longest = Math.max(width, height);
	const line = new Float64Array(longest);
	const envelope = { apex: new Int32Array(longest), start: new Float64Array(longest + 1) };
	for (let x = 0; x < width; x++) {
		alongLine(distances, x, width, height, line, envelope);
	}
	for (let y = 0; y < height; y++) {
		alongLine(distances, y * width, 1, width, line, envelope);
	}
	return distances;
}

/** The parabolas that are lowest somewhere, from left to right: where each stands, and from where on it is the lowest. */
interface Envelope {
	readonly apex: Int32Array;
	readonly start: Float64Array;
}

/** Replaces the `count` values from `first` on, `step` apart, by min over q of (p − q)² + value(q). */
function alongLine(
	values: Float64Array,
	first: number,
	step: number,
	count: number,
	line: Float64Array,
	{ apex, start }: Envelope,
): void {
	let last = -1;
	for (let q = 0; q < count; q++) {
		const value = values[first + q * step]!;
		line[q] = value;
		if (value === Number.POSITIVE_INFINITY) {
			continue;
		}
		let from = Number.NEGATIVE_INFINITY;
		while (last >= 0) {
			const other = apex[last]!;
			from = (value + q * q - (line[other]! + other * other)) / (2 * (q - other));
			if (from > start[last]!) {
				break;
			}
			last--;
		}
		last++;
		apex[last] = q;
		start[last] = last === 0 ? Number.NEGATIVE_INFINITY : from;
	}
	if (last < 0) {
		return;
	}
	start[last + 1] = Number.POSITIVE_INFINITY;
	for (let p = 0, i = 0; p < count; p++) {
		while (start[i + 1]! < p) {
			i++;
		}
		const away = p - apex[i]!;
		values[first + p * step] = away * away + line[apex[i]!]!;
	}
}
