/**
 * Vertices by packed key: open addressing with linear probing, at most half full. A slot holds the key and the vertex:
 * {lo u64, vertex u32, -} or, for wide keys, {lo u64, hi u64, vertex u32, -, -}. Used keys are never 0.
 */
import { Builder } from './memory';

@unmanaged export class Narrow { lo: u64; }
@unmanaged export class Wide { lo: u64; hi: u64; }

export const missing: u32 = 0xffffffff;

/** Not a constant expression of the type: `K` decides at compile time. */
@inline
export function isWide<K>(): bool {
	return offsetof<K>() == 16;
}

@inline
export function keyBytes<K>(): usize {
	return offsetof<K>();
}

@inline
function slotShift<K>(): usize {
	return isWide<K>() ? 5 : 4;
}

@inline
function vertexAt<K>(slot: usize): u32 {
	return isWide<K>() ? load<u32>(slot, 16) : load<u32>(slot, 8);
}

@inline
function matches<K>(slot: usize, lo: u64, hi: u64): bool {
	return isWide<K>() ? load<u64>(slot) == lo && load<u64>(slot, 8) == hi : load<u64>(slot) == lo;
}

@inline
function fill<K>(slot: usize, lo: u64, hi: u64, vertex: u32): void {
	store<u64>(slot, lo);
	if (isWide<K>()) {
		store<u64>(slot, hi, 8);
		store<u32>(slot, vertex, 16);
	} else {
		store<u32>(slot, vertex, 8);
	}
}

/** The slot of the key, or the free slot where it belongs. */
@inline
function slotOf<K>(table: usize, bits: u32, lo: u64, hi: u64): usize {
	const mask = ((<usize>1) << bits) - 1;
	let mixed = lo * 0x9e3779b97f4a7c15;
	if (isWide<K>()) {
		mixed ^= (mixed >> 29) ^ (hi * 0xd6e8feb86659fd93);
		mixed *= 0x9e3779b97f4a7c15;
	}
	let index = <usize>(mixed >> (64 - bits));
	let slot = table + (index << slotShift<K>());
	while (load<u64>(slot) != 0 && !matches<K>(slot, lo, hi)) {
		index = (index + 1) & mask;
		slot = table + (index << slotShift<K>());
	}
	return slot;
}

@inline
export function find<K>(table: usize, bits: u32, lo: u64, hi: u64): u32 {
	const slot = slotOf<K>(table, bits, lo, hi);
	return load<u64>(slot) != 0 ? vertexAt<K>(slot) : missing;
}

/** The vertex of the key; a new one is numbered `count`. The table must have room. */
@inline
export function findOrInsert<K>(builder: Builder, lo: u64, hi: u64): u32 {
	const slot = slotOf<K>(builder.table, builder.bits, lo, hi);
	if (load<u64>(slot) != 0) {
		return vertexAt<K>(slot);
	}
	const vertex = builder.count;
	fill<K>(slot, lo, hi, vertex);
	const key = builder.keys + vertex * keyBytes<K>();
	store<u64>(key, lo);
	if (isWide<K>()) {
		store<u64>(key, hi, 8);
	}
	builder.count = vertex + 1;
	return vertex;
}

/** Puts the builder's vertices into its table, if that is a new one. */
export function refill(builder: Builder): void {
	if (builder.stale) {
		builder.stale = 0;
		memory.fill(builder.table, 0, (<usize>1 << builder.bits) << (builder.wide ? 5 : 4));
		if (builder.wide) {
			rehash<Wide>(builder);
		} else {
			rehash<Narrow>(builder);
		}
	}
}

function rehash<K>(builder: Builder): void {
	for (let vertex: u32 = 0; vertex < builder.count; vertex++) {
		const key = builder.keys + vertex * keyBytes<K>();
		const lo = load<u64>(key);
		const hi = isWide<K>() ? load<u64>(key, 8) : 0;
		fill<K>(slotOf<K>(builder.table, builder.bits, lo, hi), lo, hi, vertex);
	}
}
