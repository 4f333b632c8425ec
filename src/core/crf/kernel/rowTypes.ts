/**
 * Rows of 1 to 6 vectors of 4 lanes, as types: a generic function over them is compiled once per row length, with the
 * comparisons of {@link vectors} decided at compile time.
 */
@unmanaged export class Row1 { a: v128; }
@unmanaged export class Row2 { a: v128; b: v128; }
@unmanaged export class Row3 { a: v128; b: v128; c: v128; }
@unmanaged export class Row4 { a: v128; b: v128; c: v128; d: v128; }
@unmanaged export class Row5 { a: v128; b: v128; c: v128; d: v128; e: v128; }
@unmanaged export class Row6 { a: v128; b: v128; c: v128; d: v128; e: v128; f: v128; }

/** The longest row that is handled in registers. */
export const maxVectors: u32 = 6;

/**
 * Where vector `vector` of row `row` lies among `count` rows of `width` vectors. Rows that are longer than
 * {@link maxVectors} are stored in blocks of that many vectors, one block of all rows after the other, so that whoever
 * works on a block reads memory without gaps.
 */
@inline
export function vectorAt(rows: usize, count: u32, width: u32, row: u32, vector: u32): usize {
	if (width <= maxVectors) {
		return rows + (<usize>row * width + vector) * 16;
	}
	const first = vector - (vector % maxVectors);
	return rows + (<usize>count * first + row * min(maxVectors, width - first) + (vector - first)) * 16;
}

/** Vectors in a row; a constant. */
@inline
export function vectors<R>(): u32 {
	return offsetof<R>() >> 4;
}
