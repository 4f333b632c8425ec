/** The blur over the lattice's vertices: along every axis new = old + (one neighbour + other neighbour) / 2. */
import { barrier } from './barrier';
import { Control, Lattice, shareStart } from './memory';
import { Row1, Row2, Row3, Row4, Row5, Row6, vectors } from './rowTypes';
import { splat } from './math';
import { edge, last, rowBits, save } from './waves';

/** Chain entries between two calls: the engine replaces its first, slow code only there. */
const batch: usize = 2048 * 4;

/**
 * Blurs rows of `width` vectors in place, along one axis after the other. Copies of shared rows are added to them before
 * and take their values after. All threads of the command take part; ends with a barrier.
 */
export function blur(control: Control, thread: u32, lattice: Lattice, width: u32): void {
	addGhosts(control, thread, lattice, width);
	const axes = lattice.dimensions + 1;
	if (lattice.waves) {
		const pieces = load<usize>(lattice.waves + thread * 8);
		blurChains(lattice.values, pieces, pieces + load<u32>(lattice.waves + thread * 8, 4) * 4, width);
		barrier(control);
	}
	for (let axis: u32 = 0; axis < axes; axis++) {
		const order = load<usize>(lattice.chains + axis * 8);
		const length = load<u32>(lattice.chains + axis * 8, 4);
		const from = chainStart(order, length, shareStart(length, thread, control.threads));
		const to = chainStart(order, length, shareStart(length, thread + 1, control.threads));
		blurChains(lattice.values, order + from * 4, order + to * 4, width);
		barrier(control);
	}
	copyGhosts(control, thread, lattice, width);
}

/** The first chain start at or behind a position. */
function chainStart(order: usize, length: u32, position: u32): u32 {
	while (position > 0 && position < length && !(load<u32>(order + (position - 1) * 4) & last)) {
		position++;
	}
	return position;
}

function blurChains(values: usize, from: usize, to: usize, width: u32): void {
	while (from < to) {
		const end = min(to, from + batch);
		switch (width) {
			case 1: from = blurBatch<Row1>(values, from, end); break;
			case 2: from = blurBatch<Row2>(values, from, end); break;
			case 3: from = blurBatch<Row3>(values, from, end); break;
			case 4: from = blurBatch<Row4>(values, from, end); break;
			case 5: from = blurBatch<Row5>(values, from, end); break;
			default: from = blurBatch<Row6>(values, from, end); break;
		}
	}
}

@inline
function blurred(previous: v128, current: v128, next: v128): v128 {
	return f32x4.add(current, f32x4.mul(splat(0.5), f32x4.add(previous, next)));
}

@inline
function keepRow<R>(to: usize, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128): void {
	v128.store(to, x0);
	if (vectors<R>() > 1) v128.store(to, x1, 16);
	if (vectors<R>() > 2) v128.store(to, x2, 32);
	if (vectors<R>() > 3) v128.store(to, x3, 48);
	if (vectors<R>() > 4) v128.store(to, x4, 64);
	if (vectors<R>() > 5) v128.store(to, x5, 80);
}

