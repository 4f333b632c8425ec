/** The forward graph as the gradient model has it: its operators in the forms of one opset. */
import { DataType, intsAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../ir';

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
	const nodes = graph.nodes.map((node): OnnxNode => {
		const [input = ''] = node.inputs;
		switch (node.operator) {
			case 'Dropout':
				return { ...node, operator: 'Identity', inputs: [input], outputs: node.outputs.slice(0, 1), attributes: none };
			case 'Clip':
				return opset >= 11
					? node
					: { ...node, inputs: [input, scalar(node, 'min'), scalar(node, 'max')], attributes: none };
			case 'Pad': {
				const pads = intsAttribute(node, 'pads');
				if (opset >= 11 || !pads) {
					return node;
				}
				const data = BigInt64Array.from(pads, BigInt).buffer;
				const padTensor = constant(`${node.outputs[0]}.pads`, [pads.length], DataType.int64, data);
				return { ...node, inputs: [input, padTensor, scalar(node, 'value')], attributes: only(node, 'mode') };
			}
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

const none: OnnxNode['attributes'] = new Map();

function only(node: OnnxNode, name: string): OnnxNode['attributes'] {
	return new Map([...node.attributes].filter(([key]) => key === name));
}
