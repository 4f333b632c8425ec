/** Shapes behind operators that take axes together, spread a value over more of them, or only name them anew. */
import { elementCount, intAttribute, intsAttribute, type OnnxNode } from './ir';
import type { Shape } from './shapes';

/** The numbers of a small integer value, where they are known. */
export type IntegersOf = (value: string) => readonly number[] | undefined;

/**
 * Axes that a reduction takes together, ascending: an attribute before opset 18 (of a sum 13), an input since. Without
 * any it is all of them, or none where the node says so.
 * @returns undefined where they are not known
 */
export function reducedAxes(node: OnnxNode, rank: number, integers: IntegersOf): readonly number[] | undefined {
	const axes = statedAxes(node, integers);
	if (axes?.length === 0) {
		const isNoop = intAttribute(node, 'noop_with_empty_axes', 0) === 1;
		return isNoop ? [] : Array.from({ length: rank }, (_, axis) => axis);
	}
	return axes && positive(axes, rank);
}

/** A reduction's result, with the axes that it takes together as 1 or left out. */
export function reducedShape(node: OnnxNode, input: Shape, integers: IntegersOf): Shape | undefined {
	const axes = reducedAxes(node, input.length, integers);
	if (!axes) {
		return undefined;
	}
	return intAttribute(node, 'keepdims', 1) === 1
		? input.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
		: input.filter((_, axis) => !axes.includes(axis));
}

/** Of Squeeze, Unsqueeze, Flatten and Reshape: the same values in the same order. */
export function reshaped(node: OnnxNode, input: Shape, integers: IntegersOf): Shape | undefined {
	switch (node.operator) {
		case 'Flatten': {
			const stated = intAttribute(node, 'axis', 1);
			const axis = stated < 0 ? stated + input.length : stated;
			return [elementCount(input.slice(0, axis)), elementCount(input.slice(axis))];
		}
		case 'Squeeze': {
			const stated = statedAxes(node, integers);
			const axes = stated && positive(stated, input.length);
			return axes && input.filter((dim, axis) => (axes.length === 0 ? dim !== 1 : !axes.includes(axis)));
		}
		case 'Unsqueeze': {
			const stated = statedAxes(node, integers);
			const axes = stated && positive(stated, input.length + stated.length);
			// Ascending, each is put where it is to be found.
			return axes?.reduce<Shape>((shape, axis) => shape.toSpliced(axis, 0, 1), input);
		}
		case 'Reshape': {
			const isZeroCopied = intAttribute(node, 'allowzero', 0) === 0;
			const stated = integers(node.inputs[1] ?? '');
			const shape = stated?.map((dim, axis) => (dim === 0 && isZeroCopied ? input[axis]! : dim));
			const rest = shape && elementCount(input) / elementCount(shape.filter((dim) => dim !== -1));
			return shape?.map((dim) => (dim === -1 ? rest! : dim));
		}
		default:
			return undefined;
	}
}

/** Empty where none are stated. */
function statedAxes(node: OnnxNode, integers: IntegersOf): readonly number[] | undefined {
	const input = node.inputs[1] ?? '';
	return intsAttribute(node, 'axes') ?? (input === '' ? [] : integers(input));
}

function positive(axes: readonly number[], rank: number): readonly number[] | undefined {
	const counted = axes.map((axis) => (axis < 0 ? axis + rank : axis));
	return counted.every((axis) => axis >= 0 && axis < rank) ? counted.toSorted((one, other) => one - other) : undefined;
}
