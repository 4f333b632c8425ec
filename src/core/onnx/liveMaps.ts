/** How much memory the maps of a network take while it runs. */
import type { OnnxGraph, OnnxNode } from './ir';
import { isActivation, isElementwise } from './operators';
import { inferShapes, type Shape } from './shapes';

/**
 * The largest sum, over a run in the graph's order, of the values that are still needed, in bytes of float32. A layer
 * that works value by value writes over its first input where nothing else needs that, as runtimes do; what a runtime
 * packs or pads for its convolutions is not in it.
 *
 * @param size Height and width of the input in pixels.
 * @returns undefined where the shape of a value cannot be told
 */
export function liveMapBytes(graph: OnnxGraph, size: readonly [height: number, width: number]): number | undefined {
	const weights = new Set(graph.initializers.map(({ name }) => name));
	const shapes = inferShapes(graph, size);
	const lastUse = lastUses(graph);
	let live = 0;
	for (const { name } of graph.inputs) {
		live += weights.has(name) ? 0 : bytesOf(shapes.get(name));
	}
	let peak = live;
	for (const [index, node] of graph.nodes.entries()) {
		const dying = [...new Set(node.inputs)].filter((value) => !weights.has(value) && lastUse.get(value) === index);
		const freed = dying.reduce((sum, value) => sum + bytesOf(shapes.get(value)), 0);
		const made = node.outputs.reduce((sum, value) => sum + bytesOf(shapes.get(value)), 0);
		const reused = isInPlace(node) ? Math.min(made, freed) : 0;
		peak = Math.max(peak, live + made - reused);
		live += made - freed;
	}
	return Number.isNaN(peak) || Number.isNaN(live) ? undefined : peak;
}

function isInPlace(node: OnnxNode): boolean {
	return isActivation(node) || isElementwise(node);
}

/** Index of the last node that needs a value; the graph's outputs are needed to the end. */
function lastUses(graph: OnnxGraph): Map<string, number> {
	const uses = new Map<string, number>();
	for (const [index, node] of graph.nodes.entries()) {
		for (const input of node.inputs) {
			uses.set(input, index);
		}
	}
	for (const { name } of graph.outputs) {
		uses.set(name, Number.POSITIVE_INFINITY);
	}
	return uses;
}

function bytesOf(shape: Shape | undefined): number {
	return shape ? 4 * shape.reduce((product, side) => product * side, 1) : Number.NaN;
}
