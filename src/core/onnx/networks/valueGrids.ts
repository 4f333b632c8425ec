/**
 * On which grid every value of a dilated network lies, and on which it lay before steps were replaced by dilation: read
 * off the graph alone, since a convolution of k x k is dilated by as much as its input's grid is finer.
 */
import type { OnnxGraph, OnnxNode } from '../ir';
import { type Constants, isPointwise } from '../operators';
import { type Window, windowOf } from '../window';

export interface ValueGrid {
	/** Input pixels a step. */
	readonly stride: number;
	/** How many times finer than the grid of the network that is not dilated. */
	readonly fineness: number;
}

/** A layer with a window: what it reads, what it makes. */
export interface GridLayer {
	readonly node: OnnxNode;
	readonly window: Window;
	readonly input: string;
	readonly output: string;
}

export interface ValueGrids {
	readonly layers: readonly GridLayer[];
	/** Of a value of the nodes given, or the graph's input. */
	of(value: string): ValueGrid;
}

/**
 * Where a step was can be seen only between two layers that look at neighbours; it is taken to be at the first layer that
 * can have had it, but for max pools of stride 1: who keeps the grid needs none, so each stands where a step of 2 was.
 *
 * @param nodes The backbone, in the graph's order.
 * @param refuse Makes the error that says what cannot be.
 * @throws what `refuse` makes where a layer is of another kind, or dilations contradict each other
 */
export function valueGrids(
	graph: OnnxGraph,
	nodes: readonly OnnxNode[],
	constants: Constants,
	refuse: (detail: string) => Error,
): ValueGrids {
	const groups = new Groups();
	const layers: GridLayer[] = [];
	for (const node of nodes) {
		const inputs = node.inputs.filter((input) => !constants.names.has(input));
		const [input] = inputs;
		const [output = ''] = node.outputs;
		if (input === undefined) {
			continue;
		}
		if (isPointwise(node)) {
			for (const value of [...inputs, ...node.outputs.slice(1)]) {
				groups.join(value, output);
			}
			continue;
		}
		const window = windowOf(node, constants.tensors.get(node.inputs[1] ?? '')?.dims);
		if (!window) {
			throw refuse(`${layerName(node)} is no convolution or pool whose step could be kept or replaced`);
		}
		if (window.stride[0] !== window.stride[1] || window.dilation[0] !== window.dilation[1]) {
			throw refuse(`${layerName(node)} has other steps or dilations for rows than for columns`);
		}
		layers.push({ node, window, input, output });
	}
	const strides = stridesOf(graph, layers, groups, constants, refuse);
	const fineness = finenessOf(layers, groups, refuse);
	return {
		layers,
		of: (value) => {
			const group = groups.of(value);
			return { stride: strides.get(group) ?? 1, fineness: fineness.get(group) ?? 1 };
		},
	};
}

export function layerName(node: OnnxNode): string {
	return `layer “${node.name || node.outputs[0]}” (${node.operator})`;
}

/** Whether a layer looks at more than one cell, so that its dilation tells how fine its input's grid is. */
export function looksAround({ window: { kernel } }: Pick<GridLayer, 'window'>): boolean {
	return kernel[0] > 1 || kernel[1] > 1;
}

/** A max pool that stands where a step of 2 was. */
function stoodForStep(layer: GridLayer): boolean {
	return layer.node.operator === 'MaxPool' && looksAround(layer) && layer.window.stride[0] === 1;
}

function stridesOf(
	graph: OnnxGraph,
	layers: readonly GridLayer[],
	groups: Groups,
	constants: Constants,
	refuse: (detail: string) => Error,
): ReadonlyMap<string, number> {
	const strides = new Map<string, number>();
	for (const { name } of graph.inputs) {
		if (!constants.names.has(name)) {
			strides.set(groups.of(name), 1);
		}
	}
	for (const { node, window, input, output } of layers) {
		const stride = (strides.get(groups.of(input)) ?? 1) * window.stride[0];
		const known = strides.get(groups.of(output));
		if (known !== undefined && known !== stride) {
			throw refuse(`${layerName(node)} gives a grid of ${stride} pixels a step, where others have ${known}`);
		}
		strides.set(groups.of(output), stride);
	}
	return strides;
}

/** Bounds that are passed on from layer to layer until nothing changes; then the upper one, so that a step comes first. */
function finenessOf(
	layers: readonly GridLayer[],
	groups: Groups,
	refuse: (detail: string) => Error,
): ReadonlyMap<string, number> {
	const least = new Map<string, number>();
	const most = new Map<string, number>();
	const low = (value: string) => least.get(groups.of(value)) ?? 1;
	const high = (value: string) => most.get(groups.of(value)) ?? Number.POSITIVE_INFINITY;
	let changed = true;
	const raise = (value: string, to: number) => {
		if (to > low(value)) {
			least.set(groups.of(value), to);
			changed = true;
		}
	};
	const lower = (value: string, to: number) => {
		if (to < high(value)) {
			most.set(groups.of(value), to);
			changed = true;
		}
	};
	for (const layer of layers) {
		const { node, window, input } = layer;
		if (node.operator === 'Conv' && looksAround(layer)) {
			const dilation = window.dilation[0];
			if (low(input) > dilation || high(input) < dilation) {
				throw refuse(`${layerName(node)} has dilation ${dilation}, where another layer of its grid has another one`);
			}
			raise(input, dilation);
			lower(input, dilation);
		}
	}
	while (changed) {
		changed = false;
		for (const layer of layers) {
			const { node, input, output } = layer;
			if (stoodForStep(layer)) {
				raise(output, low(input) * 2);
				raise(input, low(output) / 2);
				lower(output, high(input) * 2);
				lower(input, high(output) / 2);
			} else {
				raise(output, low(input));
				lower(input, high(output));
			}
			if (low(input) > high(input) || low(output) > high(output)) {
				throw refuse(
					`${layerName(node)} lies between dilations ${low(input)} and ${high(output)}, which no steps explain`,
				);
			}
		}
	}
	for (const layer of layers) {
		const top = high(layer.output);
		raise(layer.output, Number.isFinite(top) ? top : 1);
	}
	// Behind the last layer that looks around there is nothing to tell of further steps.
	for (const layer of layers) {
		raise(layer.output, stoodForStep(layer) ? low(layer.input) * 2 : low(layer.input));
	}
	return least;
}

/** Values that lie on one grid, because layers combine or hand them on position by position. */
class Groups {
	readonly #parents = new Map<string, string>();

	of(value: string): string {
		let root = value;
		for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) {
			root = parent;
		}
		if (root !== value) {
			this.#parents.set(value, root);
		}
		return root;
	}

	join(one: string, other: string): void {
		const [first, second] = [this.of(one), this.of(other)];
		if (first !== second) {
			this.#parents.set(first, second);
		}
	}
}
