/**
 * The kernel's commands. Every thread of a command calls `run` with the same control block; the TypeScript side
 * (`src/core/crf/layout.ts` and `crfKernel.ts`) writes the command's number and its arguments, in the order of the classes below.
 */
import { barrier } from './barrier';
import { mixRows, sliceBlock, softmaxRows, splatBatch, splatSignal } from './blocks';
import { blur, clear } from './blur';
import { embed, scratchBytes } from './embed';
import { refill } from './hash';
import { Builder, Control, Lattice, Pass, plain, rangeStart, shareStart, slice, Statistics } from './memory';
import { blocksOf, planWaves, WavePlan, writeWaves } from './waves';
import { findChains, merge, renumber } from './merge';
import { passPixels } from './pixels';
import { Row1 } from './rowTypes';
import { readLane, readShare, selectEnergies, Selection, selectValues, takeUnary } from './rows';
import { segmentsOf, segmentStart, segmentEnd } from './segments';

@unmanaged class TakeUnary { planes: usize; rows: usize; classes: u32; width: u32; pixels: u32; bounds: usize; statistics: usize; }
@unmanaged class Embed { lattice: Lattice; builders: usize; }
@unmanaged class Merge { lattice: Lattice; builders: usize; maps: usize; }
@unmanaged class Chains { lattice: Lattice; builder: Builder; scratch: usize; }
@unmanaged class Waves { lattice: Lattice; plan: WavePlan; }
@unmanaged class Normalize { lattice: Lattice; one: usize; values: usize; mode: u32; }
@unmanaged class Impulse { lattice: Lattice; one: usize; values: usize; pixel: u32; out: usize; }
@unmanaged class Iterate { pass: Pass; blurs: u32; }
@unmanaged class Splat { pass: Pass; offset: usize; stride: usize; width: u32; }
@unmanaged class Slice { pass: Pass; offset: usize; stride: usize; width: u32; }
@unmanaged class Blur { pass: Pass; width: u32; }
@unmanaged class Softmax { pass: Pass; source: usize; }
@unmanaged class Mix { rows: usize; out: usize; matrix: usize; width: u32; pixels: u32; }
@unmanaged class Select { rows: usize; out: usize; selection: Selection; count: u32; energies: u32; }
@unmanaged class ReadLane { at: usize; stride: usize; out: usize; outStride: usize; pixels: u32; }
@unmanaged class ReadShare { beliefs: usize; energies: usize; stride: usize; all: usize; allStride: usize; out: usize; outStride: usize; pixels: u32; }

export function run(control: Control, thread: u32): void {
	switch (control.command) {
		case 0: runTakeUnary(control, thread); break;
		case 1: runEmbed(control, thread); break;
		case 2: runMerge(control, thread); break;
		case 3: runChains(control, thread); break;
		case 4: runNormalize(control, thread); break;
		case 5: runImpulse(control, thread); break;
		case 6: runIterate(control, thread); break;
		case 7: runSplat(control, thread); break;
		case 8: runSlice(control, thread); break;
		case 9: runSoftmax(control, thread); break;
		case 10: runMix(control, thread); break;
		case 11: runSelect(control, thread); break;
		case 12: runReadLane(control, thread); break;
		case 13: runReadShare(control, thread); break;
		case 14: runBlur(control, thread); break;
		case 15: runPlanWaves(control, thread); break;
		case 16: runWriteWaves(control, thread); break;
	}
}

/** Bytes of a builder's scratch. */
export function builderScratch(): u32 {
	return <u32>scratchBytes;
}

@inline
function argsOf<A>(control: Control): A {
	return changetype<A>(control.args);
}

@inline
function latticeAt(pass: Pass, index: u32): Lattice {
	return changetype<Lattice>(load<usize>(pass.lattices + index * 4));
}

/** Segments of a picture: the steps in which lattices are built. */
export function segments(width: u32, pixels: u32): u32 {
	return segmentsOf(width, pixels);
}

/** Blocks of the waves in so many vertices. */
export function blocks(vertices: u32): u32 {
	return blocksOf(vertices);
}

/** The unary's planes into energy rows. */
function runTakeUnary(control: Control, thread: u32): void {
	const args = argsOf<TakeUnary>(control);
	const from = rangeStart(args.pixels, thread, control.threads);
	const to = rangeStart(args.pixels, thread + 1, control.threads);
	const statistics = changetype<Statistics>(args.statistics + thread * offsetof<Statistics>());
	const bounds = args.bounds + thread * args.width * 16;
	takeUnary(args.planes, args.rows, args.classes, args.width, args.pixels, bounds, statistics, from, to);
}

