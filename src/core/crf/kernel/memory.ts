/**
 * What lies in linear memory besides plain arrays. Nothing here allocates: the TypeScript side owns the memory and
 * hands out addresses. Every field is one 32-bit word; `src/core/crf/layout.ts` lists the same fields in this order.
 */

/** How the threads of one command find each other; at the address that `run` is given. */
@unmanaged
export class Control {
	/** Counts commands; pool threads sleep on it. */
	generation: u32;
	/** Pool threads that have finished the current command. */
	finished: u32;
	command: u32;
	/** Address of the command's arguments. */
	args: usize;
	threads: u32;
	/** Threads that have arrived at the current barrier. */
	arrived: u32;
	/** Counts barriers; waiting threads sleep on it. */
	barrier: u32;
	/** Not 0: a thread trapped, the others must not wait for it. */
	failed: u32;
}

/** One permutohedral lattice over the picture's pixels. */
@unmanaged
export class Lattice {
	/** d, the number of features. */
	dimensions: u32;
	pixels: u32;
	/** What the features are: `grid`, `gridRgb` or `plain` below. */
	source: u32;
	width: u32;
	/** `gridRgb`: pixels x 3 bytes. `plain`: d x pixels f32. */
	features: usize;
	/** d f32: features are divided by it. */
	sigma: usize;
	/** d f32: the diagonal of the elevation matrix, times the blur's standard deviation. */
	scale: usize;
	/** d x {word, shift, bias}: how a vertex' coordinate goes into its packed key. */
	packing: usize;
	/** (d + 1) x {lo u64, hi u64}: the packed step to the neighbour along each axis. */
	steps: usize;
	/** Not 0: keys take two 64-bit words. */
	wide: u32;
	/** pixels x (d + 1) x {vertex u32, weight f32}, for splatting. */
	splat: usize;
	/** The same for slicing; the same address where both weights are equal. */
	slice: usize;
	/** Vertices, and rows of values: also those of the copies that threads keep of shared vertices, and those at cuts. */
	vertices: u32;
	rows: u32;
	/** (d + 1) x {address, length} of chains of vertices along the axis, in the words of `waves.ts`. */
	chains: usize;
	/** Per thread {address, length} of the pieces that it blurs before the chains, along every axis; 0: there are none. */
	waves: usize;
	/** Per copy the vertex it stands for; the copies are the rows from `vertices` on. */
	ghosts: usize;
	/** threads + 1 positions in `ghosts`: where each thread's copies begin. */
	ghostStarts: usize;
	/** Per segment {vertices u32, ghosts u32}: how many there are by its end; those that are new are met in it first. */
	met: usize;
	/** Address of the first row of values of the filter that runs. */
	values: usize;
	/** Address of the first row that is splatted to. */
	target: usize;
	/** Address of the pixels' rows that are splatted, in passes that do not make them themselves. */
	signal: usize;
	/** What a sliced value is multiplied by: the kernel's weight times `alpha`. */
	factor: f32;
	/** 1 / (1 + 2^-d): makes up for what the blur adds. */
	alpha: f32;
}

export const grid: u32 = 0;
export const gridRgb: u32 = 1;
export const plain: u32 = 2;

/** A thread's own hash table while a lattice is built. */
@unmanaged
export class Builder {
	/** 2^bits slots, with room for 2^roomBits. */
	table: usize;
	bits: u32;
	roomBits: u32;
	/** Packed keys in the order of their vertices. */
	keys: usize;
	count: u32;
	/** The segment to go on with, and the end of the thread's range. */
	next: u32;
	end: u32;
	/** `builderScratch()` bytes. */
	scratch: usize;
	/** Not 0: `keys` are to be put into the table, as that is new or has other `bits`. */
	stale: u32;
	wide: u32;
}

/** What a pass over the pixels works on. Rows are `width` vectors long, a lane a class, spare lanes at the end. */
@unmanaged
export class Pass {
	pixels: u32;
	/** Pixels in a line. */
	columns: u32;
	/** Vectors in a row. */
	width: u32;
	/** Addresses of the lattices. */
	lattices: usize;
	latticeCount: u32;
	/** pixels rows: -unary; spare lanes are far below every class. */
	energies: usize;
	/** pixels rows: Q. */
	beliefs: usize;
	/** pixels rows: Q before the pass; may be the same. */
	previous: usize;
	/** pixels bytes. */
	labels: usize;
	/** pixels f32, nats. */
	entropies: usize;
	/** Per lane its class, a byte each; `rest` for the lane of the classes that are filtered as one. */
	classOf: usize;
	/** The energies of every class, for labels inside the rest; and, a byte a class, whether it is there. */
	allEnergies: usize;
	allWidth: u32;
	inRest: usize;
	classes: u32;
	/** Per thread `width` vectors: the largest Q of every lane. */
	maxima: usize;
	/** Per thread a {@link Statistics}. */
	statistics: usize;
	/** Which of `slice`… below are done. */
	tasks: u32;
}

/** Sums over a thread's pixels. */
@unmanaged
export class Statistics {
	/** Of -sum Q ln Q, nats. */
	entropy: f64;
	/** Of the sum over the classes of (Q before the pass) * (energy in the pass). */
	agreement: f64;
	/** Pixels whose label is another than before. */
	changed: u32;
	/** Not 0: a value was not finite. */
	invalid: u32;
	/** Of ln(sum over the classes of exp(energy)). */
	partition: f64;
}

/** Add the messages to the energies; without it, the pass is the start from the unary alone. */
export const slice: u32 = 1;
/** Splat Q into the lattices' targets. */
export const splatting: u32 = 2;
/** Store Q. */
export const keep: u32 = 4;
/** Sum up the entropy, and store every pixel's. */
export const measure: u32 = 8;
/** Store labels, and count those that change. */
export const label: u32 = 16;
/** Sum up the agreement; needs the Q of before. */
export const agree: u32 = 32;

/** In `classOf`: the lane of the classes that are filtered as one. */
export const rest: u8 = 255;

/** The energy of spare lanes: Q = 0. */
export const nowhere: f32 = -1e30;

/** The largest d. */
export const maxDimensions: u32 = 12;

/** The first pixel of a thread's range. Ranges begin at multiples of 4, as pixels are embedded four at a time. */
@inline
export function rangeStart(pixels: u32, thread: u32, threads: u32): u32 {
	return thread >= threads ? pixels : <u32>((<u64>pixels * thread) / threads) & ~3;
}

/** The first item of a thread's share of `count` items. */
@inline
export function shareStart(count: u32, thread: u32, threads: u32): u32 {
	return <u32>((<u64>count * thread) / threads);
}
