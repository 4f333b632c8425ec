/**
 * The parts of an iteration one by one, for rows that are longer than the registers (blocks of at most 6 vectors are
 * filtered one after the other, in lattices no wider than a block), and for signals that are not made in the pass.
 */
import { clearMet } from './blur';
import { addWeighted3, exp4, log, max4, splat, sum4, weigh3 } from './math';
import { agree, label, Lattice, measure, nowhere, Pass, rest, Statistics } from './memory';
import { labelInRest } from './pixels';
import { segmentEnd, segmentStart } from './segments';
import { maxVectors, Row1, Row2, Row3, Row4, Row5, Row6, vectorAt, vectors } from './rowTypes';

/** Pixels between two calls: the engine replaces its first, slow code only there. */
const batch: u32 = 1024;

/**
 * Splats vectors of a lattice's signal into its target, for the pixels of segments `from` … `to - 1`.
 * @param width vectors that are splatted, the target's row length
 * @param offset bytes from a pixel's row to the first of them
 * @param stride bytes from a pixel's row to the next; 0: every pixel has the same
 */
export function splatSignal(lattice: Lattice, width: u32, offset: usize, stride: usize, from: u32, to: u32): void {
	const signal = lattice.signal + offset;
	for (let segment = from; segment < to; segment++) {
		const start = segmentStart(lattice.width, lattice.pixels, segment);
		const end = segmentEnd(lattice.width, lattice.pixels, segment);
		clearMet(lattice, segment, width);
		switch (width) {
			case 1: splatBatch<Row1>(lattice, signal, stride, start, end); break;
			case 2: splatBatch<Row2>(lattice, signal, stride, start, end); break;
			case 3: splatBatch<Row3>(lattice, signal, stride, start, end); break;
			case 4: splatBatch<Row4>(lattice, signal, stride, start, end); break;
			case 5: splatBatch<Row5>(lattice, signal, stride, start, end); break;
			default: splatBatch<Row6>(lattice, signal, stride, start, end); break;
		}
	}
}

/** The same for pixels `from` … `to - 1`. */
export function splatBatch<R>(lattice: Lattice, signal: usize, stride: usize, from: u32, to: u32): void {
	const zero = splat(0);
	const target = lattice.target;
	const bytes = (lattice.dimensions + 1) * 8;
	for (let pixel = from; pixel < to; pixel++) {
		const source = signal + pixel * stride;
		const q0 = v128.load(source);
		let q1 = zero, q2 = zero, q3 = zero, q4 = zero, q5 = zero;
		if (vectors<R>() > 1) q1 = v128.load(source, 16);
		if (vectors<R>() > 2) q2 = v128.load(source, 32);
		if (vectors<R>() > 3) q3 = v128.load(source, 48);
		if (vectors<R>() > 4) q4 = v128.load(source, 64);
		if (vectors<R>() > 5) q5 = v128.load(source, 80);
		let entry = lattice.splat + pixel * bytes;
		const end = entry + bytes;
		for (; entry + 24 <= end; entry += 24) {
			const r0 = target + load<u32>(entry, 0) * offsetof<R>();
			const r1 = target + load<u32>(entry, 8) * offsetof<R>();
			const r2 = target + load<u32>(entry, 16) * offsetof<R>();
			const w0 = v128.load_splat<f32>(entry, 4);
			const w1 = v128.load_splat<f32>(entry, 12);
			const w2 = v128.load_splat<f32>(entry, 20);
			addWeighted3(r0, w0, r1, w1, r2, w2, q0);
			if (vectors<R>() > 1) addWeighted3(r0 + 16, w0, r1 + 16, w1, r2 + 16, w2, q1);
			if (vectors<R>() > 2) addWeighted3(r0 + 32, w0, r1 + 32, w1, r2 + 32, w2, q2);
			if (vectors<R>() > 3) addWeighted3(r0 + 48, w0, r1 + 48, w1, r2 + 48, w2, q3);
			if (vectors<R>() > 4) addWeighted3(r0 + 64, w0, r1 + 64, w1, r2 + 64, w2, q4);
			if (vectors<R>() > 5) addWeighted3(r0 + 80, w0, r1 + 80, w1, r2 + 80, w2, q5);
		}
		for (; entry < end; entry += 8) {
			const row = target + load<u32>(entry) * offsetof<R>();
			const weight = v128.load_splat<f32>(entry, 4);
			v128.store(row, f32x4.add(v128.load(row), f32x4.mul(weight, q0)));
			if (vectors<R>() > 1) v128.store(row, f32x4.add(v128.load(row, 16), f32x4.mul(weight, q1)), 16);
			if (vectors<R>() > 2) v128.store(row, f32x4.add(v128.load(row, 32), f32x4.mul(weight, q2)), 32);
			if (vectors<R>() > 3) v128.store(row, f32x4.add(v128.load(row, 48), f32x4.mul(weight, q3)), 48);
			if (vectors<R>() > 4) v128.store(row, f32x4.add(v128.load(row, 64), f32x4.mul(weight, q4)), 64);
			if (vectors<R>() > 5) v128.store(row, f32x4.add(v128.load(row, 80), f32x4.mul(weight, q5)), 80);
		}
	}
}

