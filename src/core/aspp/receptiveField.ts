/**
 * Theoretical receptive fields, from the graph itself. Source of the recurrence: Araujo, Norris, Sim, "Computing
 * Receptive Fields of Convolutional Neural Networks", Distill 2019; here from the input forwards and over every path.
 */
import type { ReceptiveField } from '../model';
import type { OnnxGraph, OnnxNode } from '../onnx/ir';
import { type Constants, constantsOf, isPointwise } from '../onnx/operators';
import { effectiveKernel, windowOf } from '../onnx/window';

/** What one output position sees along one axis: `offset + stride * i` … `+ size - 1`. */
interface Extent {
	readonly size: number;
	readonly stride: number;
	readonly offset: number;
}

type Extents = readonly [vertical: Extent, horizontal: Extent];

/**
 * The receptive field of every value that has one, in input pixels. Where paths join (Add, Sum, Concat along the
 * channels…) it is the smallest window that covers the window of every path. Values behind operators that resize,
 * flatten or pool over everything have no fixed window and are left out.
 */
export function receptiveFields(graph: OnnxGraph): Map<string, ReceptiveField> {
	const constants = constantsOf(graph);
	const extents = new Map<string, Extents>();
	const pixel: Extent = { size: 1, stride: 1, offset: 0 };
	for (const input of graph.inputs) {
		if (!constants.names.has(input.name)) {
			extents.set(input.name, [pixel, pixel]);
		}
	}
	for (const node of graph.nodes) {
		const output = node.outputs[0];
		const found = seenBy(node, extents, constants);
		if (output !== undefined && found) {
			extents.set(output, found);
		}
	}
	const fields = new Map<string, ReceptiveField>();
	for (const [value, [vertical, horizontal]] of extents) {
		fields.set(value, {
			size: [vertical.size, horizontal.size],
			stride: [vertical.stride, horizontal.stride],
			offset: [vertical.offset, horizontal.offset],
		});
	}
	return fields;
}

function seenBy(node: OnnxNode, extents: ReadonlyMap<string, Extents>, constants: Constants): Extents | undefined {
	if (isPointwise(node)) {
		const inputs = node.inputs.filter((input) => !constants.names.has(input)).map((input) => extents.get(input));
		return inputs.reduce((all, next) => all && next && union(all, next), inputs[0]);
	}
	const input = extents.get(node.inputs[0] ?? '');
	const window = windowOf(node, constants.tensors.get(node.inputs[1] ?? '')?.dims);
	if (!input || !window?.padding) {
		return undefined;
	}
	const { kernel, stride, dilation, padding } = window;
	const slide = (axis: 0 | 1): Extent => {
		const { size, stride: step, offset } = input[axis];
		return {
			size: size + (effectiveKernel(kernel[axis], dilation[axis]) - 1) * step,
			stride: step * stride[axis],
			offset: offset - padding[axis] * step,
		};
	};
	return [slide(0), slide(1)];
}

function union(one: Extents, other: Extents): Extents | undefined {
	const vertical = cover(one[0], other[0]);
	const horizontal = cover(one[1], other[1]);
	return vertical && horizontal && [vertical, horizontal];
}

/** Undefined for values of different strides, which cannot lie on one grid. */
function cover(one: Extent, other: Extent): Extent | undefined {
	if (one.stride !== other.stride) {
		return undefined;
	}
	const offset = Math.min(one.offset, other.offset);
	const end = Math.max(one.offset + one.size, other.offset + other.size);
	return { size: end - offset, stride: one.stride, offset };
}
