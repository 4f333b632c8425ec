/** Rows of classes: from planes, into fewer lanes, and back into planes. */
import { exp4, log, max4, splat, sum4 } from './math';
import { nowhere, Statistics } from './memory';

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
	const stride = width * 16;
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
			const to4 = rows + pixel * stride + c * 4;
			v128.store(to4, i64x2.shuffle(low, low2, 0, 2));
			v128.store(to4 + stride, i64x2.shuffle(low, low2, 1, 3));
			v128.store(to4 + 2 * stride, i64x2.shuffle(high, high2, 0, 2));
			v128.store(to4 + 3 * stride, i64x2.shuffle(high, high2, 1, 3));
		}
		for (let j: u32 = 0; j < 4; j++) {
			takeScalars(planes, rows, classes, width, plane, whole, pixel + j);
		}
	}
	for (; pixel < to; pixel++) {
		takeScalars(planes, rows, classes, width, plane, 0, pixel);
	}
	for (pixel = from; pixel < to; pixel++) {
		const row = rows + pixel * stride;
		let top = v128.load(row);
		for (let k: u32 = 16; k < stride; k += 16) {
			top = f32x4.pmax(top, v128.load(row + k));
		}
		top = max4(top);
		for (let k: u32 = 0; k < stride; k += 16) {
			const e = v128.load(row + k);
			// 0, or NaN where a value is not finite; spare lanes are.
			sum = f32x4.add(sum, f32x4.mul(e, splat(0)));
			v128.store(bounds + k, f32x4.pmax(v128.load(bounds + k), f32x4.sub(e, top)));
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
	plane: usize,
	first: u32,
	pixel: u32,
): void {
	const row = rows + pixel * width * 16;
	for (let c = first; c < classes; c++) {
		store<f32>(row + c * 4, -load<f32>(planes + c * plane + pixel * 4));
	}
	for (let c = classes; c < width * 4; c++) {
		store<f32>(row + c * 4, nowhere);
	}
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
export function selectEnergies(rows: usize, out: usize, selection: Selection, from: u32, to: u32): void {
	for (; from < to; from += batch) {
		selectEnergiesBatch(rows, out, selection, from, min(to, from + batch));
	}
}

function selectEnergiesBatch(rows: usize, out: usize, selection: Selection, from: u32, to: u32): void {
	const stride = selection.width * 16;
	const newStride = selection.newWidth * 16;
	const kept = selection.kept;
	for (let i = from; i < to; i++) {
		const row = rows + i * stride;
		const result = out + i * newStride;
		for (let lane: u32 = 0; lane < kept; lane++) {
			store<f32>(result + lane * 4, load<f32>(row + (<u32>load<u8>(selection.lanes + lane)) * 4));
		}
		let top = splat(nowhere);
		for (let k: u32 = 0; k < stride; k += 16) {
			top = f32x4.pmax(top, f32x4.add(v128.load(row + k), v128.load(selection.penalty + k)));
		}
		top = max4(top);
		let total = splat(0);
		for (let k: u32 = 0; k < stride; k += 16) {
			const value = f32x4.add(v128.load(row + k), v128.load(selection.penalty + k));
			total = f32x4.add(total, exp4(f32x4.sub(value, top)));
		}
		const sum = f32x4.extract_lane(sum4(total), 0);
		store<f32>(result + kept * 4, <f32>(<f64>f32x4.extract_lane(top, 0) + log(sum)));
		for (let lane = kept + 1; lane < selection.newWidth * 4; lane++) {
			store<f32>(result + lane * 4, nowhere);
		}
	}
}

/** Probabilities, or values of lattice rows, of fewer lanes: the last one is the sum of those that go together. */
export function selectValues(rows: usize, out: usize, selection: Selection, from: u32, to: u32): void {
	const stride = selection.width * 16;
	const newStride = selection.newWidth * 16;
	const kept = selection.kept;
	for (let i = from; i < to; i++) {
		const row = rows + i * stride;
		const result = out + i * newStride;
		for (let lane: u32 = 0; lane < kept; lane++) {
			store<f32>(result + lane * 4, load<f32>(row + (<u32>load<u8>(selection.lanes + lane)) * 4));
		}
		let total = splat(0);
		for (let k: u32 = 0; k < stride; k += 16) {
			const together = f32x4.eq(v128.load(selection.penalty + k), splat(0));
			total = f32x4.add(total, v128.and(v128.load(row + k), together));
		}
		store<f32>(result + kept * 4, f32x4.extract_lane(sum4(total), 0));
		for (let lane = kept + 1; lane < selection.newWidth * 4; lane++) {
			store<f32>(result + lane * 4, 0);
		}
	}
}

/** One lane of the pixels' rows, to values `outStride` bytes apart. */
export function readLane(
	rows: usize,
	width: u32,
	lane: u32,
	out: usize,
	outStride: usize,
	from: u32,
	to: u32,
): void {
	let at = rows + from * width * 16 + lane * 4;
	for (let pixel = from; pixel < to; pixel++) {
		store<f32>(out + pixel * outStride, load<f32>(at));
		at += width * 16;
	}
}

/**
 * Q of a class that is in the rest: its share of the rest's Q, exp(energy - energy of the rest).
 * @param lane of the rest, in `beliefs` and `energies`, rows of `width` vectors
 * @param all energies of all classes, rows of `allWidth` vectors
 */
export function readShare(
	beliefs: usize,
	energies: usize,
	width: u32,
	lane: u32,
	all: usize,
	allWidth: u32,
	label: u32,
	out: usize,
	outStride: usize,
	from: u32,
	to: u32,
): void {
	for (let pixel = from; pixel < to; pixel++) {
		const at = pixel * width * 16 + lane * 4;
		const energy = load<f32>(all + pixel * allWidth * 16 + label * 4);
		const share = exp4(splat(min<f32>(0, energy - load<f32>(energies + at))));
		store<f32>(out + pixel * outStride, load<f32>(beliefs + at) * f32x4.extract_lane(share, 0));
	}
}
