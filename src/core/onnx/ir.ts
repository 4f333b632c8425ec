/**
 * An ONNX model in memory. Fields that this tool does not know stay as `extra` wire fields, so that a file
 * that is read, edited and written keeps them.
 */
import type { Int64 } from './protobuf';

/** Wire fields with their tags, kept untouched. */
export type ExtraFields = readonly Uint8Array[];

export interface OnnxModel {
	readonly irVersion: number;
	/** Version of the default operator set. */
	readonly opset: number;
	readonly producer: string;
	readonly graph: OnnxGraph;
	/** `metadata_props`. */
	readonly metadata: Readonly<Record<string, string>>;
	readonly extra?: ExtraFields;
}

export interface OnnxGraph {
	readonly name: string;
	/** In an order in which they can be computed. */
	readonly nodes: readonly OnnxNode[];
	readonly initializers: readonly OnnxTensor[];
	readonly inputs: readonly ValueInfo[];
	readonly outputs: readonly ValueInfo[];
	readonly extra?: ExtraFields;
}

export interface OnnxNode {
	readonly name: string;
	/** `op_type`, e.g. `Conv`. */
	readonly operator: string;
	/** Empty for ONNX's own operators. */
	readonly domain?: string;
	/** Names of values; an empty name is an optional input left out. */
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes: ReadonlyMap<string, AttributeValue>;
	readonly extra?: ExtraFields;
}

export type AttributeValue =
	| { readonly kind: 'float'; readonly value: number }
	| { readonly kind: 'int'; readonly value: Int64 }
	| { readonly kind: 'string'; readonly value: string }
	| { readonly kind: 'tensor'; readonly value: OnnxTensor }
	| { readonly kind: 'floats'; readonly value: readonly number[] }
	| { readonly kind: 'ints'; readonly value: readonly Int64[] }
	| { readonly kind: 'strings'; readonly value: readonly string[] }
	/** Subgraphs, types, byte strings…: the attribute's whole message, not looked into. */
	| { readonly kind: 'raw'; readonly value: Uint8Array };

/** Numbers of `TensorProto.DataType` that are used by name here. */
export const DataType = {
	float: 1,
	uint8: 2,
	int8: 3,
	uint16: 4,
	int16: 5,
	int32: 6,
	int64: 7,
	string: 8,
	bool: 9,
	float16: 10,
	double: 11,
	uint32: 12,
	uint64: 13,
	complex64: 14,
	complex128: 15,
	bfloat16: 16,
} as const;

export interface OnnxTensor {
	readonly name: string;
	readonly dims: readonly number[];
	/** A number of {@link DataType}, or one that is not known here. */
	readonly dataType: number;
	/** The values, little-endian, row-major: a view of the file where the file holds them so. */
	readonly data: Uint8Array;
	readonly extra?: ExtraFields;
}

/** A size, the name of a symbolic size, or null where nothing is said. */
export type Dimension = number | string | null;

export interface ValueInfo {
	readonly name: string;
	/** Undefined for a value that is no tensor. */
	readonly dataType?: number;
	/** Undefined where even the number of dimensions is unknown. */
	readonly shape?: readonly Dimension[];
	readonly extra?: ExtraFields;
}

/** Bits a value, or undefined for strings and unknown types. */
export function bitsOf(dataType: number): number | undefined {
	const bits = [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4][dataType];
	return bits === 0 ? undefined : bits;
}

export function elementCount(dims: readonly number[]): number {
	return dims.reduce((product, dim) => product * dim, 1);
}

/** Values of a float32 tensor: a view where the bytes are aligned, else a copy. */
export function floatsOf(tensor: OnnxTensor): Float32Array | undefined {
	if (tensor.dataType !== DataType.float) {
		return undefined;
	}
	const { buffer, byteOffset, byteLength } = tensor.data;
	return byteOffset % 4 === 0
		? new Float32Array(buffer, byteOffset, byteLength / 4)
		: new Float32Array(new Uint8Array(tensor.data).buffer);
}

/** Values of a small int32 or int64 tensor, e.g. a shape; undefined for other types. */
export function integersOf(tensor: OnnxTensor): number[] | undefined {
	const view = new DataView(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
	switch (tensor.dataType) {
		case DataType.int32:
			return Array.from({ length: view.byteLength / 4 }, (_, index) => view.getInt32(index * 4, true));
		case DataType.int64:
			return Array.from({ length: view.byteLength / 8 }, (_, index) => Number(view.getBigInt64(index * 8, true)));
		default:
			return undefined;
	}
}

/** A node's integer attribute, or `fallback` where it is absent or of another kind. */
export function intAttribute(node: OnnxNode, name: string, fallback: number): number {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'int' ? Number(attribute.value) : fallback;
}

export function intsAttribute(node: OnnxNode, name: string): number[] | undefined {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'ints' ? attribute.value.map(Number) : undefined;
}

export function stringAttribute(node: OnnxNode, name: string, fallback: string): string {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'string' ? attribute.value : fallback;
}
