/** A network of the same weights at another output stride: steps are taken or replaced by dilation in its graph. */
import { featuresName } from '../../aspp/headTrace';
import type { AsppBranch, ModelMetadata, Preprocessing } from '../../model';
import { InspectorError } from '../../problem';
import { valueInfoTag } from '../discover/exposeValues';
import { type AttributeValue, intsAttribute, type OnnxGraph, type OnnxModel, type OnnxNode } from '../ir';
import { readMetadata, writeMetadata } from '../metadata';
import { type Constants, constantsOf, isPointwise } from '../operators';
import { windowOf } from '../window';
import { type OutputStride, ratesAt } from './outputStride';
import { type GridLayer, layerName, looksAround, type ValueGrids, valueGrids } from './valueGrids';

/**
 * The model at another output stride, its weights untouched (no tensor is copied). Steps and dilations of the backbone,
 * the branches' rates, their names and the metadata become those that the model would have been built with.
 *
 * @param model Of this project's builders, or one like them: strides, pads and dilations are in the graph, the features
 *   come of convolutions, pools and layers that work position by position.
 * @param file Its name, for errors.
 * @returns the same object where it has that stride already
 * @throws InspectorError `model.fixedStride` naming what keeps it from being done, or those of `readMetadata`
 */
export function withOutputStride(model: OnnxModel, outputStride: OutputStride, file: string): OnnxModel {
	const metadata = readMetadata(model, file);
	if (metadata.outputStride === outputStride) {
		return model;
	}
	const refuse = (detail: string) =>
		new InspectorError({ code: 'model.fixedStride', name: file, outputStride, detail });
	const constants = constantsOf(model.graph);
	const { backbone, head } = parts(model.graph, metadata, refuse);
	const grids = valueGrids(model.graph, backbone, constants, refuse);
	const known = grids.of(featuresName);
	if (known.stride !== metadata.outputStride) {
		throw refuse(`it says that its output stride is ${metadata.outputStride}, its layers step ${known.stride} pixels`);
	}
	if (known.stride * known.fineness < outputStride) {
		throw refuse(`its layers step ${known.stride * known.fineness} pixels at most, with no dilation in place of more`);
	}
	const branches = branchesAt(metadata, outputStride, refuse);
	const changed = new Map<OnnxNode, OnnxNode>();
	for (const layer of grids.layers) {
		changed.set(layer.node, moved(layer, grids, outputStride, refuse));
	}
	for (const node of head) {
		changed.set(node, headLayer(node, metadata, branches, constants, refuse));
	}
	const graph = { ...model.graph, nodes: model.graph.nodes.map((node) => changed.get(node) ?? node) };
	const next: ModelMetadata = {
		...metadata,
		outputStride,
		branches,
		preprocessing: preprocessingAt(metadata, outputStride, refuse),
	};
	return {
		...model,
		graph: renamed(graph, metadata.branches, branches),
		metadata: { ...model.metadata, ...writeMetadata(next) },
	};
}

type Refuse = (detail: string) => InspectorError;

/** The nodes that the features come of, and those between the features and the other outputs. */
function parts(
	graph: OnnxGraph,
	{ branches }: ModelMetadata,
	refuse: Refuse,
): { readonly backbone: readonly OnnxNode[]; readonly head: readonly OnnxNode[] } {
	if (branches.length === 0) {
		throw refuse('it has no branches whose dilation rates would follow its grid');
	}
	const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
	const behind = (values: readonly string[], without: ReadonlySet<OnnxNode>): Set<OnnxNode> => {
		const found = new Set<OnnxNode>();
		const open = [...values];
		for (let value = open.pop(); value !== undefined; value = open.pop()) {
			const node = makers.get(value);
			if (node && !found.has(node) && !without.has(node)) {
				found.add(node);
				open.push(...node.inputs);
			}
		}
		return found;
	};
	const backbone = behind([featuresName], new Set());
	const head = behind(['logits', ...branches.map(({ output }) => output)], backbone);
	return {
		backbone: graph.nodes.filter((node) => backbone.has(node)),
		head: graph.nodes.filter((node) => head.has(node)),
	};
}

/** A layer of the backbone with its step and dilation at the stride wanted. */
function moved(
	{ node, window, input, output }: GridLayer,
	grids: ValueGrids,
	outputStride: number,
	refuse: Refuse,
): OnnxNode {
	const at = (value: string) => {
		const { stride, fineness } = grids.of(value);
		const reached = Math.min(stride * fineness, outputStride);
		return { reached, fineness: (stride * fineness) / reached };
	};
	const [from, to] = [at(input), at(output)];
	const stride = to.reached / from.reached;
	const around = looksAround({ window });
	const dilation = node.operator === 'Conv' && around ? from.fineness : window.dilation[0];
	if (!Number.isInteger(stride) || !Number.isInteger(dilation)) {
		throw refuse(`${layerName(node)} has a step that is no power of two`);
	}
	if (stride === window.stride[0] && dilation === window.dilation[0]) {
		return node;
	}
	const [height, width] = window.kernel;
	const sides = [height, width].map((kernel) => (kernel - 1) / 2);
	const centred = [...sides, ...sides].map((side) => side * window.dilation[0]);
	if (around && (window.ceilMode || window.padding?.join() !== centred.join())) {
		throw refuse(
			`${layerName(node)} has padding ${window.padding?.join(', ') ?? 'by its input’s size'}, which does not keep a grid in place`,
		);
	}
	const pads = [...sides, ...sides].map((side) => side * dilation);
	return withWindow(node, { strides: [stride, stride], dilations: [dilation, dilation], pads });
}

