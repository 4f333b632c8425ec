/** Rows of classes: from planes, into fewer lanes, and back into planes. */
import { exp4, log, log4, max4, splat, sum4 } from './math';
import { nowhere, Statistics } from './memory';
import { maxVectors, Row1, Row2, Row3, Row4, Row5, Row6, vectorAt, vectors } from './rowTypes';

/** Pixels between two calls: the engine replaces its first, slow code only there. */
const batch: u32 = 1024;

/**
 * -unary as rows. Along the way, the largest value of (energy - largest energy of the pixel) of every class, an upper
 * bound of ln Q at the start.
 * @param planes classes x pixels f32
 * @param rows pixels x width vectors
 * @param bounds `width` vectors, raised
 */
export function takeUnary(
	planes: usize,
	rows: usize,
	classes: u32,
	width: u32,
	pixels: u32,
	bounds: usize,
	statistics: Statistics,
	from: u32,
	to: u32,
): void {
	for (; from < to; from += batch) {
		takeBatch(planes, rows, classes, width, pixels, bounds, statistics, from, min(to, from + batch));
	}
}

function takeBatch(
	planes: usize,
	rows: usize,
	classes: u32,
	width: u32,
	pixels: u32,
	bounds: usize,
	statistics: Statistics,
	from: u32,
	to: u32,
): void {
	const plane = pixels * 4;
	const whole = classes & ~3;
	let sum = splat(0);
	let pixel = from;
	for (; pixel + 4 <= to; pixel += 4) {
		for (let c: u32 = 0; c < whole; c += 4) {
			const at = planes + c * plane + pixel * 4;
			const a = f32x4.neg(v128.load(at));
			const b = f32x4.neg(v128.load(at + plane));
			const d = f32x4.neg(v128.load(at + 2 * plane));
			const e = f32x4.neg(v128.load(at + 3 * plane));
			const low = i32x4.shuffle(a, b, 0, 4, 1, 5);
			const high = i32x4.shuffle(a, b, 2, 6, 3, 7);
			const low2 = i32x4.shuffle(d, e, 0, 4, 1, 5);
			const high2 = i32x4.shuffle(d, e, 2, 6, 3, 7);
			const to4 = vectorAt(rows, pixels, width, pixel, c >> 2);
			const stride = vectorAt(rows, pixels, width, pixel + 1, c >> 2) - to4;
			v128.store(to4, i64x2.shuffle(low, low2, 0, 2));
			v128.store(to4 + stride, i64x2.shuffle(low, low2, 1, 3));
			v128.store(to4 + 2 * stride, i64x2.shuffle(high, high2, 0, 2));
			v128.store(to4 + 3 * stride, i64x2.shuffle(high, high2, 1, 3));
		}
		for (let j: u32 = 0; j < 4; j++) {
			takeScalars(planes, rows, classes, width, pixels, whole, pixel + j);
		}
	}
	for (; pixel < to; pixel++) {
		takeScalars(planes, rows, classes, width, pixels, 0, pixel);
	}
	for (pixel = from; pixel < to; pixel++) {
		let top = splat(nowhere);
		for (let first: u32 = 0; first < width; first += maxVectors) {
			const row = vectorAt(rows, pixels, width, pixel, first);
			for (let k: u32 = 0; k < min(maxVectors, width - first) * 16; k += 16) {
				top = f32x4.pmax(top, v128.load(row + k));
			}
		}
		top = max4(top);
		for (let first: u32 = 0; first < width; first += maxVectors) {
			const row = vectorAt(rows, pixels, width, pixel, first);
			for (let k: u32 = 0; k < min(maxVectors, width - first) * 16; k += 16) {
				const e = v128.load(row + k);
				const bound = bounds + first * 16 + k;
				// 0, or NaN where a value is not finite; spare lanes are.
				sum = f32x4.add(sum, f32x4.mul(e, splat(0)));
				v128.store(bound, f32x4.pmax(v128.load(bound), f32x4.sub(e, top)));
			}
		}
	}
	if (!(f32x4.extract_lane(sum4(sum), 0) == 0)) {
		statistics.invalid = 1;
	}
}

/** Classes from `first` on, one by one, and the spare lanes. */
@inline
function takeScalars(
	planes: usize,
	rows: usize,
	classes: u32,
	width: u32,
	pixels: u32,
	first: u32,
	pixel: u32,
): void {
	for (let c = first; c < width * 4; c++) {
		const energy = c < classes ? -load<f32>(planes + (c * pixels + pixel) * 4) : nowhere;
		store<f32>(laneAt(rows, pixels, width, pixel, c), energy);
	}
}

@inline
function laneAt(rows: usize, count: u32, width: u32, row: u32, lane: u32): usize {
	return vectorAt(rows, count, width, row, lane >> 2) + (lane & 3) * 4;
}

/**
 * How rows become rows of fewer lanes: lane i of the new row is lane `lanes[i]` of the old one; the lanes that `penalty`
 * leaves (0; the others have {@link nowhere}) go together into the last one.
 */