/** Pixels into the lattice, each thread with its own builder, until done or a table is full. */
function runEmbed(control: Control, thread: u32): void {
	const args = argsOf<Embed>(control);
	embed(args.lattice, changetype<Builder>(args.builders + thread * offsetof<Builder>()));
}

/** The threads' vertices into the first builder; sets the lattice's vertices, rows and ghosts. */
function runMerge(control: Control, thread: u32): void {
	const args = argsOf<Merge>(control);
	const lattice = args.lattice;
	const threads = control.threads;
	const first = changetype<Builder>(args.builders);
	if (thread == 0) {
		refill(first);
		let listed: u32 = 0;
		store<u32>(lattice.ghostStarts, 0);
		for (let other: u32 = 1; other < threads; other++) {
			store<u32>(lattice.ghostStarts + other * 4, listed);
			const builder = changetype<Builder>(args.builders + other * offsetof<Builder>());
			const segment = shareStart(segmentsOf(lattice.width, lattice.pixels), other, threads);
			listed = merge(lattice, first, builder, segment, load<usize>(args.maps + other * 4), listed);
		}
		store<u32>(lattice.ghostStarts + threads * 4, listed);
		lattice.vertices = first.count;
		lattice.rows = first.count + listed;
	}
	barrier(control);
	if (thread > 0) {
		const count = segmentsOf(lattice.width, lattice.pixels);
		const from = shareStart(count, thread, threads);
		const to = shareStart(count, thread + 1, threads);
		renumber(lattice, load<usize>(args.maps + thread * 4), from, to);
	}
}

/** The chains of every axis, each by one thread. */
function runChains(control: Control, thread: u32): void {
	const args = argsOf<Chains>(control);
	const lattice = args.lattice;
	const linkedBytes = (lattice.vertices + 3) & ~3;
	const next = args.scratch + thread * (lattice.vertices * 4 + linkedBytes);
	for (let axis = thread; axis <= lattice.dimensions; axis += control.threads) {
		const chain = lattice.chains + axis * 8;
		const order = load<usize>(chain);
		store<u32>(chain, findChains(lattice, args.builder, axis, next, next + lattice.vertices * 4, order), 4);
	}
}

/** By one thread, as every axis goes on from the one before. */
function runPlanWaves(control: Control, thread: u32): void {
	const args = argsOf<Waves>(control);
	if (thread == 0) {
		planWaves(args.lattice, args.plan);
	}
}

/** Every axis by one thread. */
function runWriteWaves(control: Control, thread: u32): void {
	const args = argsOf<Waves>(control);
	for (let axis = thread; axis <= args.lattice.dimensions; axis += control.threads) {
		writeWaves(args.lattice, args.plan, axis);
	}
}

/**
 * Weighs the entries by n = 1 / sqrt(K 1 + 1e-20) (mode 3, both ways), or by n = 1 / (K 1 + 1e-20) for splatting
 * (mode 1) or slicing (mode 2), as the reference does, in double precision.
 */
function runNormalize(control: Control, thread: u32): void {
	const args = argsOf<Normalize>(control);
	const lattice = args.lattice;
	const segments = segmentsOf(lattice.width, lattice.pixels);
	const from = shareStart(segments, thread, control.threads);
	const to = shareStart(segments, thread + 1, control.threads);
	lattice.values = args.values;
	lattice.target = args.values;
	lattice.signal = args.one;
	splatSignal(lattice, 1, 0, 0, from, to);
	barrier(control);
	blur(control, thread, lattice, 1);
	for (let segment = from; segment < to; segment++) {
		const start = segmentStart(lattice.width, lattice.pixels, segment);
		weigh(lattice, args.mode, start, segmentEnd(lattice.width, lattice.pixels, segment));
	}
}

function weigh(lattice: Lattice, mode: u32, from: u32, to: u32): void {
	const bytes = (lattice.dimensions + 1) * 8;
	const chosen = mode == 2 ? lattice.slice : lattice.splat;
	for (let pixel = from; pixel < to; pixel++) {
		const entries = lattice.splat + pixel * bytes;
		let sum: f32 = 0;
		for (let entry = entries; entry < entries + bytes; entry += 8) {
			sum += load<f32>(entry, 4) * lattice.alpha * load<f32>(lattice.values + load<u32>(entry) * 16);
		}
		const norm = <f32>(mode == 3 ? 1 / Math.sqrt(<f64>sum + 1e-20) : 1 / (<f64>sum + 1e-20));
		const weighed = chosen + pixel * bytes;
		for (let entry = weighed; entry < weighed + bytes; entry += 8) {
			store<f32>(entry, load<f32>(entry, 4) * norm, 4);
		}
	}
}

