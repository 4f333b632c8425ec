/** A part of a model as a model of its own. */
import { InspectorError } from '../problem';
import type { OnnxModel, OnnxNode, ValueInfo } from './ir';

export interface Cut {
	/** Values that are fed instead of computed, under their own names; those that nothing reads are left out. */
	readonly given: readonly ValueInfo[];
	/** Values that it gives, under their own names. */
	readonly wanted: readonly ValueInfo[];
	/** The model file's name, for errors. */
	readonly name: string;
}

/**
 * What computes the wanted values from the given ones; an input of the network that is needed beside them stays one.
 * Weights are shared with the source.
 *
 * @throws InspectorError `model.unsupported` for a wanted value that does not exist, or for a control flow node, whose
 *   subgraphs may read any value
 */
export function cutGraph(source: OnnxModel, { given, wanted, name }: Cut): OnnxModel {
	const fail = (detail: string) => new InspectorError({ code: 'model.unsupported', name, detail });
	const fed = new Set(given.map((each) => each.name));
	const needed = new Set(wanted.map((each) => each.name).filter((value) => !fed.has(value)));
	const nodes: OnnxNode[] = [];
	for (const node of source.graph.nodes.toReversed()) {
		if (node.outputs.some((output) => needed.has(output))) {
			if (hasSubgraph(node)) {
				throw fail(`${node.operator} “${node.name}” is control flow, which cannot be cut out`);
			}
			nodes.unshift(node);
			for (const input of node.inputs) {
				if (input !== '' && !fed.has(input)) {
					needed.add(input);
				}
			}
		}
	}
	const made = new Set(nodes.flatMap((node) => node.outputs));
	const initializers = source.graph.initializers.filter((tensor) => needed.has(tensor.name));
	const stored = new Set(initializers.map((tensor) => tensor.name));
	const inputs = source.graph.inputs.filter((input) => needed.has(input.name) && !stored.has(input.name));
	const known = new Set([...made, ...stored, ...inputs.map((input) => input.name)]);
	const unknown = [...needed].find((value) => !known.has(value));
	if (unknown !== undefined) {
		throw fail(`there is no value “${unknown}” in its graph`);
	}
	const read = new Set(nodes.flatMap((node) => node.inputs));
	const { extra: _, ...graph } = source.graph;
	return {
		...source,
		metadata: {},
		graph: {
			...graph,
			nodes,
			initializers,
			inputs: [...given.filter((each) => read.has(each.name)), ...inputs],
			outputs: wanted,
		},
	};
}

/** Whether the node is control flow, whose subgraphs may read values by their names. */
export function hasSubgraph({ operator }: OnnxNode): boolean {
	return operator === 'If' || operator === 'Loop' || operator === 'Scan';
}
