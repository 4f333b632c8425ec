/** Four values at a time. */

@inline
export function splat(value: f32): v128 {
	return f32x4.splat(value);
}

/**
 * e^x for x <= 0; 0 from -70 down, so that weighted values never become denormal.
 *
 * 2^(n + f) with n the nearest whole number, which the float's exponent takes by addition, and a polynomial for 2^f that
 * is exact at 0 (fitted here; relative error at most 9.2e-8 on [-1/2, 1/2]). Rounding x log2(e) adds a relative error of
 * 6e-8 |x|, never more than 3e-8 of the largest value of a softmax.
 */
@inline
export function exp4(x: v128): v128 {
	const y = f32x4.mul(x, splat(1.44269504));
	// 1.5 * 2^23: sums with it are whole, and their lowest bits are n.
	const shifted = f32x4.add(y, splat(12582912));
	const f = f32x4.sub(y, f32x4.sub(shifted, splat(12582912)));
	let p = f32x4.add(f32x4.mul(splat(0.00132647), f), splat(0.00967151));
	p = f32x4.add(f32x4.mul(p, f), splat(0.05550734));
	p = f32x4.add(f32x4.mul(p, f), splat(0.24022242));
	p = f32x4.add(f32x4.mul(p, f), splat(0.69314698));
	p = f32x4.add(f32x4.mul(p, f), splat(1));
	return v128.and(i32x4.add(p, i32x4.shl(shifted, 23)), f32x4.gt(x, splat(-70)));
}

/** The largest lane, in every lane. */
@inline
export function max4(x: v128): v128 {
	const y = f32x4.pmax(x, i32x4.shuffle(x, x, 2, 3, 0, 1));
	return f32x4.pmax(y, i32x4.shuffle(y, y, 1, 0, 3, 2));
}

/** Three weighted vectors on top of `sum`, in their order. */
@inline
export function weigh3(sum: v128, w0: v128, x0: v128, w1: v128, x1: v128, w2: v128, x2: v128): v128 {
	const first = f32x4.add(sum, f32x4.mul(w0, x0));
	return f32x4.add(f32x4.add(first, f32x4.mul(w1, x1)), f32x4.mul(w2, x2));
}

/** Adds a weighted vector to each of three different places. */
@inline
export function addWeighted3(r0: usize, w0: v128, r1: usize, w1: v128, r2: usize, w2: v128, value: v128): void {
	v128.store(r0, f32x4.add(v128.load(r0), f32x4.mul(w0, value)));
	v128.store(r1, f32x4.add(v128.load(r1), f32x4.mul(w1, value)));
	v128.store(r2, f32x4.add(v128.load(r2), f32x4.mul(w2, value)));
}

/** The sum of the lanes, in every lane. */
@inline
export function sum4(x: v128): v128 {
	const y = f32x4.add(x, i32x4.shuffle(x, x, 2, 3, 0, 1));
	return f32x4.add(y, i32x4.shuffle(y, y, 1, 0, 3, 2));
}

/** Natural logarithm of a positive, normal number; relative error below 1e-7 (atanh series after halving the range). */
export function log(x: f32): f64 {
	const bits = reinterpret<u32>(x);
	let exponent = <i32>(bits >> 23) - 127;
	let m = <f64>reinterpret<f32>((bits & 0x7fffff) | 0x3f800000);
	if (m > 1.4142135623730951) {
		m *= 0.5;
		exponent++;
	}
	const s = (m - 1) / (m + 1);
	const z = s * s;
	const series = 2 * s * (1 + z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9)))));
	return <f64>exponent * 0.6931471805599453 + series;
}

/** Natural logarithms of positive, normal numbers; absolute error below 2e-7 near 1, as {@link log}. */
@inline
export function log4(x: v128): v128 {
	const exponent = i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127));
	let m = v128.or(v128.and(x, i32x4.splat(0x7fffff)), i32x4.splat(0x3f800000));
	// All bits, which is -1, where the mantissa is to be halved.
	const high = f32x4.gt(m, splat(1.41421356));
	m = v128.bitselect(f32x4.mul(m, splat(0.5)), m, high);
	const whole = f32x4.convert_i32x4_s(i32x4.sub(exponent, high));
	const s = f32x4.div(f32x4.sub(m, splat(1)), f32x4.add(m, splat(1)));
	const z = f32x4.mul(s, s);
	let p = f32x4.add(f32x4.mul(splat(1.0 / 9), z), splat(1.0 / 7));
	p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 5));
	p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 3));
	p = f32x4.add(f32x4.mul(p, z), splat(1));
	const series = f32x4.mul(f32x4.add(s, s), p);
	return f32x4.add(f32x4.mul(whole, splat(0.69314718)), series);
}
