/** Shape inference for the operators of convolutional networks. https://onnx.ai/onnx/operators/ */
import { floatsOf, intAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor, type ValueInfo } from './ir';
import { constantsOf, isActivation, isElementwise } from './operators';
import { padsOf } from './pads';
import { reducedShape, reshaped } from './reshaping';
import { type KnownValues, valuesOfNode, valuesOfTensor } from './sizes';
import { effectiveKernel, type Window, windowOf } from './window';

export type Shape = readonly number[];

/**
 * The shape of every value that can be told at a given input size, behind sizes that are worked out from shapes too. A
 * value behind an operator that is not known here is left out.
 *
 * @param size Height and width of the input in pixels, for inputs that leave them open. An open batch size is 1.
 */
export function inferShapes(graph: OnnxGraph, size: readonly [height: number, width: number]): Map<string, Shape> {
	const { tensors } = constantsOf(graph);
	const shapes = new Map<string, Shape>();
	for (const tensor of tensors.values()) {
		shapes.set(tensor.name, tensor.dims);
	}
	for (const input of graph.inputs) {
		const shape = tensors.has(input.name) ? undefined : inputShape(input, size);
		if (shape) {
			shapes.set(input.name, shape);
		}
	}
	const values = new Map<string, KnownValues>();
	const valuesOf = (value: string): KnownValues | undefined => {
		const tensor = values.has(value) ? undefined : tensors.get(value);
		return tensor ? valuesOfTensor(tensor) : values.get(value);
	};
	for (const node of graph.nodes) {
		const [output = ''] = node.outputs;
		const known = valuesOfNode(node, (value) => shapes.get(value), valuesOf);
		if (known) {
			values.set(output, known);
		}
		const shape = outputShape(node, shapes, tensors, valuesOf);
		if (node.outputs[0] !== undefined && shape?.every((dim) => Number.isSafeInteger(dim) && dim > 0)) {
			shapes.set(node.outputs[0], shape);
		}
	}
	return shapes;
}

/** The network's picture input: the first four-dimensional one that is no weight. */
export function pictureInput(graph: OnnxGraph): ValueInfo | undefined {
	const weights = new Set(graph.initializers.map((tensor) => tensor.name));
	return graph.inputs.find((input) => input.shape?.length === 4 && !weights.has(input.name));
}

function inputShape(input: ValueInfo, size: readonly [number, number]): Shape | undefined {
	const open = input.shape?.length === 4 ? [1, undefined, ...size] : [];
	const shape = input.shape?.map((dim, axis) => (typeof dim === 'number' ? dim : open[axis]));
	return shape?.every((dim) => dim !== undefined) ? shape : undefined;
}

function outputShape(
	node: OnnxNode,
	shapes: ReadonlyMap<string, Shape>,
	tensors: ReadonlyMap<string, OnnxTensor>,
	valuesOf: (value: string) => KnownValues | undefined,
): Shape | undefined {
	if (node.operator === 'Constant') {
		return tensors.get(node.outputs[0] ?? '')?.dims;
	}
	const first = shapes.get(node.inputs[0] ?? '');
	if (!first) {
		return undefined;
	}
	if (isActivation(node)) {
		return first;
	}
	if (isElementwise(node)) {
		return broadcast(node.inputs.map((input) => shapes.get(input)));
	}
	const integers = (value: string) => valuesOf(value)?.values;
	switch (node.operator) {
		case 'BatchNormalization':
		case 'InstanceNormalization':
		case 'LRN':
		case 'Softmax':
		case 'LogSoftmax':
			return first;
		case 'Conv': {
			const weight = shapes.get(node.inputs[1] ?? '');
			const window = windowOf(node, weight);
			const groups = intAttribute(node, 'group', 1);
			if (!weight || !window || first[1] !== weight[1]! * groups) {
				return undefined;
			}
			return slide(first, window, weight[0]!);
		}
		case 'MaxPool':
		case 'AveragePool': {
			const window = windowOf(node);
			return window && slide(first, window, first[1]!);
		}
		case 'GlobalAveragePool':
		case 'GlobalMaxPool':
			return first.map((dim, axis) => (axis < 2 ? dim : 1));
		case 'Pad': {
			const pads = padsOf(node, tensors);
			return first.length === 4 && pads
				? first.map((dim, axis) => dim + pads.before[axis]! + pads.after[axis]!)
				: undefined;
		}
		case 'Concat':
			return concatenate(
				node.inputs.map((input) => shapes.get(input)),
				intAttribute(node, 'axis', 1),
			);
		case 'Resize':
			return resize(node, first, tensors, valuesOf);
		case 'ReduceMax':
		case 'ReduceMean':
		case 'ReduceMin':
		case 'ReduceSum':
			return reducedShape(node, first, integers);
		case 'Flatten':
		case 'Reshape':
		case 'Squeeze':
		case 'Unsqueeze':
			return reshaped(node, first, integers);
		case 'Shape': {
			const length = first.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', first.length)).length;
			return [length];
		}
		case 'Gather': {
			const indices = shapes.get(node.inputs[1] ?? '');
			const stated = intAttribute(node, 'axis', 0);
			return indices && first.toSpliced(stated < 0 ? stated + first.length : stated, 1, ...indices);
		}
		case 'Expand':
			return broadcast([first, integers(node.inputs[1] ?? '')]);
		default:
			return undefined;
	}
}

