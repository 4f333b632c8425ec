/**
 * Theoretical receptive fields, from the graph itself. Source of the recurrence: Araujo, Norris, Sim, "Computing
 * Receptive Fields of Convolutional Neural Networks", Distill 2019; here from the input forwards and over every path.
 */
import type { ReceptiveField } from '../model';
import { intAttribute, type OnnxGraph, type OnnxNode } from '../onnx/ir';
import { type Constants, constantsOf, isPointwise } from '../onnx/operators';
import { axesOf, type Pads, padsOf } from '../onnx/pads';
import { effectiveKernel, windowOf } from '../onnx/window';

/** What one output position sees along one axis: `offset + stride * i` … `+ size - 1`. */
interface Extent {
	readonly size: number;
	readonly stride: number;
	readonly offset: number;
}

type Extents = readonly [vertical: Extent, horizontal: Extent];

/**
 * The receptive field of every value that has one, in input pixels, of all its channels together. Where paths join
 * (Add, Sum, Concat along the channels…) it is the smallest window that covers the window of every path. Values behind
 * operators that resize, flatten or pool over everything have no fixed window and are left out. Of a Pad that mirrors,
 * repeats or wraps, the window is that of positions away from the border; a constant Pad is exact everywhere.
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
		const found = seenBy(node, extents, constants);
		for (const output of found ? node.outputs : []) {
			extents.set(output, found!);
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
	const input = extents.get(node.inputs[0] ?? '');
	if (isPointwise(node)) {
		const inputs = node.inputs.filter((each) => !constants.names.has(each)).map((each) => extents.get(each));
		return inputs.reduce((all, next) => all && next && union(all, next), inputs[0]);
	}
	switch (node.operator) {
		case 'Pad':
			return input && padded(input, padsOf(node, constants.tensors));
		// Parts of the channels of each position.
		case 'Split':
			return intAttribute(node, 'axis', 0) === 1 ? input : undefined;
		case 'Slice':
			return onlyChannels(axesOf(node, constants.tensors, 3)) ? input : undefined;
		case 'ReduceMax':
		case 'ReduceMean':
		case 'ReduceSum':
			return onlyChannels(axesOf(node, constants.tensors, 1)) && intAttribute(node, 'keepdims', 1) === 1
				? input
				: undefined;
		default:
			return input && windowed(input, node, constants);
	}
}

function windowed(input: Extents, node: OnnxNode, constants: Constants): Extents | undefined {
	const window = windowOf(node, constants.tensors.get(node.inputs[1] ?? '')?.dims);
	if (!window?.padding) {
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

/** The same windows, counted from further out (or further in, where a Pad crops). */
function padded(input: Extents, pads: Pads | undefined): Extents | undefined {
	if (pads?.before[0] !== 0 || pads.after[0] !== 0) {
		return undefined;
	}
	const move = (axis: 0 | 1): Extent => {
		const { size, stride, offset } = input[axis];
		return { size, stride, offset: offset - pads.before[axis + 2]! * stride };
	};
	return [move(0), move(1)];
}

function onlyChannels(axes: readonly number[] | undefined): boolean {
	return axes?.length === 1 && axes[0] === 1;
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
