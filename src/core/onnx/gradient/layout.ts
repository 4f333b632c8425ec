/** Backward steps of operators that only move values. */
import { intAttribute, type OnnxNode, stringAttribute } from '../ir';
import { padsOf } from '../pads';
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

/** Of what only names the axes anew. */
export function reshapeBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const shape = graph.integers(graph.shape(node, node.inputs[0]));
	graph.contribute(node.inputs[0], graph.node('Reshape', [gradient, shape]));
}

/** Of constant padding: what was put around is cut off, what was cut off gets zeros. */
export function padBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	if (stringAttribute(node, 'mode', 'constant') !== 'constant') {
		throw graph.unsupported(node, 'only padding with a constant can be differentiated');
	}
	const pads = padsOf(node, graph.constants);
	if (!pads || graph.shape(node, node.inputs[0]).length !== 4) {
		throw graph.unsupported(node, 'its padding is not in the file, or not of four dimensions');
	}
	const opposite = [...pads.before, ...pads.after].map((pad) => 0 - pad);
	graph.contribute(node.inputs[0], graph.node('Pad', [gradient, graph.integers(opposite)]));
}
