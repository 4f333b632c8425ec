/** Four values at a time. */

@inline
export function splat(value: f32): v128 {
	return f32x4.splat(value);
}

/**
 * e^x for x <= 0, relative error below 2e-7; 0 from -70 down, so that weighted values never become denormal.
 * Range reduction to |r| <= ln 2 / 2 and the polynomial of Cephes' expf (Moshier).
 */
@inline
export function exp4(x: v128): v128 {
	const clamped = f32x4.max(x, splat(-80));
	const n = f32x4.nearest(f32x4.mul(clamped, splat(1.44269504)));
	const r = f32x4.sub(f32x4.sub(clamped, f32x4.mul(n, splat(0.693359375))), f32x4.mul(n, splat(-2.12194440e-4)));
	let p = f32x4.add(f32x4.mul(splat(1.9875691500e-4), r), splat(1.3981999507e-3));
	p = f32x4.add(f32x4.mul(p, r), splat(8.3334519073e-3));
	p = f32x4.add(f32x4.mul(p, r), splat(4.1665795894e-2));
	p = f32x4.add(f32x4.mul(p, r), splat(1.6666665459e-1));
	p = f32x4.add(f32x4.mul(p, r), splat(5.0000001201e-1));
	p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), splat(1));
	const power = i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23);
	return v128.and(i32x4.add(p, power), f32x4.gt(x, splat(-70)));
}

/** The largest lane, in every lane. */
@inline
export function max4(x: v128): v128 {
	const y = f32x4.max(x, i32x4.shuffle(x, x, 2, 3, 0, 1));
	return f32x4.max(y, i32x4.shuffle(y, y, 1, 0, 3, 2));
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
