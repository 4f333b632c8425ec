/**
 * Where pixels lie in the permutohedral lattice: the enclosing simplex and the barycentric weights (Adams, Baek, Davis,
 * "Fast High-Dimensional Filtering Using the Permutohedral Lattice", 2010, sections 3 and 4.1). The order of every
 * rounding is part of the result: near ties another order puts a pixel into another simplex.
 */
import { findOrInsert, isWide, makeRoom, Narrow, Wide } from './hash';
import { Builder, grid, gridRgb, Lattice, maxDimensions } from './memory';
import { segmentEnd, segmentStart } from './segments';

/*
 * A builder's scratch, for four pixels at once (one a lane) unless told otherwise:
 * feature, elevated, remainder-0 point, rank: (maxDimensions + 1) vectors each;
 * then for one pixel: weights by remainder, axis by rank, and keys and vertices of the simplex before.
 */
const lane = 16;
const side: usize = (maxDimensions + 1) * lane;
const elevatedAt: usize = side;
const pointAt: usize = 2 * side;
const rankAt: usize = 3 * side;
const weightAt: usize = 4 * side;
const axisAt: usize = weightAt + 128;
const lastKeyAt: usize = axisAt + 128;
const lastVertexAt: usize = lastKeyAt + 256;
/** Rank pattern of the simplex before, one u64. */
const lastRanksAt: usize = lastVertexAt + 128;
export const scratchBytes: usize = lastRanksAt + 64;

/**
 * Embeds the pixels of the builder's segments from `next` on, until its range ends or its table needs more room. The
 * reference pads the pixels to a multiple of 4 with zero features, whose vertices take part in the blur; so does this.
 */
export function embed(lattice: Lattice, builder: Builder): void {
	while (builder.next < builder.end) {
		const from = segmentStart(lattice.width, lattice.pixels, builder.next);
		const to = segmentEnd(lattice.width, lattice.pixels, builder.next);
		if (!makeRoom(builder, (to - from + 1) * (lattice.dimensions + 1))) {
			return;
		}
		if (lattice.wide) {
			embedPixels<Wide>(lattice, builder, from, to);
		} else {
			embedPixels<Narrow>(lattice, builder, from, to);
		}
		store<u32>(lattice.met + builder.next * 8, builder.count);
		store<u32>(lattice.met + builder.next * 8, 0, 4);
		builder.next++;
	}
}

function embedPixels<K>(lattice: Lattice, builder: Builder, from: u32, to: u32): void {
	const bytes = (lattice.dimensions + 1) * 8;
	for (let pixel = from; pixel < to; pixel += 4) {
		const count = min(<u32>4, to - pixel);
		loadFeatures(lattice, builder.scratch, pixel, count);
		findSimplices(lattice, builder.scratch);
		for (let j: u32 = 0; j < count; j++) {
			placePixel<K>(lattice, builder, j, lattice.splat + (pixel + j) * bytes);
		}
		if (lattice.pixels & 3 && pixel + count == lattice.pixels) {
			// The picture's last four, of which there are fewer then: the next one's features are zero.
			placePixel<K>(lattice, builder, count, 0);
		}
	}
}

/** Features of up to four pixels of a line, divided by sigma; zero behind the last of them. */
function loadFeatures(lattice: Lattice, scratch: usize, pixel: u32, count: u32): void {
	const d = lattice.dimensions;
	if (count < 4) {
		memory.fill(scratch, 0, d * lane);
	}
	if (lattice.source == grid || lattice.source == gridRgb) {
		const y = pixel / lattice.width;
		const x = pixel - y * lattice.width;
		for (let j: u32 = 0; j < count; j++) {
			const to = scratch + j * 4;
			store<f32>(to, <f32>(x + j));
			store<f32>(to, <f32>y, lane);
			if (lattice.source == gridRgb) {
				const from = lattice.features + (pixel + j) * 3;
				store<f32>(to, <f32>load<u8>(from), 2 * lane);
				store<f32>(to, <f32>load<u8>(from, 1), 3 * lane);
				store<f32>(to, <f32>load<u8>(from, 2), 4 * lane);
			}
		}
	} else {
		for (let i: u32 = 0; i < d; i++) {
			const from = lattice.features + (i * lattice.pixels + pixel) * 4;
			for (let j: u32 = 0; j < count; j++) {
				store<f32>(scratch + i * lane + j * 4, load<f32>(from + j * 4));
			}
		}
	}
	for (let i: u32 = 0; i < d; i++) {
		const at = scratch + i * lane;
		v128.store(at, f32x4.div(v128.load(at), v128.load_splat<f32>(lattice.sigma + i * 4)));
	}
}

