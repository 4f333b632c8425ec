/**
 * The blur of a large lattice in waves: a thread goes once through its vertices, block by block, and takes every axis as
 * far as the blocks so far allow, so that rows of values are read from memory once and not once an axis. To that end
 * chains are cut into pieces. Where the neighbour beyond a cut is blurred first, it leaves its old row in a row kept for
 * that; so the result is that of whole chains, to the last bit. What hangs together with another thread's vertices is
 * left for the end, and blurred axis by axis.
 */
import { Lattice } from './memory';

/** The last word of a chain or piece that tells a row. */
export const last: u32 = 0x80000000;
/** A row beyond the cut, before the piece's first row or behind its last one: only read. */
export const edge: u32 = 0x40000000;
/** On an edge: the next word is the row where the old values of the piece's row at the cut are kept. */
export const save: u32 = 0x20000000;
export const rowBits: u32 = 0x1fffffff;

/** Vertices in a block: with rows of 6 vectors, less than a usual second-level cache. */
const blockVertices: u32 = 8192;
/** After every thread's blocks. */
const seam: u32 = 0xffffffff;

/** Lists of words have a number: (block * axes + axis), and behind all blocks the seams of every axis. */
@unmanaged
export class WavePlan {
	/** (axes + 1) x vertices u32: when a vertex is blurred, thread << 16 | block; before any axis: where it lies. */
	times: usize;
	/** threads + 1 u32: each thread's first vertex, and its first block among those of all. */
	firstVertices: usize;
	firstBlocks: usize;
	threads: u32;
	/** Per list the words in it; while they are written, the address of the next. */
	lists: usize;
	/** Per axis the cuts; while lists are written, the row that the next one keeps old values in. */
	cuts: usize;
}

/** Blocks that so many vertices make. */
export function blocksOf(vertices: u32): u32 {
	return (vertices + blockVertices - 1) / blockVertices;
}

/** Finds when every vertex is blurred along each axis, and counts words and cuts. */
export function planWaves(lattice: Lattice, plan: WavePlan): void {
	const threads = plan.threads;
	for (let thread: u32 = 0; thread < threads; thread++) {
		const first = load<u32>(plan.firstVertices + thread * 4);
		const end = load<u32>(plan.firstVertices + thread * 4 + 4);
		for (let vertex = first; vertex < end; vertex++) {
			store<u32>(plan.times + vertex * 4, (thread << 16) | ((vertex - first) / blockVertices));
		}
	}
	const axes = lattice.dimensions + 1;
	for (let axis: u32 = 0; axis < axes; axis++) {
		const before = plan.times + axis * lattice.vertices * 4;
		const after = before + lattice.vertices * 4;
		memory.copy(after, before, lattice.vertices * 4);
		let at = load<usize>(lattice.chains + axis * 8);
		const end = at + load<u32>(lattice.chains + axis * 8, 4) * 4;
		while (at < end) {
			at = planChains(lattice, plan, axis, before, after, at, min(end, at + 4096));
		}
	}
}

/** When both are done. */
@inline
function join(one: u32, other: u32): u32 {
	return (one ^ other) >> 16 ? seam : max(one, other);
}

/** Where the list's number of words or address is. */
@inline
function listAt(lattice: Lattice, plan: WavePlan, time: u32, axis: u32): usize {
	const block = time == seam ? plan.threads : time >> 16;
	const number = load<u32>(plan.firstBlocks + block * 4) + (time == seam ? 0 : time & 0xffff);
	return plan.lists + (number * (lattice.dimensions + 1) + axis) * 4;
}

function addWords(lattice: Lattice, plan: WavePlan, time: u32, axis: u32, words: u32): void {
	const list = listAt(lattice, plan, time, axis);
	store<u32>(list, load<u32>(list) + words);
}

/** A vertex is due when it and both its neighbours have been blurred along the axis before. */
function planChains(
	lattice: Lattice,
	plan: WavePlan,
	axis: u32,
	before: usize,
	after: usize,
	at: usize,
	end: usize,
): usize {
	let cuts: u32 = 0;
	while (at < end) {
		let entry = load<u32>(at);
		let own = load<u32>(before + (entry & ~last) * 4);
		let behind = own;
		let piece: u32 = 0;
		let words: u32 = 0;
		for (;;) {
			const vertex = entry & ~last;
			let ahead = own;
			at += 4;
			if (!(entry & last)) {
				const following = load<u32>(at);
				ahead = load<u32>(before + (following & ~last) * 4);
			}
			const time = join(join(behind, own), ahead);
			store<u32>(after + vertex * 4, time);
			if (words > 0 && time != piece) {
				// The earlier one keeps its old row: its edge takes two words.
				addWords(lattice, plan, piece, axis, words + 1 + u32(piece < time));
				words = 1 + u32(time < piece);
				cuts++;
			}
			piece = time;
			words++;
			if (entry & last) {
				break;
			}
			behind = own;
			own = ahead;
			entry = load<u32>(at);
		}
		addWords(lattice, plan, piece, axis, words);
	}
	const count = plan.cuts + axis * 4;
	store<u32>(count, load<u32>(count) + cuts);
	return at;
}

/** Writes the lists of one axis. */
export function writeWaves(lattice: Lattice, plan: WavePlan, axis: u32): void {
	let at = load<usize>(lattice.chains + axis * 8);
	const end = at + load<u32>(lattice.chains + axis * 8, 4) * 4;
	while (at < end) {
		at = writeChains(lattice, plan, axis, at, min(end, at + 4096));
	}
}

function writeChains(lattice: Lattice, plan: WavePlan, axis: u32, at: usize, end: usize): usize {
	const times = plan.times + (axis + 1) * lattice.vertices * 4;
	const nextRow = plan.cuts + axis * 4;
	while (at < end) {
		let entry = load<u32>(at);
		let piece = load<u32>(times + (entry & ~last) * 4);
		let list = listAt(lattice, plan, piece, axis);
		let to = load<usize>(list);
		for (;;) {
			store<u32>(to, entry);
			to += 4;
			at += 4;
			if (entry & last) {
				break;
			}
			const vertex = entry;
			entry = load<u32>(at);
			const time = load<u32>(times + (entry & ~last) * 4);
			if (time == piece) {
				continue;
			}
			const kept = load<u32>(nextRow);
			store<u32>(nextRow, kept + 1);
			if (piece < time) {
				store<u32>(to, (entry & ~last) | edge | save | last);
				store<u32>(to, kept, 4);
				store<usize>(list, to + 8);
			} else {
				store<u32>(to, kept | edge | last);
				store<usize>(list, to + 4);
			}
			const first = time < piece;
			piece = time;
			list = listAt(lattice, plan, piece, axis);
			to = load<usize>(list);
			if (first) {
				store<u32>(to, vertex | edge | save);
				store<u32>(to, kept, 4);
				to += 8;
			} else {
				store<u32>(to, kept | edge);
				to += 4;
			}
		}
		store<usize>(list, to);
	}
	return at;
}