/** A layer behind the features: a branch's dilated convolution has another rate, all others must not look around. */
function headLayer(
	node: OnnxNode,
	{ branches: before }: ModelMetadata,
	branches: readonly AsppBranch[],
	constants: Constants,
	refuse: Refuse,
): OnnxNode {
	if (isPointwise(node) || node.inputs.every((input) => constants.names.has(input))) {
		return node;
	}
	const window = windowOf(node, constants.tensors.get(node.inputs[1] ?? '')?.dims);
	if (node.operator !== 'Conv' || !window) {
		throw refuse(`${layerName(node)} stands between the features and the logits, and may depend on the grid`);
	}
	if (!looksAround({ window })) {
		return node;
	}
	const [rate] = window.dilation;
	const index = before.findIndex((branch) => branch.rate === rate);
	const isBranch = window.stride.every((step) => step === 1) && window.padding?.every((pad) => pad === rate);
	if (!isBranch || window.dilation[1] !== rate || index === -1) {
		throw refuse(`${layerName(node)} looks at ${window.kernel.join(' x ')} cells of the grid and is no branch`);
	}
	const to = branches[index]!.rate;
	return withWindow(node, { dilations: [to, to], pads: [to, to, to, to] });
}

function withWindow(node: OnnxNode, values: Readonly<Record<string, readonly number[]>>): OnnxNode {
	const attributes = new Map<string, AttributeValue>(node.attributes);
	attributes.delete('auto_pad');
	for (const [name, value] of Object.entries(values)) {
		// Pools state no dilation before opset 10, and nothing where it is 1.
		if (name !== 'dilations' || node.operator === 'Conv' || intsAttribute(node, name)) {
			attributes.set(name, { kind: 'ints', value });
		}
	}
	return { ...node, attributes };
}

function branchesAt({ branches, outputStride: from }: ModelMetadata, to: number, refuse: Refuse): AsppBranch[] {
	const before = branches.map(({ rate }) => rate);
	const rates = ratesAt(before, to, from);
	if (new Set(rates).size !== rates.length) {
		const detail = `its dilation rates ${before.join(', ')} become ${rates.join(', ')}, of which two are the same`;
		throw refuse(detail);
	}
	return branches.map(({ output }, index) => ({
		rate: rates[index]!,
		output: newName(output, before[index]!, rates[index]!),
	}));
}

/** `aspp.6` becomes `aspp.3`; a name that does not end in the rate stays. */
function newName(output: string, rate: number, to: number): string {
	const ending = `.${rate}`;
	return output.endsWith(ending) ? `${output.slice(0, -ending.length)}.${to}` : output;
}

/** Names of the branches' values, layers and tensors follow their rates. */
function renamed(graph: OnnxGraph, before: readonly AsppBranch[], after: readonly AsppBranch[]): OnnxGraph {
	const names = new Map(before.map(({ output }, index) => [output, after[index]!.output]));
	const rename = (name: string): string => {
		for (const [from, to] of names) {
			if (name === from || name.startsWith(`${from}.`)) {
				return to + name.slice(from.length);
			}
		}
		return name;
	};
	return {
		...graph,
		nodes: graph.nodes.map((node) => ({
			...node,
			name: rename(node.name),
			inputs: node.inputs.map(rename),
			outputs: node.outputs.map(rename),
		})),
		initializers: graph.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
		outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
		...(graph.extra ? { extra: graph.extra.filter((field) => field[0] !== valueInfoTag) } : {}),
	};
}

/**
 * Sides are padded to what the stride wants, so that the corners of its grid lie where those of the other one do.
 * @throws InspectorError where the network takes pictures of one size alone, and the grid does not fit it
 */
function preprocessingAt(
	{ preprocessing, outputStride: from }: ModelMetadata,
	outputStride: number,
	refuse: Refuse,
): Preprocessing {
	const { inputSize, padMultiple, padRemainder = 1 } = preprocessing;
	if (inputSize?.some((side) => side % outputStride !== padRemainder % outputStride)) {
		throw refuse(
			`it takes pictures of ${inputSize.join(' x ')} alone, whose sides are no multiples of ${outputStride}`,
		);
	}
	if (padMultiple === from) {
		return { ...preprocessing, padMultiple: outputStride };
	}
	return padMultiple % outputStride === 0
		? preprocessing
		: { ...preprocessing, padMultiple: leastMultiple(padMultiple, outputStride) };
}

function leastMultiple(one: number, other: number): number {
	let multiple = one;
	while (multiple % other !== 0) {
		multiple += one;
	}
	return multiple;
}
