/** Backward steps of operators that only move values. */
import { intAttribute, integersOf, type OnnxNode, stringAttribute } from '../ir';
import type { BackwardGraph } from './backwardGraph';

export function concatBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const rank = graph.shape(node, node.outputs[0]).length;
	const stated = intAttribute(node, 'axis', 1);
	const axis = stated < 0 ? stated + rank : stated;
	let start = 0;
	for (const input of node.inputs) {
		const end = start + graph.shape(node, input)[axis]!;
		if (graph.isActive(input)) {
			const range = [start, end, axis].map((value) => graph.integers([value]));
			graph.contribute(input, graph.node('Slice', [gradient, ...range]));
		}
		start = end;
	}
}

/** Of constant padding: what was put around is cut off, what was cut off gets zeros. */
export function padBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const pads = padTensor(node, graph);
	if (stringAttribute(node, 'mode', 'constant') !== 'constant') {
		throw graph.unsupported(node, 'only padding with a constant can be differentiated');
	}
	if (!pads) {
		throw graph.unsupported(node, 'its padding is not in the file, or for some axes alone');
	}
	graph.contribute(
		node.inputs[0],
		graph.node('Pad', [gradient, graph.integers(pads.map((pad) => (pad === 0 ? 0 : -pad)))]),
	);
}

/** Begins of all axes, then ends. */
function padTensor(node: OnnxNode, graph: BackwardGraph): readonly number[] | undefined {
	const tensor = graph.constant(node.inputs[1]);
	const pads = tensor && integersOf(tensor);
	return pads?.length === 2 * graph.shape(node, node.inputs[0]).length && !node.inputs[3] ? pads : undefined;
}