/**
 * Puts energies plus messages into the beliefs' rows, for `width` vectors that begin `offset` bytes from the rows' start
 * and repeat every `stride` bytes; for {@link agree}, also sums the product with the Q before. For the pixels of segments
 * `from` … `to - 1`.
 */
export function sliceBlock(
	pass: Pass,
	thread: u32,
	width: u32,
	offset: usize,
	stride: usize,
	from: u32,
	to: u32,
): void {
	const statistics = changetype<Statistics>(pass.statistics + thread * offsetof<Statistics>());
	for (let segment = from; segment < to; segment++) {
		const start = segmentStart(pass.columns, pass.pixels, segment);
		const end = segmentEnd(pass.columns, pass.pixels, segment);
		switch (width) {
			case 1: sliceBatch<Row1>(pass, statistics, offset, stride, start, end); break;
			case 2: sliceBatch<Row2>(pass, statistics, offset, stride, start, end); break;
			case 3: sliceBatch<Row3>(pass, statistics, offset, stride, start, end); break;
			case 4: sliceBatch<Row4>(pass, statistics, offset, stride, start, end); break;
			case 5: sliceBatch<Row5>(pass, statistics, offset, stride, start, end); break;
			default: sliceBatch<Row6>(pass, statistics, offset, stride, start, end); break;
		}
	}
}

