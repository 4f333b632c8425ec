import { floatsOf, intAttribute, type OnnxNode, type OnnxTensor } from '../ir';
import { effectiveKernel, windowOf } from '../window';
import { type BackwardGraph, int, ints } from './backwardGraph';
import { windowPads } from './windowPads';

/**
 * dL/dx of a convolution. At stride 1 it is a convolution of dL/dy with the kernel flipped and its channels exchanged,
 * for which the runtime has its quickest kernels; else the transposed convolution with the same weights.
 */
export function convBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [input, weightName] = node.inputs;
	const weight = graph.constant(weightName);
	const values = weight && floatsOf(weight);
	const window = windowOf(node, weight?.dims);
	if (!weight || !values) {
		throw graph.unsupported(node, 'its weights are not float32 numbers in the file');
	}
	if (node.inputs[2] && graph.isActive(node.inputs[2])) {
		throw graph.unsupported(node, 'its bias depends on the picture');
	}
	if (!window) {
		throw graph.unsupported(node, 'only two-dimensional convolutions can be differentiated');
	}
	const inputShape = graph.shape(node, input);
	const outputShape = graph.shape(node, node.outputs[0]);
	const pads = windowPads(node, window, inputShape, outputShape);
	const groups = intAttribute(node, 'group', 1);
	const { kernel, stride, dilation } = window;
	const reach = ([0, 1] as const).map((axis) => effectiveKernel(kernel[axis], dilation[axis]) - 1);
	const common = { kernel_shape: ints(kernel), dilations: ints(dilation), group: int(groups) };
	const mirrored = pads.map((pad, side) => reach[side % 2]! - pad);
	if (stride[0] === 1 && stride[1] === 1 && mirrored.every((pad) => pad >= 0)) {
		const flipped = flippedKernel(weight, values, groups);
		const kernelName = graph.floats(flipped.dims, flipped.data);
		const attributes = { ...common, strides: ints([1, 1]), pads: ints(mirrored) };
		graph.contribute(input, graph.node('Conv', [gradient, kernelName], attributes));
		return;
	}
	const outputPadding = ([0, 1] as const).map(
		(axis) =>
			inputShape[axis + 2]! -
			((outputShape[axis + 2]! - 1) * stride[axis] + reach[axis]! + 1 - pads[axis] - pads[axis + 2]!),
	);
	const attributes = { ...common, strides: ints(stride), pads: ints(pads), output_padding: ints(outputPadding) };
	graph.contribute(input, graph.node('ConvTranspose', [gradient, weightName!], attributes));
}

/** From M x C/groups x kH x kW to C x M/groups x kH x kW, every kernel turned by half a turn. */
export function flippedKernel(
	{ dims }: Pick<OnnxTensor, 'dims'>,
	weight: Float32Array,
	groups: number,
): { readonly dims: readonly number[]; readonly data: Float32Array } {
	const [outputs, inputs, height, width] = dims as [number, number, number, number];
	const perGroup = outputs / groups;
	const area = height * width;
	const data = new Float32Array(weight.length);
	let to = 0;
	for (let group = 0; group < groups; group++) {
		for (let input = 0; input < inputs; input++) {
			for (let output = group * perGroup; output < (group + 1) * perGroup; output++) {
				const from = (output * inputs + input) * area;
				for (let tap = area - 1; tap >= 0; tap--) {
					data[to++] = weight[from + tap]!;
				}
			}
		}
	}
	return { dims: [groups * inputs, perGroup, height, width], data };
}
