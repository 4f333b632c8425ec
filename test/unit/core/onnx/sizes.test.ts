import { describe, expect, it } from 'vitest';
import {
	type AttributeValue,
	DataType,
	type OnnxGraph,
	type OnnxNode,
	type OnnxTensor,
} from '../../../../src/core/onnx/ir';
import { inferShapes } from '../../../../src/core/onnx/shapes';
import { adoptedMixed } from '../aspp/mixed';

const int = (value: number): AttributeValue => ({ kind: 'int', value });
const node = (
	operator: string,
	inputs: readonly string[],
	output: string,
	attributes: Readonly<Record<string, AttributeValue>> = {},
): OnnxNode => ({ name: output, operator, inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });
const integers = (name: string, ...values: number[]): OnnxTensor => ({
	name,
	dims: [values.length],
	dataType: DataType.int64,
	data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

/** The shape of what is resized to sizes that these nodes work out, from an input of 1 x 3 x 20 x 31. */
function resized(nodes: readonly OnnxNode[], ...tensors: readonly OnnxTensor[]) {
	const graph: OnnxGraph = {
		name: 'sizes',
		nodes: [...nodes, node('Resize', ['image', '', '', 'sizes'], 'out')],
		initializers: tensors,
		inputs: [{ name: 'image', dataType: DataType.float, shape: [1, 3, 'h', 'w'] }],
		outputs: [],
	};
	return inferShapes(graph, [20, 31]).get('out');
}

describe('sizes that are worked out from shapes', () => {
	it('as PyTorch writes them: gathered, put together again', () => {
		const at = (axis: number) => [
			node('Gather', ['shape', `axis.${axis}`], `side.${axis}`, { axis: int(0) }),
			node('Unsqueeze', [`side.${axis}`, 'zero'], `sides.${axis}`),
		];
		const nodes = [
			node('Shape', ['image'], 'shape'),
			...at(2),
			...at(3),
			node('Concat', ['whole', 'sides.2', 'sides.3'], 'sizes', { axis: int(0) }),
		];
		const tensors = [integers('axis.2', 2), integers('axis.3', -1), integers('zero', 0), integers('whole', 1, 3)];
		expect(resized(nodes, ...tensors)).toEqual([1, 3, 20, 31]);
	});

	it('doubled, or halved as whole numbers are and as others are', () => {
		const half = (float: boolean) => [
			node('Shape', ['image'], 'shape'),
			node('Slice', ['shape', 'two', 'end'], 'sides'),
			...(float
				? [node('Cast', ['sides'], 'cast', { to: int(DataType.float) })]
				: [node('Identity', ['sides'], 'cast')]),
			node('Div', ['cast', 'two'], 'halves'),
			node('Ceil', ['halves'], 'up'),
			node('Cast', ['up'], 'whole.sides', { to: int(DataType.int64) }),
			node('Concat', ['whole', 'whole.sides'], 'sizes', { axis: int(0) }),
		];
		const tensors = [integers('two', 2), integers('end', 2 ** 31 - 1), integers('whole', 1, 3)];
		expect(resized(half(false), ...tensors)).toEqual([1, 3, 10, 15]);
		expect(resized(half(true), ...tensors)).toEqual([1, 3, 10, 16]);
	});

	it('by an operator that is not known are left out', () => {
		const nodes = [node('Shape', ['image'], 'shape'), node('Sin', ['shape'], 'sizes')];
		expect(resized(nodes)).toBeUndefined();
	});

	it('reach the logits of a DeepLabv3+', () => {
		const { model } = adoptedMixed({ decoder: true });
		expect(inferShapes(model.graph, [33, 49]).get('logits')).toEqual([1, 4, 17, 25]);
		expect(inferShapes(model.graph, [33, 49]).get('/pool/Resize')).toEqual([1, 5, 9, 13]);
	});
});
