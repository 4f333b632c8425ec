/**
 * Vertices by packed key: open addressing with linear probing, at most half full. A slot holds the vertex' number plus
 * one, or 0; the key itself is looked up in the list of keys, where those of near pixels are near, so that the table is
 * small.
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
function matches<K>(key: usize, lo: u64, hi: u64): bool {
	return isWide<K>() ? load<u64>(key) == lo && load<u64>(key, 8) == hi : load<u64>(key) == lo;
}

/** Where the search for a key begins. */
@inline
function indexOf<K>(builder: Builder, lo: u64, hi: u64): usize {
	let mixed = lo * 0x9e3779b97f4a7c15;
	if (isWide<K>()) {
		mixed ^= (mixed >> 29) ^ (hi * 0xd6e8feb86659fd93);
		mixed *= 0x9e3779b97f4a7c15;
	}
	return <usize>(mixed >> (64 - builder.bits));
}

/**
 * What is in the slot where the search for a key begins. Asked for several keys before any of them is searched for, the
 * slots are read from memory at the same time and not one after the other.
 */
@inline
export function peek<K>(builder: Builder, lo: u64, hi: u64): u32 {
	return load<u32>(builder.table + (indexOf<K>(builder, lo, hi) << 2));
}

/** Whether what was found there is the key's vertex plus one. */
@inline
export function isKey<K>(builder: Builder, found: u32, lo: u64, hi: u64): bool {
	return found != 0 && matches<K>(builder.keys + (found - 1) * <u32>keyBytes<K>(), lo, hi);
}

/** The slot of the key, or the free slot where it belongs. */
@inline
function slotOf<K>(builder: Builder, lo: u64, hi: u64): usize {
	const mask = ((<usize>1) << builder.bits) - 1;
	// So that vertex + 1 finds the vertex' key.
	const keys = builder.keys - keyBytes<K>();
	let index = indexOf<K>(builder, lo, hi);
	let slot = builder.table + (index << 2);
	let found = load<u32>(slot);
	while (found != 0 && !matches<K>(keys + found * <u32>keyBytes<K>(), lo, hi)) {
		index = (index + 1) & mask;
		slot = builder.table + (index << 2);
		found = load<u32>(slot);
	}
	return slot;
}

@inline
export function find<K>(builder: Builder, lo: u64, hi: u64): u32 {
	const found = load<u32>(slotOf<K>(builder, lo, hi));
	return found ? found - 1 : missing;
}

/** The vertex of the key; a new one is numbered `count`. The table must have room. */
@inline
export function findOrInsert<K>(builder: Builder, lo: u64, hi: u64): u32 {
	const slot = slotOf<K>(builder, lo, hi);
	const found = load<u32>(slot);
	if (found) {
		return found - 1;
	}
	const vertex = builder.count;
	const key = builder.keys + vertex * <u32>keyBytes<K>();
	store<u64>(key, lo);
	if (isWide<K>()) {
		store<u64>(key, hi, 8);
	}
	builder.count = vertex + 1;
	store<u32>(slot, vertex + 1);
	return vertex;
}

/** Lets the table grow until it takes so many more vertices. @returns false if there is no room for that */
export function makeRoom(builder: Builder, vertices: u32): bool {
	while ((builder.count + vertices) * 2 > <u32>1 << builder.bits) {
		if (builder.bits == builder.roomBits) {
			return false;
		}
		builder.bits = min(builder.bits + 2, builder.roomBits);
		builder.stale = 1;
	}
	refill(builder);
	return true;
}

/** Puts the builder's vertices into its table, if they are not there. */
export function refill(builder: Builder): void {
	if (builder.stale) {
		builder.stale = 0;
		memory.fill(builder.table, 0, (<usize>1 << builder.bits) << 2);
		if (builder.wide) {
			rehash<Wide>(builder);
		} else {
			rehash<Narrow>(builder);
		}
	}
}

function rehash<K>(builder: Builder): void {
	for (let vertex: u32 = 0; vertex < builder.count; vertex++) {
		const key = builder.keys + vertex * <u32>keyBytes<K>();
		const hi = isWide<K>() ? load<u64>(key, 8) : 0;
		store<u32>(slotOf<K>(builder, load<u64>(key), hi), vertex + 1);
	}
}