function slide(input: Shape, window: Window, channels: number): Shape | undefined {
	if (input.length !== 4) {
		return undefined;
	}
	const side = (axis: 0 | 1): number => {
		const length = input[axis + 2]!;
		const stride = window.stride[axis];
		if (window.same || !window.padding) {
			return Math.ceil(length / stride);
		}
		const before = window.padding[axis];
		const padded = length + before + window.padding[axis + 2]!;
		const steps = (padded - effectiveKernel(window.kernel[axis], window.dilation[axis])) / stride;
		if (!window.ceilMode) {
			return Math.floor(steps) + 1;
		}
		// A window that would start in the padding behind the input is left out.
		const count = Math.ceil(steps) + 1;
		return (count - 1) * stride >= length + before ? count - 1 : count;
	};
	return [input[0]!, channels, side(0), side(1)];
}

function broadcast(inputs: readonly (Shape | undefined)[]): Shape | undefined {
	let result: number[] = [];
	for (const shape of inputs) {
		if (!shape) {
			return undefined;
		}
		const rank = Math.max(result.length, shape.length);
		const next: number[] = [];
		for (let axis = 0; axis < rank; axis++) {
			const one = result[result.length - rank + axis] ?? 1;
			const other = shape[shape.length - rank + axis] ?? 1;
			if (one !== other && one !== 1 && other !== 1) {
				return undefined;
			}
			next.push(one === 1 ? other : one);
		}
		result = next;
	}
	return result;
}

function concatenate(inputs: readonly (Shape | undefined)[], axis: number): Shape | undefined {
	const first = inputs[0]!;
	const along = axis < 0 ? axis + first.length : axis;
	let sum = 0;
	for (const shape of inputs) {
		if (shape?.length !== first.length || shape.some((dim, index) => index !== along && dim !== first[index])) {
			return undefined;
		}
		sum += shape[along] ?? Number.NaN;
	}
	return first.map((dim, index) => (index === along ? sum : dim));
}

/** Inputs since opset 11: X, roi, scales, sizes; in opset 10: X, scales. */
function resize(
	node: OnnxNode,
	input: Shape,
	tensors: ReadonlyMap<string, OnnxTensor>,
	valuesOf: (value: string) => KnownValues | undefined,
): Shape | undefined {
	const sizes = valuesOf(node.inputs[3] ?? '')?.values;
	if (sizes?.length === input.length) {
		return sizes;
	}
	const tensor = tensors.get(node.inputs[node.inputs.length === 2 ? 1 : 2] ?? '');
	const scales = tensor && floatsOf(tensor);
	return scales?.length === input.length ? input.map((dim, axis) => Math.floor(dim * scales[axis]!)) : undefined;
}
