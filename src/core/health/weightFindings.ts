import type { Finding } from '../model';
import { DataType, floatsOf, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../onnx/ir';
import type { Constants } from '../onnx/operators';
import type { PathOf } from './paths';

/** What is odd about the numbers of the weights. A tensor that several layers share is judged once. */
export function findingsOfWeights(graph: OnnxGraph, { tensors }: Constants, pathOf: PathOf): Finding[] {
	const findings: Finding[] = [];
	const seen = new Set<string>();
	for (const node of graph.nodes) {
		const path = pathOf(node);
		for (const [index, name] of node.inputs.entries()) {
			const tensor = tensors.get(name);
			if (!tensor || seen.has(name)) {
				continue;
			}
			seen.add(name);
			const { zero, nonFinite } = lookAt(tensor);
			if (nonFinite > 0) {
				findings.push({ severity: 'error', path, code: 'weights.nonFinite', tensor: name, count: nonFinite });
			} else if (zero && index === 1 && scaled.has(node.operator)) {
				findings.push({ severity: 'warning', path, code: 'weights.zero', tensor: name });
			}
		}
		const mean = untouchedMean(node, tensors);
		if (mean !== undefined) {
			findings.push({ severity: 'warning', path, code: 'batchNorm.untouched', tensor: mean });
		}
	}
	return findings;
}

/** Operators whose second input multiplies the data: all zero, nothing gets through. */
const scaled = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'BatchNormalization']);

interface Look {
	/** Whether there are values and all are zero. */
	readonly zero: boolean;
	/** Values that are NaN or infinite. */
	readonly nonFinite: number;
}

function lookAt({ data, dataType }: OnnxTensor): Look {
	switch (dataType) {
		case DataType.float:
			return lookAtBits(new Uint32Array(...aligned(data, 4)), 0x7f800000, 0x7fffffff);
		case DataType.float16:
			return lookAtBits(new Uint16Array(...aligned(data, 2)), 0x7c00, 0x7fff);
		case DataType.bfloat16:
			return lookAtBits(new Uint16Array(...aligned(data, 2)), 0x7f80, 0x7fff);
		case DataType.double: {
			const values = new Float64Array(...aligned(data, 8));
			return {
				zero: values.length > 0 && values.every((value) => value === 0),
				nonFinite: values.filter((value) => !Number.isFinite(value)).length,
			};
		}
		default:
			return { zero: false, nonFinite: 0 };
	}
}

/**
 * Integers, because a model has tens of millions of weights and the view is waiting.
 *
 * @param exponent The exponent's bits, which are all set in NaN and infinity alone.
 * @param magnitude All bits but the sign's.
 */
function lookAtBits(values: Uint32Array | Uint16Array, exponent: number, magnitude: number): Look {
	let any = 0;
	let nonFinite = 0;
	for (let i = 0; i < values.length; i++) {
		const bits = values[i]! & magnitude;
		any |= bits;
		if (bits >= exponent) {
			nonFinite++;
		}
	}
	return { zero: values.length > 0 && any === 0, nonFinite };
}

/** Where the values lie, for a typed array's constructor: in the file's bytes if they are aligned, else in a copy. */
function aligned(data: Uint8Array, width: number): [buffer: ArrayBufferLike, offset: number, length: number] {
	const { buffer, byteOffset } = data.byteOffset % width === 0 ? data : new Uint8Array(data);
	return [buffer, byteOffset, data.byteLength / width];
}

/** Name of the running mean of a batch norm whose statistics are those it begins with. */
function untouchedMean(node: OnnxNode, tensors: ReadonlyMap<string, OnnxTensor>): string | undefined {
	if (node.operator !== 'BatchNormalization') {
		return undefined;
	}
	const [mean, variance] = [3, 4].map((index) => tensors.get(node.inputs[index] ?? ''));
	const all = (tensor: OnnxTensor | undefined, value: number) =>
		tensor && floatsOf(tensor)?.every((each) => each === value);
	return all(mean, 0) && all(variance, 1) ? mean?.name : undefined;
}