@unmanaged
export class Selection {
	/** Vectors in an old row, and in a new one. */
	width: u32;
	newWidth: u32;
	/** Bytes, `kept` of them. */
	lanes: usize;
	kept: u32;
	/** `width` vectors. */
	penalty: usize;
}

/** Energies of fewer lanes: the last one is the logarithm of the sum of those that go together. */
export function selectEnergies(
	rows: usize,
	out: usize,
	selection: Selection,
	count: u32,
	from: u32,
	to: u32,
): void {
	for (; from < to; from += batch) {
		const end = min(to, from + batch);
		switch (selection.width) {
			case 1: selectWholeRows<Row1>(rows, out, selection, from, end); break;
			case 2: selectWholeRows<Row2>(rows, out, selection, from, end); break;
			case 3: selectWholeRows<Row3>(rows, out, selection, from, end); break;
			case 4: selectWholeRows<Row4>(rows, out, selection, from, end); break;
			case 5: selectWholeRows<Row5>(rows, out, selection, from, end); break;
			case 6: selectWholeRows<Row6>(rows, out, selection, from, end); break;
			default: selectEnergiesBatch(rows, out, selection, count, from, end);
		}
	}
}

/** For rows that are not stored in blocks: four at a time, so that their logarithms are taken at once. */
function selectWholeRows<R>(rows: usize, out: usize, selection: Selection, from: u32, to: u32): void {
	const penalties = selection.penalty;
	let i = from;
	for (; i + 4 <= to; i += 4) {
		const row = rows + i * offsetof<R>();
		const a = topAndSum<R>(row, penalties);
		const b = topAndSum<R>(row + offsetof<R>(), penalties);
		const d = topAndSum<R>(row + 2 * offsetof<R>(), penalties);
		const e = topAndSum<R>(row + 3 * offsetof<R>(), penalties);
		const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
		const de = i32x4.shuffle(d, e, 0, 4, 1, 5);
		const together = f32x4.add(i64x2.shuffle(ab, de, 0, 2), log4(i64x2.shuffle(ab, de, 1, 3)));
		storeSelected<R>(rows, out, selection, i, f32x4.extract_lane(together, 0));
		storeSelected<R>(rows, out, selection, i + 1, f32x4.extract_lane(together, 1));
		storeSelected<R>(rows, out, selection, i + 2, f32x4.extract_lane(together, 2));
		storeSelected<R>(rows, out, selection, i + 3, f32x4.extract_lane(together, 3));
	}
	for (; i < to; i++) {
		const both = topAndSum<R>(rows + i * offsetof<R>(), penalties);
		const together = f32x4.extract_lane(both, 0) + <f32>log(f32x4.extract_lane(both, 1));
		storeSelected<R>(rows, out, selection, i, together);
	}
}

/** Of a row with its penalties: the largest value in lane 0, the sum of e^(value - largest) in lane 1. */
@inline
function topAndSum<R>(row: usize, penalties: usize): v128 {
	let x1 = splat(0), x2 = splat(0), x3 = splat(0), x4 = splat(0), x5 = splat(0);
	const x0 = f32x4.add(v128.load(row), v128.load(penalties));
	if (vectors<R>() > 1) x1 = f32x4.add(v128.load(row, 16), v128.load(penalties, 16));
	if (vectors<R>() > 2) x2 = f32x4.add(v128.load(row, 32), v128.load(penalties, 32));
	if (vectors<R>() > 3) x3 = f32x4.add(v128.load(row, 48), v128.load(penalties, 48));
	if (vectors<R>() > 4) x4 = f32x4.add(v128.load(row, 64), v128.load(penalties, 64));
	if (vectors<R>() > 5) x5 = f32x4.add(v128.load(row, 80), v128.load(penalties, 80));
	let top = x0;
	if (vectors<R>() > 1) top = f32x4.pmax(top, x1);
	if (vectors<R>() > 2) top = f32x4.pmax(top, x2);
	if (vectors<R>() > 3) top = f32x4.pmax(top, x3);
	if (vectors<R>() > 4) top = f32x4.pmax(top, x4);
	if (vectors<R>() > 5) top = f32x4.pmax(top, x5);
	top = max4(top);
	let total = exp4(f32x4.sub(x0, top));
	if (vectors<R>() > 1) total = f32x4.add(total, exp4(f32x4.sub(x1, top)));
	if (vectors<R>() > 2) total = f32x4.add(total, exp4(f32x4.sub(x2, top)));
	if (vectors<R>() > 3) total = f32x4.add(total, exp4(f32x4.sub(x3, top)));
	if (vectors<R>() > 4) total = f32x4.add(total, exp4(f32x4.sub(x4, top)));
	if (vectors<R>() > 5) total = f32x4.add(total, exp4(f32x4.sub(x5, top)));
	return i32x4.shuffle(top, sum4(total), 0, 4, 1, 5);
}

