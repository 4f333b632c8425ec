/** A network cut down to what some of its inner values need, with these as its outputs. */
import { DataType, type OnnxGraph } from '../onnx/ir';

/**
 * The graph that gives inner float32 values and computes nothing else: a run of it takes less time and memory than one
 * of the whole network. Layers before the values stay as they are, so that a runtime fuses them as it does in the whole.
 *
 * @param values names of values that nodes make
 */
export function probeGraph(graph: OnnxGraph, values: readonly string[]): OnnxGraph {
	const needed = new Set(values);
	const nodes = graph.nodes
		.toReversed()
		.filter(({ inputs, outputs }) => {
			const isNeeded = outputs.some((output) => needed.has(output));
			for (const input of isNeeded ? inputs : []) {
				needed.add(input);
			}
			return isNeeded;
		})
		.reverse();
	// What subgraphs read is not known: they may read any weight.
	const readsUnseen = nodes.some(({ attributes }) => [...attributes.values()].some(({ kind }) => kind === 'raw'));
	const initializers = readsUnseen ? graph.initializers : graph.initializers.filter(({ name }) => needed.has(name));
	const kept = new Set(initializers.map(({ name }) => name));
	const weights = new Set(graph.initializers.map(({ name }) => name));
	return {
		...graph,
		nodes,
		initializers,
		// Old files list weights among the inputs.
		inputs: graph.inputs.filter(({ name }) => !weights.has(name) || kept.has(name)),
		outputs: values.map((name) => ({ name, dataType: DataType.float })),
	};
}
