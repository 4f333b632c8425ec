/** One lattice out of the tables of several threads. */
import { find, findOrInsert, isKey, isWide, keyBytes, missing, Narrow, peek, Wide } from './hash';
import { Builder, Lattice } from './memory';
import { segmentEnd, segmentStart } from './segments';

/**
 * Takes the vertices of another thread into the first thread's table, which must have room. For each, `map` gets its
 * vertex in the first table. A vertex that was there before is shared by both threads' pixels: the other thread keeps a
 * copy of its row (a ghost), so that no two threads ever add to the same row. It is listed in `ghosts` with its top bit
 * set in `map`, where it has its number in the list until {@link renumber} knows where the copies begin.
 * @param segment the other thread's first
 * @returns the number of ghosts listed so far
 */
export function merge(lattice: Lattice, into: Builder, other: Builder, segment: u32, map: usize, listed: u32): u32 {
	return lattice.wide
		? mergeKeys<Wide>(lattice, into, other, segment, map, listed)
		: mergeKeys<Narrow>(lattice, into, other, segment, map, listed);
}

function mergeKeys<K>(
	lattice: Lattice,
	into: Builder,
	other: Builder,
	segment: u32,
	map: usize,
	listed: u32,
): u32 {
	let i: u32 = 0;
	for (; segment < other.end; segment++) {
		const met = lattice.met + segment * 8;
		listed = mergeSome<K>(lattice, into, other, i, load<u32>(met), map, listed);
		i = load<u32>(met);
		store<u32>(met, into.count);
		store<u32>(met, listed, 4);
	}
	return listed;
}

/** Takes in the other thread's vertices `from` … `to - 1`. */
function mergeSome<K>(
	lattice: Lattice,
	into: Builder,
	other: Builder,
	from: u32,
	to: u32,
	map: usize,
	listed: u32,
): u32 {
	for (let i = from; i < to; i++) {
		const key = other.keys + i * <u32>keyBytes<K>();
		const before = into.count;
		const vertex = findOrInsert<K>(into, load<u64>(key), isWide<K>() ? load<u64>(key, 8) : 0);
		if (vertex == before) {
			store<u32>(map + i * 4, vertex);
		} else {
			store<u32>(lattice.ghosts + listed * 4, vertex);
			store<u32>(map + i * 4, listed | 0x80000000);
			listed++;
		}
	}
	return listed;
}

/** Puts the rows of the merged lattice into a thread's entries, for the pixels of segments `from` … `to - 1`. */
export function renumber(lattice: Lattice, map: usize, from: u32, to: u32): void {
	const corners = lattice.dimensions + 1;
	for (let segment = from; segment < to; segment++) {
		const start = segmentStart(lattice.width, lattice.pixels, segment);
		const end = lattice.splat + segmentEnd(lattice.width, lattice.pixels, segment) * corners * 8;
		for (let entry = lattice.splat + start * corners * 8; entry < end; entry += 8) {
			const mapped = load<u32>(map + load<u32>(entry) * 4);
			store<u32>(entry, mapped & 0x80000000 ? lattice.vertices + (mapped & 0x7fffffff) : mapped);
		}
	}
}

/**
 * The chains of neighbours along one axis: every vertex that has a neighbour there is in exactly one, in order. Vertices
 * without one are left out, as the blur leaves them as they are.
 * @param next vertices u32, overwritten; `linked` vertices bytes, overwritten
 * @param order room for the vertices, u32 each; the last of a chain has its top bit set
 * @returns entries written
 */
export function findChains(lattice: Lattice, table: Builder, axis: u32, next: usize, linked: usize, order: usize): u32 {
	const vertices = lattice.vertices;
	memory.fill(linked, 0, vertices);
	// In batches, as the engine replaces its first, slow code only between calls.
	for (let from: u32 = 0; from < vertices; from += 1024) {
		const to = min(vertices, from + 1024);
		if (lattice.wide) {
			linkNeighbours<Wide>(lattice, table, axis, next, linked, from, to);
		} else {
			linkNeighbours<Narrow>(lattice, table, axis, next, linked, from, to);
		}
	}
	let at = order;
	for (let from: u32 = 0; from < vertices; from += 1024) {
		at = followChains(next, linked, from, min(vertices, from + 1024), at);
	}
	return <u32>((at - order) >> 2);
}

function linkNeighbours<K>(
	lattice: Lattice,
	table: Builder,
	axis: u32,
	next: usize,
	linked: usize,
	from: u32,
	to: u32,
): void {
	const stepLo = load<u64>(lattice.steps + axis * 16);
	const stepHi = load<u64>(lattice.steps + axis * 16, 8);
	for (let vertex = from; vertex < to; vertex++) {
		const key = table.keys + vertex * <u32>keyBytes<K>();
		const hi = isWide<K>() ? load<u64>(key, 8) + stepHi : 0;
		store<u32>(next + vertex * 4, peek<K>(table, load<u64>(key) + stepLo, hi));
	}
	for (let vertex = from; vertex < to; vertex++) {
		const found = load<u32>(next + vertex * 4);
		let neighbour = missing;
		if (found != 0) {
			const key = table.keys + vertex * <u32>keyBytes<K>();
			const lo = load<u64>(key) + stepLo;
			const hi = isWide<K>() ? load<u64>(key, 8) + stepHi : 0;
			neighbour = isKey<K>(table, found, lo, hi) ? found - 1 : find<K>(table, lo, hi);
		}
		store<u32>(next + vertex * 4, neighbour);
		if (neighbour != missing) {
			store<u8>(linked + neighbour, 1);
		}
	}
}

function followChains(next: usize, linked: usize, from: u32, to: u32, at: usize): usize {
	for (let start = from; start < to; start++) {
		if (load<u8>(linked + start) || load<u32>(next + start * 4) == missing) {
			continue;
		}
		let vertex = start;
		let following = load<u32>(next + vertex * 4);
		while (following != missing) {
			store<u32>(at, vertex);
			at += 4;
			vertex = following;
			following = load<u32>(next + vertex * 4);
		}
		store<u32>(at, vertex | 0x80000000);
		at += 4;
	}
	return at;
}