function sliceBatch<R>(
	pass: Pass,
	statistics: Statistics,
	offset: usize,
	stride: usize,
	from: u32,
	to: u32,
): void {
	const zero = splat(0);
	const lattices = pass.lattices;
	const latticesEnd = lattices + pass.latticeCount * 4;
	for (let pixel = from; pixel < to; pixel++) {
		const energies = pass.energies + pixel * stride + offset;
		let e0 = v128.load(energies);
		let e1 = zero, e2 = zero, e3 = zero, e4 = zero, e5 = zero;
		if (vectors<R>() > 1) e1 = v128.load(energies, 16);
		if (vectors<R>() > 2) e2 = v128.load(energies, 32);
		if (vectors<R>() > 3) e3 = v128.load(energies, 48);
		if (vectors<R>() > 4) e4 = v128.load(energies, 64);
		if (vectors<R>() > 5) e5 = v128.load(energies, 80);
		for (let at = lattices; at < latticesEnd; at += 4) {
			const lattice = changetype<Lattice>(load<usize>(at));
			const values = lattice.values;
			const bytes = (lattice.dimensions + 1) * 8;
			let entry = lattice.slice + pixel * bytes;
			const end = entry + bytes;
			let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero;
			for (; entry + 24 <= end; entry += 24) {
				const r0 = values + load<u32>(entry, 0) * offsetof<R>();
				const r1 = values + load<u32>(entry, 8) * offsetof<R>();
				const r2 = values + load<u32>(entry, 16) * offsetof<R>();
				const w0 = v128.load_splat<f32>(entry, 4);
				const w1 = v128.load_splat<f32>(entry, 12);
				const w2 = v128.load_splat<f32>(entry, 20);
				a0 = weigh3(a0, w0, v128.load(r0), w1, v128.load(r1), w2, v128.load(r2));
				if (vectors<R>() > 1) a1 = weigh3(a1, w0, v128.load(r0, 16), w1, v128.load(r1, 16), w2, v128.load(r2, 16));
				if (vectors<R>() > 2) a2 = weigh3(a2, w0, v128.load(r0, 32), w1, v128.load(r1, 32), w2, v128.load(r2, 32));
				if (vectors<R>() > 3) a3 = weigh3(a3, w0, v128.load(r0, 48), w1, v128.load(r1, 48), w2, v128.load(r2, 48));
				if (vectors<R>() > 4) a4 = weigh3(a4, w0, v128.load(r0, 64), w1, v128.load(r1, 64), w2, v128.load(r2, 64));
				if (vectors<R>() > 5) a5 = weigh3(a5, w0, v128.load(r0, 80), w1, v128.load(r1, 80), w2, v128.load(r2, 80));
			}
			for (; entry < end; entry += 8) {
				const row = values + load<u32>(entry) * offsetof<R>();
				const weight = v128.load_splat<f32>(entry, 4);
				a0 = f32x4.add(a0, f32x4.mul(weight, v128.load(row)));
				if (vectors<R>() > 1) a1 = f32x4.add(a1, f32x4.mul(weight, v128.load(row, 16)));
				if (vectors<R>() > 2) a2 = f32x4.add(a2, f32x4.mul(weight, v128.load(row, 32)));
				if (vectors<R>() > 3) a3 = f32x4.add(a3, f32x4.mul(weight, v128.load(row, 48)));
				if (vectors<R>() > 4) a4 = f32x4.add(a4, f32x4.mul(weight, v128.load(row, 64)));
				if (vectors<R>() > 5) a5 = f32x4.add(a5, f32x4.mul(weight, v128.load(row, 80)));
			}
			const factor = v128.load_splat<f32>(changetype<usize>(lattice) + offsetof<Lattice>('factor'));
			e0 = f32x4.add(e0, f32x4.mul(factor, a0));
			if (vectors<R>() > 1) e1 = f32x4.add(e1, f32x4.mul(factor, a1));
			if (vectors<R>() > 2) e2 = f32x4.add(e2, f32x4.mul(factor, a2));
			if (vectors<R>() > 3) e3 = f32x4.add(e3, f32x4.mul(factor, a3));
			if (vectors<R>() > 4) e4 = f32x4.add(e4, f32x4.mul(factor, a4));
			if (vectors<R>() > 5) e5 = f32x4.add(e5, f32x4.mul(factor, a5));
		}
		const beliefs = pass.beliefs + pixel * stride + offset;
		if (pass.tasks & agree) {
			const previous = pass.previous + pixel * stride + offset;
			let agreement = f32x4.mul(e0, v128.load(previous));
			if (vectors<R>() > 1) agreement = f32x4.add(agreement, f32x4.mul(e1, v128.load(previous, 16)));
			if (vectors<R>() > 2) agreement = f32x4.add(agreement, f32x4.mul(e2, v128.load(previous, 32)));
			if (vectors<R>() > 3) agreement = f32x4.add(agreement, f32x4.mul(e3, v128.load(previous, 48)));
			if (vectors<R>() > 4) agreement = f32x4.add(agreement, f32x4.mul(e4, v128.load(previous, 64)));
			if (vectors<R>() > 5) agreement = f32x4.add(agreement, f32x4.mul(e5, v128.load(previous, 80)));
			statistics.agreement += <f64>f32x4.extract_lane(sum4(agreement), 0);
		}
		v128.store(beliefs, e0);
		if (vectors<R>() > 1) v128.store(beliefs, e1, 16);
		if (vectors<R>() > 2) v128.store(beliefs, e2, 32);
		if (vectors<R>() > 3) v128.store(beliefs, e3, 48);
		if (vectors<R>() > 4) v128.store(beliefs, e4, 64);
		if (vectors<R>() > 5) v128.store(beliefs, e5, 80);
	}
}

/** Softmax of the rows at `source` (energies, or the beliefs' own) into the beliefs; `pass.tasks` as in one pass. */
export function softmaxRows(pass: Pass, thread: u32, source: usize, from: u32, to: u32): void {
	for (; from < to; from += batch) {
		softmaxBatch(pass, thread, source, from, min(to, from + batch));
	}
}