/** Blurs whole chains or pieces until `end` is passed. Each row is read once: its old values are carried to the next one. */
function blurBatch<R>(values: usize, from: usize, end: usize): usize {
	const zero = splat(0);
	while (from < end) {
		let p0 = zero, p1 = zero, p2 = zero, p3 = zero, p4 = zero, p5 = zero;
		let entry = load<u32>(from);
		let kept: usize = 0;
		if (entry & edge) {
			const before = values + (entry & rowBits) * offsetof<R>();
			p0 = v128.load(before);
			if (vectors<R>() > 1) p1 = v128.load(before, 16);
			if (vectors<R>() > 2) p2 = v128.load(before, 32);
			if (vectors<R>() > 3) p3 = v128.load(before, 48);
			if (vectors<R>() > 4) p4 = v128.load(before, 64);
			if (vectors<R>() > 5) p5 = v128.load(before, 80);
			if (entry & save) {
				from += 4;
				kept = values + load<u32>(from) * offsetof<R>();
			}
			from += 4;
			entry = load<u32>(from);
		}
		let row = values + (entry & rowBits) * offsetof<R>();
		let c0 = v128.load(row);
		let c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero;
		if (vectors<R>() > 1) c1 = v128.load(row, 16);
		if (vectors<R>() > 2) c2 = v128.load(row, 32);
		if (vectors<R>() > 3) c3 = v128.load(row, 48);
		if (vectors<R>() > 4) c4 = v128.load(row, 64);
		if (vectors<R>() > 5) c5 = v128.load(row, 80);
		if (kept) {
			keepRow<R>(kept, c0, c1, c2, c3, c4, c5);
		}
		while (!(entry & last)) {
			from += 4;
			entry = load<u32>(from);
			const next = values + (entry & rowBits) * offsetof<R>();
			const n0 = v128.load(next);
			v128.store(row, blurred(p0, c0, n0));
			p0 = c0;
			c0 = n0;
			if (vectors<R>() > 1) {
				const n1 = v128.load(next, 16);
				v128.store(row, blurred(p1, c1, n1), 16);
				p1 = c1;
				c1 = n1;
			}
			if (vectors<R>() > 2) {
				const n2 = v128.load(next, 32);
				v128.store(row, blurred(p2, c2, n2), 32);
				p2 = c2;
				c2 = n2;
			}
			if (vectors<R>() > 3) {
				const n3 = v128.load(next, 48);
				v128.store(row, blurred(p3, c3, n3), 48);
				p3 = c3;
				c3 = n3;
			}
			if (vectors<R>() > 4) {
				const n4 = v128.load(next, 64);
				v128.store(row, blurred(p4, c4, n4), 64);
				p4 = c4;
				c4 = n4;
			}
			if (vectors<R>() > 5) {
				const n5 = v128.load(next, 80);
				v128.store(row, blurred(p5, c5, n5), 80);
				p5 = c5;
				c5 = n5;
			}
			row = next;
		}
		if (entry & save) {
			from += 4;
			keepRow<R>(values + load<u32>(from) * offsetof<R>(), p0, p1, p2, p3, p4, p5);
		} else if (!(entry & edge)) {
			v128.store(row, blurred(p0, c0, zero));
			if (vectors<R>() > 1) v128.store(row, blurred(p1, c1, zero), 16);
			if (vectors<R>() > 2) v128.store(row, blurred(p2, c2, zero), 32);
			if (vectors<R>() > 3) v128.store(row, blurred(p3, c3, zero), 48);
			if (vectors<R>() > 4) v128.store(row, blurred(p4, c4, zero), 64);
			if (vectors<R>() > 5) v128.store(row, blurred(p5, c5, zero), 80);
		}
		from += 4;
	}
	return from;
}

/** One thread's copies at a time: two threads may have copies of the same row, and sums must not depend on luck. */
function addGhosts(control: Control, thread: u32, lattice: Lattice, width: u32): void {
	const threads = control.threads;
	for (let owner: u32 = 1; owner < threads; owner++) {
		const begin = load<u32>(lattice.ghostStarts + owner * 4);
		const count = load<u32>(lattice.ghostStarts + owner * 4 + 4) - begin;
		const to = begin + shareStart(count, thread + 1, threads);
		for (let ghost = begin + shareStart(count, thread, threads); ghost < to; ghost++) {
			const copy = lattice.values + (lattice.vertices + ghost) * width * 16;
			const row = lattice.values + load<u32>(lattice.ghosts + ghost * 4) * width * 16;
			for (let k: u32 = 0; k < width * 16; k += 16) {
				v128.store(row + k, f32x4.add(v128.load(row + k), v128.load(copy + k)));
			}
		}
		barrier(control);
	}
}

function copyGhosts(control: Control, thread: u32, lattice: Lattice, width: u32): void {
	const threads = control.threads;
	const count = load<u32>(lattice.ghostStarts + threads * 4);
	if (count == 0) {
		return;
	}
	const to = shareStart(count, thread + 1, threads);
	for (let ghost = shareStart(count, thread, threads); ghost < to; ghost++) {
		const copy = lattice.values + (lattice.vertices + ghost) * width * 16;
		const row = lattice.values + load<u32>(lattice.ghosts + ghost * 4) * width * 16;
		memory.copy(copy, row, width * 16);
	}
	barrier(control);
}

/**
 * Empties those of the thread's own rows that are splatted to in this segment for the first time. Done just before, this
 * brings them into the cache.
 */
export function clearMet(lattice: Lattice, segment: u32, width: u32): void {
	const bytes = width * 16;
	const met = lattice.met + segment * 8;
	const vertex = segment ? load<u32>(met - 8) : 0;
	const ghost = segment ? load<u32>(met - 4) : 0;
	memory.fill(lattice.target + vertex * bytes, 0, (load<u32>(met) - vertex) * bytes);
	memory.fill(lattice.target + (lattice.vertices + ghost) * bytes, 0, (load<u32>(met, 4) - ghost) * bytes);
}

/** Empties the lattice's rows. All threads take part; the caller sees to a barrier. */
export function clear(control: Control, thread: u32, lattice: Lattice, values: usize, width: u32): void {
	const from = shareStart(lattice.rows, thread, control.threads);
	const to = shareStart(lattice.rows, thread + 1, control.threads);
	memory.fill(values + from * width * 16, 0, (to - from) * width * 16);
}