/** Filters an impulse: `out` is how strongly every pixel receives from `pixel`. */
function runImpulse(control: Control, thread: u32): void {
	const args = argsOf<Impulse>(control);
	const lattice = args.lattice;
	const from = rangeStart(lattice.pixels, thread, control.threads);
	const to = rangeStart(lattice.pixels, thread + 1, control.threads);
	lattice.values = args.values;
	lattice.target = args.values;
	lattice.signal = args.one;
	clear(control, thread, lattice, args.values, 1);
	barrier(control);
	if (thread == 0) {
		splatBatch<Row1>(lattice, lattice.signal, 0, args.pixel, args.pixel + 1);
	}
	barrier(control);
	blur(control, thread, lattice, 1);
	const bytes = (lattice.dimensions + 1) * 8;
	for (let pixel = from; pixel < to; pixel++) {
		let sum: f32 = 0;
		const entries = lattice.slice + pixel * bytes;
		for (let entry = entries; entry < entries + bytes; entry += 8) {
			sum += load<f32>(entry, 4) * load<f32>(lattice.values + load<u32>(entry) * 16);
		}
		store<f32>(args.out + pixel * 4, sum * lattice.factor);
	}
}

/** Blurs what was splatted, unless it is blurred already, and passes once over the pixels. */
function runIterate(control: Control, thread: u32): void {
	const args = argsOf<Iterate>(control);
	const pass = args.pass;
	if (args.blurs && pass.tasks & slice) {
		for (let i: u32 = 0; i < pass.latticeCount; i++) {
			blur(control, thread, latticeAt(pass, i), pass.width);
		}
	}
	const segments = segmentsOf(pass.columns, pass.pixels);
	const from = shareStart(segments, thread, control.threads);
	passPixels(pass, thread, from, shareStart(segments, thread + 1, control.threads));
}

/** Splats vectors of the lattices' signals into their targets. */
function runSplat(control: Control, thread: u32): void {
	const args = argsOf<Splat>(control);
	const pass = args.pass;
	const segments = segmentsOf(pass.columns, pass.pixels);
	const from = shareStart(segments, thread, control.threads);
	const to = shareStart(segments, thread + 1, control.threads);
	for (let i: u32 = 0; i < pass.latticeCount; i++) {
		splatSignal(latticeAt(pass, i), args.width, args.offset, args.stride, from, to);
	}
}

/** Blurs and slices vectors of all lattices into the beliefs' rows. */
function runSlice(control: Control, thread: u32): void {
	const args = argsOf<Slice>(control);
	const pass = args.pass;
	for (let i: u32 = 0; i < pass.latticeCount; i++) {
		blur(control, thread, latticeAt(pass, i), args.width);
	}
	const segments = segmentsOf(pass.columns, pass.pixels);
	const from = shareStart(segments, thread, control.threads);
	const to = shareStart(segments, thread + 1, control.threads);
	sliceBlock(pass, thread, args.width, args.offset, args.stride, from, to);
}

/** Blurs what was splatted. */
function runBlur(control: Control, thread: u32): void {
	const args = argsOf<Blur>(control);
	for (let i: u32 = 0; i < args.pass.latticeCount; i++) {
		blur(control, thread, latticeAt(args.pass, i), args.width);
	}
}

function runSoftmax(control: Control, thread: u32): void {
	const args = argsOf<Softmax>(control);
	const from = rangeStart(args.pass.pixels, thread, control.threads);
	softmaxRows(args.pass, thread, args.source, from, rangeStart(args.pass.pixels, thread + 1, control.threads));
}

function runMix(control: Control, thread: u32): void {
	const args = argsOf<Mix>(control);
	const from = rangeStart(args.pixels, thread, control.threads);
	mixRows(args.rows, args.out, args.matrix, args.width, args.pixels, from, rangeStart(args.pixels, thread + 1, control.threads));
}

function runSelect(control: Control, thread: u32): void {
	const args = argsOf<Select>(control);
	const from = shareStart(args.count, thread, control.threads);
	const to = shareStart(args.count, thread + 1, control.threads);
	if (args.energies) {
		selectEnergies(args.rows, args.out, args.selection, args.count, from, to);
	} else {
		selectValues(args.rows, args.out, args.selection, args.count, from, to);
	}
}

function runReadLane(control: Control, thread: u32): void {
	const args = argsOf<ReadLane>(control);
	const from = shareStart(args.pixels, thread, control.threads);
	const to = shareStart(args.pixels, thread + 1, control.threads);
	readLane(args.at, args.stride, args.out, args.outStride, from, to);
}

function runReadShare(control: Control, thread: u32): void {
	const args = argsOf<ReadShare>(control);
	readShare(
		args.beliefs,
		args.energies,
		args.stride,
		args.all,
		args.allStride,
		args.out,
		args.outStride,
		shareStart(args.pixels, thread, control.threads),
		shareStart(args.pixels, thread + 1, control.threads),
	);
}
