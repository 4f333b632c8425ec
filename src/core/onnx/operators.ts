/** What is known of ONNX operators apart from their arithmetic. */
import type { OnnxGraph, OnnxNode, OnnxTensor } from './ir';
import { intAttribute } from './ir';

/** Operators of one data input that work value by value and change no shape. */
const activations = new Set([
	'Cast',
	'Clip',
	'Dropout',
	'Elu',
	'Exp',
	'Gelu',
	'HardSigmoid',
	'HardSwish',
	'Identity',
	'LeakyRelu',
	'Log',
	'Mish',
	'Neg',
	'PRelu',
	'Relu',
	'Selu',
	'Sigmoid',
	'Softplus',
	'Sqrt',
	'Tanh',
]);

/** Operators that combine their inputs position by position, with broadcasting. */
const elementwise = new Set(['Add', 'Div', 'Max', 'Mean', 'Min', 'Mul', 'Pow', 'Sub', 'Sum']);

/** Whether the node belongs on the line of the layer before it. */
export function isActivation(node: OnnxNode): boolean {
	return activations.has(node.operator);
}

export function isElementwise(node: OnnxNode): boolean {
	return elementwise.has(node.operator);
}

/** Whether every output position depends on the same input position alone. */
export function isPointwise(node: OnnxNode): boolean {
	switch (node.operator) {
		case 'BatchNormalization':
		// Over neighbouring channels.
		case 'LRN':
			return true;
		case 'Concat':
		case 'Softmax':
		case 'LogSoftmax':
			return [1, -3].includes(intAttribute(node, 'axis', -1));
		default:
			return isActivation(node) || isElementwise(node);
	}
}

/** Number of weights by input: those that training changes, so without running statistics and limits. */
export function weightInputs(node: OnnxNode): readonly number[] {
	switch (node.operator) {
		case 'Conv':
		case 'ConvTranspose':
		case 'Gemm':
		case 'BatchNormalization':
		case 'InstanceNormalization':
			return [1, 2];
		case 'MatMul':
		case 'PRelu':
			return [1];
		default:
			return [];
	}
}

export interface Constants {
	/** Values whose numbers are in the file. */
	readonly tensors: ReadonlyMap<string, OnnxTensor>;
	/** All values that do not depend on the input. */
	readonly names: ReadonlySet<string>;
}

export function constantsOf(graph: OnnxGraph): Constants {
	const tensors = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
	const names = new Set(['', ...tensors.keys()]);
	for (const node of graph.nodes) {
		const value = node.operator === 'Constant' ? node.attributes.get('value') : undefined;
		if (value?.kind === 'tensor' && node.outputs[0] !== undefined) {
			tensors.set(node.outputs[0], value.value);
		}
		const isRandom = node.operator.startsWith('Random');
		if (!isRandom && node.inputs.every((input) => names.has(input))) {
			for (const output of node.outputs) {
				names.add(output);
			}
		}
	}
	return { tensors, names };
}
