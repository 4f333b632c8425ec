import { InspectorError } from '../problem';

/** How a lattice's vertices become keys of one or two 64-bit words. */
export interface Packing {
	/** Two words. */
	readonly wide: boolean;
	/** Per coordinate but the last, which the others determine: its word (0, 1), its lowest bit, what is added to it. */
	readonly fields: readonly { readonly word: 0 | 1; readonly shift: number; readonly bias: number }[];
	/** Per axis what a step to the neighbour adds to both words. */
	readonly steps: readonly (readonly [lo: bigint, hi: bigint])[];
}

/** Bits of the words that keys use; one more in the low word tells a key from a free slot. */
const lowBits = 62;
const highBits = 63;
/** Of one coordinate: beyond, float32 features no longer tell the lattice's points apart. */
const coordinateBits = 21;

/**
 * The blur's standard deviation in lattice units, and with it the diagonal of the elevation matrix (Adams et al. 2010,
 * p. 5 and 6), with the reference's rounding.
 */
export function elevationScale(dimensions: number): Float32Array {
	const deviation = Math.fround(Math.sqrt(2 / 3) * (dimensions + 1));
	return Float32Array.from({ length: dimensions }, (_, i) => (1 / Math.sqrt((i + 2) * (i + 1))) * deviation);
}

/**
 * Room in the keys for every vertex that features of these ranges can touch, and for their neighbours.
 * @param ranges smallest and largest value of each feature, already divided by sigma
 * @throws InspectorError `crf.tooLarge` if there is not enough
 */
export function packKeys(ranges: readonly (readonly [low: number, high: number])[]): Packing {
	const d = ranges.length;
	const scale = elevationScale(d);
	// Features of padding pixels are 0.
	const scaled = ranges.map(([low, high], i) => [Math.min(low, 0) * scale[i]!, Math.max(high, 0) * scale[i]!] as const);
	const margin = 3 * (d + 1);
	const used = [0, 0];
	const fields = Array.from({ length: d }, (_, i) => {
		const after = scaled.slice(i);
		let low = after.reduce((sum, range) => sum + range[0], 0);
		let high = after.reduce((sum, range) => sum + range[1], 0);
		if (i > 0) {
			low -= i * scaled[i - 1]![1];
			high -= i * scaled[i - 1]![0];
		}
		const bits = Math.ceil(Math.log2(Math.ceil(high) - Math.floor(low) + 2 * margin + 1));
		const word = used[0]! + bits <= lowBits ? 0 : 1;
		const shift = used[word]!;
		used[word] = shift + bits;
		if (!(bits <= coordinateBits) || used[1]! > highBits) {
			throw new InspectorError({ code: 'crf.tooLarge', detail: 'the lattice has too many points' });
		}
		return { word, shift, bias: margin - Math.floor(low) } as const;
	});
	const ones = [0n, 0n];
	for (const { word, shift } of fields) {
		ones[word]! += 1n << BigInt(shift);
	}
	const steps = Array.from({ length: d + 1 }, (_, axis): [bigint, bigint] => {
		const step: [bigint, bigint] = [ones[0]!, ones[1]!];
		const field = fields[axis];
		if (field) {
			step[field.word] -= BigInt(d + 1) << BigInt(field.shift);
		}
		return step;
	});
	return { wide: used[1]! > 0, fields, steps };
}
