/** A named tensor of a checkpoint, row-major. Half-precision values are widened to float32. */
export interface Tensor {
	readonly name: string;
	readonly shape: readonly number[];
	readonly data: TensorData;
}

export type TensorData =
	| Float32Array
	| Float64Array
	| Int8Array
	| Uint8Array
	| Int16Array
	| Uint16Array
	| Int32Array
	| Uint32Array
	| BigInt64Array
	| BigUint64Array;

/** A tensor's values as float32: its own where they are that already, else rounded. */
export function floatsOf({ data }: Tensor): Float32Array {
	if (data instanceof Float32Array) {
		return data;
	}
	const floats = new Float32Array(data.length);
	for (let index = 0; index < floats.length; index++) {
		floats[index] = Number(data[index]);
	}
	return floats;
}

/** float16 bits to float32 values. */
export function widenFloat16(bits: Uint16Array): Float32Array {
	return Float32Array.from(bits, (half) => {
		const sign = half & 0x8000 ? -1 : 1;
		const exponent = (half >> 10) & 0x1f;
		const fraction = half & 0x3ff;
		if (exponent === 0x1f) {
			return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
		}
		return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
	});
}

/** bfloat16 bits to float32 values: the upper half of a float32. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
	const wide = new Uint32Array(bits.length);
	for (let index = 0; index < bits.length; index++) {
		wide[index] = bits[index]! << 16;
	}
	return new Float32Array(wide.buffer);
}