/** The lanes that are kept, the one of those that go together, and nothing in the lanes behind it. */
@inline
function storeSelected<R>(rows: usize, out: usize, selection: Selection, row: u32, together: f32): void {
	const kept = selection.kept;
	const lanes = selection.lanes;
	const from = rows + row * offsetof<R>();
	const to = out + row * selection.newWidth * 16;
	v128.store(to + (selection.newWidth - 1) * 16, splat(nowhere));
	for (let lane: u32 = 0; lane < kept; lane++) {
		store<f32>(to + lane * 4, load<f32>(from + (<u32>load<u8>(lanes + lane)) * 4));
	}
	store<f32>(to + kept * 4, together);
}

function selectEnergiesBatch(
	rows: usize,
	out: usize,
	selection: Selection,
	count: u32,
	from: u32,
	to: u32,
): void {
	const width = selection.width;
	const newWidth = selection.newWidth;
	const kept = selection.kept;
	const penalties = selection.penalty;
	for (let i = from; i < to; i++) {
		copyKept(rows, out, selection, count, i);
		let top = splat(nowhere);
		for (let first: u32 = 0; first < width; first += maxVectors) {
			const row = vectorAt(rows, count, width, i, first);
			for (let k: u32 = 0; k < min(maxVectors, width - first) * 16; k += 16) {
				const penalty = v128.load(penalties + first * 16 + k);
				top = f32x4.pmax(top, f32x4.add(v128.load(row + k), penalty));
			}
		}
		top = max4(top);
		let total = splat(0);
		for (let first: u32 = 0; first < width; first += maxVectors) {
			const row = vectorAt(rows, count, width, i, first);
			for (let k: u32 = 0; k < min(maxVectors, width - first) * 16; k += 16) {
				const penalty = v128.load(penalties + first * 16 + k);
				total = f32x4.add(total, exp4(f32x4.sub(f32x4.add(v128.load(row + k), penalty), top)));
			}
		}
		const sum = f32x4.extract_lane(sum4(total), 0);
		const together = <f32>(<f64>f32x4.extract_lane(top, 0) + log(sum));
		store<f32>(laneAt(out, count, newWidth, i, kept), together);
		for (let lane = kept + 1; lane < newWidth * 4; lane++) {
			store<f32>(laneAt(out, count, newWidth, i, lane), nowhere);
		}
	}
}

/** Probabilities, or values of lattice rows, of fewer lanes: the last one is the sum of those that go together. */
export function selectValues(rows: usize, out: usize, selection: Selection, count: u32, from: u32, to: u32): void {
	const width = selection.width;
	const newWidth = selection.newWidth;
	const kept = selection.kept;
	for (let i = from; i < to; i++) {
		copyKept(rows, out, selection, count, i);
		let total = splat(0);
		for (let k: u32 = 0; k < width; k++) {
			const together = f32x4.eq(v128.load(selection.penalty + k * 16), splat(0));
			total = f32x4.add(total, v128.and(v128.load(vectorAt(rows, count, width, i, k)), together));
		}
		store<f32>(laneAt(out, count, newWidth, i, kept), f32x4.extract_lane(sum4(total), 0));
		for (let lane = kept + 1; lane < newWidth * 4; lane++) {
			store<f32>(laneAt(out, count, newWidth, i, lane), 0);
		}
	}
}

@inline
function copyKept(rows: usize, out: usize, selection: Selection, count: u32, row: u32): void {
	const kept = selection.kept;
	const lanes = selection.lanes;
	if (selection.width <= maxVectors) {
		// Rows that are not stored in blocks: no need to look for every lane.
		const from = rows + row * selection.width * 16;
		const to = out + row * selection.newWidth * 16;
		for (let lane: u32 = 0; lane < kept; lane++) {
			store<f32>(to + lane * 4, load<f32>(from + (<u32>load<u8>(lanes + lane)) * 4));
		}
		return;
	}
	for (let lane: u32 = 0; lane < kept; lane++) {
		const value = load<f32>(laneAt(rows, count, selection.width, row, load<u8>(lanes + lane)));
		store<f32>(laneAt(out, count, selection.newWidth, row, lane), value);
	}
}

/** One lane of the pixels' rows, which is every `stride` bytes from `at`, to values `outStride` bytes apart. */
export function readLane(at: usize, stride: usize, out: usize, outStride: usize, from: u32, to: u32): void {
	for (let pixel = from; pixel < to; pixel++) {
		store<f32>(out + pixel * outStride, load<f32>(at + pixel * stride));
	}
}

/**
 * Q of a class that is in the rest: its share of the rest's Q, exp(energy - energy of the rest).
 * @param beliefs the rest's lane, as `energies`, every `stride` bytes
 * @param all the class' own energy, every `allStride` bytes
 */
export function readShare(
	beliefs: usize,
	energies: usize,
	stride: usize,
	all: usize,
	allStride: usize,
	out: usize,
	outStride: usize,
	from: u32,
	to: u32,
): void {
	for (let pixel = from; pixel < to; pixel++) {
		const at = pixel * stride;
		const energy = load<f32>(all + pixel * allStride);
		const share = exp4(splat(min<f32>(0, energy - load<f32>(energies + at))));
		store<f32>(out + pixel * outStride, load<f32>(beliefs + at) * f32x4.extract_lane(share, 0));
	}
}
