/** The dotted names under which layers are listed. */
import type { OnnxGraph, OnnxNode } from './ir';
import { type Constants, isActivation } from './operators';

/** Names deeper than this share their last group. */
const depthLimit = 8;

/**
 * The parts of each listed layer's name, unique within the network, in the graph's order. Nodes that compute constants
 * are not listed, nor an activation behind another listed layer: it belongs to that one.
 */
export function layerPaths(graph: OnnxGraph, constants: Constants): ReadonlyMap<OnnxNode, readonly string[]> {
	const paths = new Map<OnnxNode, readonly string[]>();
	/** Values that a listed layer made, or an activation that belongs to one. */
	const owned = new Set<string>();
	const taken = new Map<string, number>();
	for (const node of graph.nodes) {
		const [output = ''] = node.outputs;
		if (constants.names.has(output)) {
			continue;
		}
		if (!isActivation(node) || !owned.has(node.inputs[0] ?? '')) {
			paths.set(node, pathOf(node, taken));
		}
		owned.add(output);
	}
	return paths;
}

/** Parts of the node's dotted (or slashed) name. `taken` counts the uses of a name. */
function pathOf(node: OnnxNode, taken: Map<string, number>): string[] {
	const words = (node.name || node.outputs[0] || node.operator).split(/[./]/).filter((word) => word !== '');
	const parts = words.slice(0, depthLimit - 1);
	parts.push(words.slice(depthLimit - 1).join('.') || parts.pop() || node.operator);
	const last = parts.pop()!;
	const key = [...parts, last].join('.');
	let count = (taken.get(key) ?? 0) + 1;
	const suffix = () => (count === 1 ? '' : `#${count}`);
	while (taken.has(key + suffix())) {
		count++;
	}
	taken.set(key + suffix(), 1);
	taken.set(key, count);
	return [...parts, last + suffix()];
}
