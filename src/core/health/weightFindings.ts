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

function lookAt(tensor: OnnxTensor): Look {
	const { data, dataType } = tensor;
	switch (dataType) {
		case DataType.float:
			return lookAtFloats(floatsOf(tensor)!);
		case DataType.double:
			return lookAtFloats(new Float64Array(new Uint8Array(data).buffer));
		case DataType.float16:
			return lookAtHalves(data, 0x7c00);
		case DataType.bfloat16:
			return lookAtHalves(data, 0x7f80);
		default:
			return { zero: false, nonFinite: 0 };
	}
}

function lookAtFloats(values: Float32Array | Float64Array): Look {
	let largest = 0;
	let nonFinite = 0;
	for (let i = 0; i < values.length; i++) {
		const size = Math.abs(values[i]!);
		// False for NaN, too.
		if (size <= Number.MAX_VALUE) {
			largest = size > largest ? size : largest;
		} else {
			nonFinite++;
		}
	}
	return { zero: values.length > 0 && largest === 0 && nonFinite === 0, nonFinite };
}

/** @param exponent The exponent's bits, which are all set in NaN and infinity alone. */
function lookAtHalves(data: Uint8Array, exponent: number): Look {
	let any = 0;
	let nonFinite = 0;
	for (let at = 0; at + 1 < data.length; at += 2) {
		const bits = data[at]! | (data[at + 1]! << 8);
		any |= bits & 0x7fff;
		nonFinite += (bits & exponent) === exponent ? 1 : 0;
	}
	return { zero: data.length > 0 && any === 0, nonFinite };
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