function softmaxBatch(pass: Pass, thread: u32, source: usize, from: u32, to: u32): void {
	const width = pass.width;
	const pixels = pass.pixels;
	const tasks = pass.tasks;
	const maxima = pass.maxima + thread * width * 16;
	const statistics = changetype<Statistics>(pass.statistics + thread * offsetof<Statistics>());
	for (let pixel = from; pixel < to; pixel++) {
		let top = splat(nowhere);
		for (let first: u32 = 0; first < width; first += maxVectors) {
			const row = vectorAt(source, pixels, width, pixel, first);
			for (let k: u32 = 0; k < min(maxVectors, width - first) * 16; k += 16) {
				top = f32x4.pmax(top, v128.load(row + k));
			}
		}
		top = max4(top);
		if (tasks & label) {
			const labels = pass.labels + pixel;
			const winner = labelOf(pass, source, pixel, top);
			statistics.changed += u32(load<u8>(labels) != winner);
			store<u8>(labels, winner);
		}
		let total = splat(0);
		let weighted = splat(0);
		for (let first: u32 = 0; first < width; first += maxVectors) {
			const row = vectorAt(source, pixels, width, pixel, first);
			const beliefs = vectorAt(pass.beliefs, pixels, width, pixel, first);
			for (let k: u32 = 0; k < min(maxVectors, width - first) * 16; k += 16) {
				const e = f32x4.sub(v128.load(row + k), top);
				const q = exp4(e);
				weighted = f32x4.add(weighted, f32x4.mul(e, q));
				total = f32x4.add(total, q);
				v128.store(beliefs + k, q);
			}
		}
		total = sum4(total);
		if (tasks & measure) {
			const sum = f32x4.extract_lane(total, 0);
			const logSum = log(sum);
			const entropy = logSum - <f64>f32x4.extract_lane(sum4(weighted), 0) / <f64>sum;
			statistics.entropy += entropy;
			statistics.partition += logSum + <f64>f32x4.extract_lane(top, 0);
			store<f32>(pass.entropies + pixel * 4, <f32>entropy);
		}
		total = f32x4.div(splat(1), total);
		for (let first: u32 = 0; first < width; first += maxVectors) {
			const beliefs = vectorAt(pass.beliefs, pixels, width, pixel, first);
			for (let k: u32 = 0; k < min(maxVectors, width - first) * 16; k += 16) {
				const q = f32x4.mul(v128.load(beliefs + k), total);
				const largest = maxima + first * 16 + k;
				v128.store(beliefs + k, q);
				v128.store(largest, f32x4.pmax(v128.load(largest), q));
			}
		}
	}
}

/** The class of the first lane that holds the pixel's largest value. */
function labelOf(pass: Pass, source: usize, pixel: u32, top: v128): u32 {
	for (let k: u32 = 0; k < pass.width; k++) {
		const ties = i32x4.bitmask(f32x4.eq(v128.load(vectorAt(source, pass.pixels, pass.width, pixel, k)), top));
		if (ties) {
			const winner = <u32>load<u8>(pass.classOf + k * 4 + ctz(ties));
			return winner == rest ? labelInRest(pass, pixel) : winner;
		}
	}
	return 0;
}

/**
 * `out` = `matrix` applied to every pixel's row: a label compatibility. Linear over the pixels, it may as well be applied
 * before the filter as behind it.
 * @param matrix lanes x lanes f32, column by column: column c is what a unit of lane c becomes
 */
export function mixRows(
	rows: usize,
	out: usize,
	matrix: usize,
	width: u32,
	pixels: u32,
	from: u32,
	to: u32,
): void {
	for (let pixel = from; pixel < to; pixel++) {
		for (let k: u32 = 0; k < width; k++) {
			let sum = splat(0);
			for (let c: u32 = 0; c < width * 4; c++) {
				const value = v128.load_splat<f32>(vectorAt(rows, pixels, width, pixel, c >> 2) + (c & 3) * 4);
				sum = f32x4.add(sum, f32x4.mul(value, v128.load(matrix + (c * width + k) * 16)));
			}
			v128.store(vectorAt(out, pixels, width, pixel, k), sum);
		}
	}
}