/** Elevates the features onto the lattice's plane, and finds the nearest remainder-0 point and the ranks. */
function findSimplices(lattice: Lattice, scratch: usize): void {
	const d = lattice.dimensions;
	const elevated = scratch + elevatedAt;
	const points = scratch + pointAt;
	const ranks = scratch + rankAt;
	const corners = f32x4.splat(<f32>(d + 1));
	const share = f32x4.splat(<f32>1 / <f32>(d + 1));

	let sum = f32x4.splat(0);
	for (let j = d; j > 0; j--) {
		const scaled = f32x4.mul(
			v128.load(scratch + (j - 1) * lane),
			v128.load_splat<f32>(lattice.scale + (j - 1) * 4),
		);
		v128.store(elevated + j * lane, f32x4.sub(sum, f32x4.mul(f32x4.splat(<f32>j), scaled)));
		sum = f32x4.add(sum, scaled);
	}
	v128.store(elevated, sum);

	let excess = f32x4.splat(0);
	for (let i: u32 = 0; i <= d; i++) {
		const at = i * lane;
		const value = v128.load(elevated + at);
		const rounded = f32x4.nearest(f32x4.mul(share, value));
		const point = f32x4.mul(rounded, corners);
		v128.store(points + at, point);
		// Kept in place of the feature: the distance from the point, which ranks the coordinates.
		v128.store(scratch + at, f32x4.sub(value, point));
		v128.store(ranks + at, i32x4.splat(0));
		excess = f32x4.add(excess, rounded);
	}
	for (let i: u32 = 0; i < d; i++) {
		const distance = v128.load(scratch + i * lane);
		let rank = v128.load(ranks + i * lane);
		for (let j = i + 1; j <= d; j++) {
			const smaller = f32x4.lt(distance, v128.load(scratch + j * lane));
			rank = i32x4.sub(rank, smaller);
			const other = ranks + j * lane;
			v128.store(other, i32x4.add(v128.load(other), i32x4.add(smaller, i32x4.splat(1))));
		}
		v128.store(ranks + i * lane, rank);
	}
	// Rounding may have left the plane; the coordinates that were rounded furthest go back.
	const shift = i32x4.trunc_sat_f32x4_s(excess);
	const whole = i32x4.splat(<i32>d + 1);
	for (let i: u32 = 0; i <= d; i++) {
		const at = i * lane;
		let rank = i32x4.add(v128.load(ranks + at), shift);
		const low = v128.and(i32x4.lt_s(rank, i32x4.splat(0)), whole);
		const high = v128.and(i32x4.ge_s(rank, whole), whole);
		const move = i32x4.sub(low, high);
		rank = i32x4.add(rank, move);
		const point = f32x4.add(v128.load(points + at), f32x4.convert_i32x4_s(move));
		v128.store(ranks + at, rank);
		// From here on integers and fractions: the point for the key, the barycentric part for the weights.
		v128.store(scratch + at, f32x4.mul(f32x4.sub(v128.load(elevated + at), point), share));
		v128.store(points + at, i32x4.trunc_sat_f32x4_s(point));
	}
}

/** Finds the d + 1 vertices of the pixel in lane `j`, makes those that are new, and writes {vertex, weight} to `out`. */
function placePixel<K>(lattice: Lattice, builder: Builder, j: u32, out: usize): void {
	const d = lattice.dimensions;
	const scratch = builder.scratch;
	const column = scratch + j * 4;
	const weights = scratch + weightAt;
	const axes = scratch + axisAt;
	const lastKeys = scratch + lastKeyAt;
	const lastVertices = scratch + lastVertexAt;

	let lo: u64 = 1 << 62;
	let hi: u64 = 0;
	let pattern: u64 = 1 << 63;
	for (let i: u32 = 0; i <= d; i++) {
		const rank = load<u32>(column + rankAt + i * lane);
		store<f32>(weights + rank * 4, load<f32>(column + i * lane));
		store<u32>(axes + rank * 4, i);
		pattern |= (<u64>rank) << (4 * i);
		if (i < d) {
			const packing = lattice.packing + i * 12;
			const value = <u64>(load<i32>(column + pointAt + i * lane) + load<i32>(packing, 8)) << load<u32>(packing, 4);
			if (isWide<K>() && load<u32>(packing)) {
				hi |= value;
			} else {
				lo |= value;
			}
		}
	}

	// In the simplex of the pixel before? Then all its vertices are known.
	const same =
		load<u64>(lastKeys) == lo &&
		(!isWide<K>() || load<u64>(lastKeys, 8) == hi) &&
		load<u64>(scratch + lastRanksAt) == pattern;
	if (!same) {
		store<u64>(scratch + lastRanksAt, pattern);
		for (let r: u32 = 0; ; r++) {
			const lastKey = lastKeys + r * 16;
			if (load<u64>(lastKey) != lo || (isWide<K>() && load<u64>(lastKey, 8) != hi)) {
				store<u64>(lastKey, lo);
				store<u64>(lastKey, hi, 8);
				store<u32>(lastVertices + r * 4, findOrInsert<K>(builder, lo, hi));
			}
			if (r == d) {
				break;
			}
			// The next vertex of a simplex lies one step along the axis whose rank is d - r.
			const step = lattice.steps + load<u32>(axes + (d - r) * 4) * 16;
			lo += load<u64>(step);
			if (isWide<K>()) {
				hi += load<u64>(step, 8);
			}
		}
	}
	if (out == 0) {
		return;
	}
	let above = load<f32>(weights + d * 4);
	store<u32>(out, load<u32>(lastVertices));
	store<f32>(out, above + (<f32>1 - load<f32>(weights)), 4);
	for (let r: u32 = 1; r <= d; r++) {
		const below = load<f32>(weights + (d - r) * 4);
		store<u32>(out + r * 8, load<u32>(lastVertices + r * 4));
		store<f32>(out + r * 8, below - above, 4);
		above = below;
	}
}
