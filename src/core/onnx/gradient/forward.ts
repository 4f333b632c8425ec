/** The forward graph as the gradient model has it: its operators in the forms of one opset. */
import { DataType, intAttribute, intsAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../ir';
import type { Shape } from '../shapes';
import { effectiveKernel, windowOf } from '../window';

/** The oldest opset that gradient models are written in: ScatterElements adds since 16. */
export const gradientOpset = 17;

/** Nodes in their forms of {@link gradientOpset}; what does nothing in inference is an Identity. */
export function modernised(graph: OnnxGraph, opset: number): OnnxGraph {
	const added: OnnxTensor[] = [];
	const taken = new Set([
		...graph.initializers.map((tensor) => tensor.name),
		...graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs]),
	]);
	const constant = (like: string, dims: readonly number[], dataType: number, data: ArrayBuffer): string => {
		let name = like;
		for (let count = 2; taken.has(name); count++) {
			name = `${like}#${count}`;
		}
		taken.add(name);
		added.push({ name, dims, dataType, data: new Uint8Array(data) });
		return name;
	};
	const scalar = (node: OnnxNode, attribute: string): string => {
		const value = node.attributes.get(attribute);
		return value?.kind === 'float'
			? constant(`${node.outputs[0]}.${attribute}`, [], DataType.float, Float32Array.of(value.value).buffer)
			: '';
	};
	const integers = (node: OnnxNode, attribute: string): string => {
		const values = intsAttribute(node, attribute);
		const data = values && BigInt64Array.from(values, BigInt).buffer;
		return data ? constant(`${node.outputs[0]}.${attribute}`, [values.length], DataType.int64, data) : '';
	};
	const nodes = graph.nodes.map((node): OnnxNode => {
		const [input = ''] = node.inputs;
		switch (node.operator) {
			case 'Dropout':
				return { ...node, operator: 'Identity', inputs: [input], outputs: node.outputs.slice(0, 1), attributes: none };
			case 'BatchNormalization':
				// An attribute until opset 8; the form that is left is the one of 1.
				return intAttribute(node, 'spatial', 1) === 1 ? { ...node, attributes: without(node, 'spatial') } : node;
			case 'Clip':
				return opset >= 11
					? node
					: { ...node, inputs: [input, scalar(node, 'min'), scalar(node, 'max')], attributes: none };
			case 'Pad': {
				if (opset >= 11 || !node.attributes.has('pads')) {
					return node;
				}
				const inputs = [input, integers(node, 'pads'), scalar(node, 'value')];
				return { ...node, inputs, attributes: only(node, 'mode') };
			}
			case 'Slice':
				return opset >= 10
					? node
					: {
							...node,
							inputs: [input, ...['starts', 'ends', 'axes'].map((name) => integers(node, name))],
							attributes: none,
						};
			case 'Squeeze':
			case 'Unsqueeze':
				return opset >= 13 || !node.attributes.has('axes')
					? node
					: { ...node, inputs: [input, integers(node, 'axes')], attributes: none };
			case 'Resize':
				// Opset 10 knew one rule.
				return opset >= 11
					? node
					: {
							...node,
							inputs: [input, '', node.inputs[1] ?? ''],
							attributes: new Map([
								...only(node, 'mode'),
								['coordinate_transformation_mode', { kind: 'string', value: 'asymmetric' }],
								['nearest_mode', { kind: 'string', value: 'floor' }],
							]),
						};
			default:
				return node;
		}
	});
	return { ...graph, nodes, initializers: [...graph.initializers, ...added] };
}

/**
 * Pooling with `ceil_mode` turned into explicit pads, at the sizes given: the runtime's own shape inference miscounts
 * windows that would start in the padding, and then refuses the graph. An average that counts padding keeps the mode
 * along an axis where its last window reaches beyond the padding, for pads would count there.
 */
export function withoutCeilMode(graph: OnnxGraph, shapes: ReadonlyMap<string, Shape>): OnnxGraph {
	const nodes = graph.nodes.map((node): OnnxNode => {
		const window = windowOf(node);
		const input = shapes.get(node.inputs[0] ?? '');
		const output = shapes.get(node.outputs[0] ?? '');
		if (!window?.ceilMode || !window.padding || !input || !output) {
			return node;
		}
		const { kernel, stride, dilation, padding } = window;
		const countsPadding = node.operator === 'AveragePool' && intAttribute(node, 'count_include_pad', 0) === 1;
		let ceilMode = 0;
		const after = ([0, 1] as const).map((axis) => {
			const stated = padding[axis + 2]!;
			const lastStart = (output[axis + 2]! - 1) * stride[axis] - padding[axis];
			const reached = Math.max(0, lastStart + effectiveKernel(kernel[axis], dilation[axis]) - input[axis + 2]!);
			if (countsPadding && reached > stated) {
				ceilMode = 1;
				return stated;
			}
			return reached;
		});
		const attributes = new Map(node.attributes);
		attributes.set('ceil_mode', { kind: 'int', value: ceilMode });
		attributes.set('auto_pad', { kind: 'string', value: 'NOTSET' });
		attributes.set('pads', { kind: 'ints', value: [padding[0], padding[1], ...after] });
		return { ...node, attributes };
	});
	return { ...graph, nodes };
}

const none: OnnxNode['attributes'] = new Map();

function without(node: OnnxNode, name: string): OnnxNode['attributes'] {
	return new Map([...node.attributes].filter(([key]) => key !== name));
}

function only(node: OnnxNode, name: string): OnnxNode['attributes'] {
	return new Map([...node.attributes].filter(([key]) => key === name));
}
