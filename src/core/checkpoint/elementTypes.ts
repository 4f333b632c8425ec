/** The element types that checkpoints have. */
import { type TensorData, widenBfloat16, widenFloat16 } from './tensor';

/** How the values of a tensor lie in a file, little-endian. */
export interface ElementType {
	/** As safetensors has it. */
	readonly name: string;
	/** Bytes a value. */
	readonly size: number;
	/** A view of the bytes where their alignment allows; half-precision values are widened to float32. */
	readonly read: (bytes: Uint8Array) => TensorData;
}

const types: readonly ElementType[] = [
	{ name: 'F32', size: 4, read: (bytes) => new Float32Array(aligned(bytes, 4), ...span(bytes, 4)) },
	{ name: 'F64', size: 8, read: (bytes) => new Float64Array(aligned(bytes, 8), ...span(bytes, 8)) },
	{ name: 'F16', size: 2, read: (bytes) => widenFloat16(new Uint16Array(aligned(bytes, 2), ...span(bytes, 2))) },
	{ name: 'BF16', size: 2, read: (bytes) => widenBfloat16(new Uint16Array(aligned(bytes, 2), ...span(bytes, 2))) },
	{ name: 'I8', size: 1, read: (bytes) => new Int8Array(bytes.buffer, ...span(bytes, 1)) },
	{ name: 'U8', size: 1, read: (bytes) => bytes },
	{ name: 'BOOL', size: 1, read: (bytes) => bytes },
	{ name: 'I16', size: 2, read: (bytes) => new Int16Array(aligned(bytes, 2), ...span(bytes, 2)) },
	{ name: 'U16', size: 2, read: (bytes) => new Uint16Array(aligned(bytes, 2), ...span(bytes, 2)) },
	{ name: 'I32', size: 4, read: (bytes) => new Int32Array(aligned(bytes, 4), ...span(bytes, 4)) },
	{ name: 'U32', size: 4, read: (bytes) => new Uint32Array(aligned(bytes, 4), ...span(bytes, 4)) },
	{ name: 'I64', size: 8, read: (bytes) => new BigInt64Array(aligned(bytes, 8), ...span(bytes, 8)) },
	{ name: 'U64', size: 8, read: (bytes) => new BigUint64Array(aligned(bytes, 8), ...span(bytes, 8)) },
];

/** By name. */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map(types.map((type) => [type.name, type]));

/** The buffer to view: the file's own where the offset is a multiple of the value's size, else a copy's. */
function aligned(bytes: Uint8Array, size: number): ArrayBufferLike {
	return bytes.byteOffset % size === 0 ? bytes.buffer : new Uint8Array(bytes).buffer;
}

function span(bytes: Uint8Array, size: number): [offset: number, length: number] {
	return [bytes.byteOffset % size === 0 ? bytes.byteOffset : 0, bytes.length / size];
}
