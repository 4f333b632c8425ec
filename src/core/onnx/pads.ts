/** What a Pad node puts around a four-dimensional value. */
import { integersOf, intsAttribute, type OnnxNode, type OnnxTensor } from './ir';

/** Values before and after each axis; negative where it crops. */
export interface Pads {
	readonly before: readonly [batch: number, channels: number, top: number, left: number];
	readonly after: readonly [batch: number, channels: number, bottom: number, right: number];
}

/**
 * Of a Pad node in the forms of all opsets: an attribute before 11, an input since, with axes since 18.
 *
 * @returns undefined where the file does not hold the numbers, or for other than four axes
 */
export function padsOf(node: OnnxNode, tensors: ReadonlyMap<string, OnnxTensor>): Pads | undefined {
	const stored = tensors.get(node.inputs[1] ?? '');
	const pads = intsAttribute(node, 'pads') ?? intsAttribute(node, 'paddings') ?? (stored && integersOf(stored));
	const axes = (node.inputs[3] ?? '') === '' ? [0, 1, 2, 3] : axesOf(node, tensors, 3);
	if (!pads || !axes || pads.length !== 2 * axes.length) {
		return undefined;
	}
	const of = (axis: number, from: number): number => {
		const index = axes.indexOf(axis);
		return index < 0 ? 0 : pads[from + index]!;
	};
	const side = (from: number) => [of(0, from), of(1, from), of(2, from), of(3, from)] as const;
	return { before: side(0), after: side(axes.length) };
}

/** Axes of a four-dimensional value, from the attribute or from the input `index` that names them. */
export function axesOf(
	node: OnnxNode,
	tensors: ReadonlyMap<string, OnnxTensor>,
	index: number,
): readonly number[] | undefined {
	const stored = tensors.get(node.inputs[index] ?? '');
	const axes = intsAttribute(node, 'axes') ?? (stored && integersOf(stored));
	return axes?.map((axis) => (axis < 0 ? axis + 4 : axis));
}
