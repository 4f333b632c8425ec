/** Finds where the branches of a mixed head meet, and what makes the logits of them. */
import type { ModelMetadata } from '../model';
import { dataInputs, type Flow, flowOf, handedOn, nodesBehind, origin } from '../onnx/discover/flow';
import { DataType, intAttribute, type OnnxModel, type OnnxNode, type OnnxTensor, type ValueInfo } from '../onnx/ir';
import { windowOf } from '../onnx/window';
import { InspectorError } from '../problem';
import { featuresName } from './headTrace';
import type { MixedBranch } from './types';

/** A dilated branch's first layer. */
export interface DilatedLayer {
	/** Name of the graph output of its branch. */
	readonly output: string;
	readonly rate: number;
	readonly dilated: OnnxNode;
	readonly weight: OnnxTensor;
	readonly bias: OnnxTensor | undefined;
}

export interface TracedMixing {
	/** All that meet, in the graph's order. */
	readonly branches: readonly MixedBranch[];
	/** First layers of the branches that the metadata names, in its order. */
	readonly dilated: readonly DilatedLayer[];
	/** Channels of the features. */
	readonly channels: number;
	/** The model with the branches' values renamed to {@link mixedInput} where they meet. */
	readonly parted: OnnxModel;
	/** Further values that the layers behind the meeting read, such as a decoder's; features among them. */
	readonly beside: readonly string[];
	/** Names of the features' value. */
	readonly features: ReadonlySet<string>;
}

/** Name under which a branch's map is fed to the layers behind the meeting. */
export function mixedInput(branch: number): string {
	return `deeplab/mixed.${branch}`;
}

/** A float32 map of any shape. */
export function mapValue(name: string): ValueInfo {
	return { name, dataType: DataType.float, shape: [null, null, null, null] };
}

/**
 * The values that meet the branches named by the metadata in one Concat along the channels, or these branches alone where
 * they are added up before later layers take them.
 *
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` saying what is not as a mixed head has it
 */
export function traceMixing(model: OnnxModel, metadata: ModelMetadata, name: string): TracedMixing {
	const fail = (detail: string) => new InspectorError({ code: 'model.unsupported', name, detail });
	const { graph } = model;
	const flow = flowOf(graph);
	const features = new Set([featuresName, origin(featuresName, flow)]);
	const ends = metadata.branches.map(({ output }) => origin(output, flow));
	const dilated = metadata.branches.map(({ output }, index) => {
		const found = dilatedLayer(ends[index]!, output, features, flow);
		if (!found) {
			throw fail(`branch “${output}” does not begin with a dilated convolution that reads “${featuresName}”`);
		}
		return found;
	});
	const meeting = graph.nodes.find(
		(node) =>
			node.operator === 'Concat' &&
			[1, -3].includes(intAttribute(node, 'axis', 1)) &&
			ends.every((end) => node.inputs.some((input) => origin(input, flow) === end)),
	);
	const values = meeting ? [...new Set(dataInputs(meeting, flow))] : ends;
	const behind = nodesBehind('logits', flow);
	const tail = nodesAfter(meeting ? [meeting] : takersOf(ends, flow), flow, behind);
	if (tail.size === 0) {
		throw fail('its branches do not reach its logits');
	}
	const parted: OnnxModel = {
		...model,
		graph: {
			...graph,
			nodes: graph.nodes.map((node) =>
				(meeting ? node === meeting : tail.has(node)) ? withInputs(node, values) : node,
			),
		},
	};
	const [first] = dilated;
	return {
		branches: values.map((value): MixedBranch => {
			const index = ends.indexOf(origin(value, flow));
			const known = dilated[index];
			return known
				? { kind: 'dilated', rate: known.rate, output: known.output, value }
				: { kind: kindOf(value, features, flow), rate: undefined, output: undefined, value };
		}),
		dilated,
		channels: first!.weight.dims[1]! * intAttribute(first!.dilated, 'group', 1),
		parted,
		beside: valuesBeside(tail, values, flow),
		features,
	};
}

function withInputs(node: OnnxNode, values: readonly string[]): OnnxNode {
	return {
		...node,
		inputs: node.inputs.map((input) => {
			const branch = values.indexOf(input);
			return branch < 0 ? input : mixedInput(branch);
		}),
	};
}

/** What takes the values on the way to something else than an output of its own. */
function takersOf(values: readonly string[], { takers }: Flow): readonly OnnxNode[] {
	return values.flatMap((value) => takers.get(value) ?? []);
}

/** These nodes and those that take what they give, as far as `among` has them. */
function nodesAfter(first: readonly OnnxNode[], { graph }: Flow, among: ReadonlySet<OnnxNode>): ReadonlySet<OnnxNode> {
	const found = new Set(first.filter((node) => among.has(node)));
	const made = new Set([...found].flatMap((node) => node.outputs));
	for (const node of graph.nodes) {
		if (among.has(node) && node.inputs.some((input) => made.has(input))) {
			found.add(node);
			for (const output of node.outputs) {
				made.add(output);
			}
		}
	}
	return found;
}

/**
 * What these nodes read and do not make themselves, but for the branches and what does not depend on the picture. Sizes
 * that are worked out from shapes are no values to feed: what their shapes are taken of is.
 */
function valuesBeside(nodes: ReadonlySet<OnnxNode>, branches: readonly string[], flow: Flow): readonly string[] {
	const made = new Set([...nodes].flatMap((node) => node.outputs));
	const sizes = sizesOf(flow);
	const beside = new Set<string>();
	const visited = new Set<string>();
	const visit = (value: string) => {
		if (visited.has(value) || made.has(value) || flow.constants.names.has(value)) {
			return;
		}
		visited.add(value);
		const maker = flow.makers.get(value);
		if (maker && sizes.has(value)) {
			maker.inputs.forEach(visit);
		} else {
			beside.add(value);
		}
	};
	for (const node of nodes) {
		for (const input of node.inputs) {
			if (!branches.includes(input)) {
				visit(input);
			}
		}
	}
	return [...beside];
}

/** Values that depend on the picture's size alone. */
function sizesOf(flow: Flow): ReadonlySet<string> {
	const sizes = new Set<string>();
	for (const node of flow.graph.nodes) {
		const inputs = dataInputs(node, flow);
		const isSize = node.operator === 'Shape' || node.operator === 'Size';
		if (isSize || (inputs.length > 0 && inputs.every((input) => sizes.has(input)))) {
			for (const output of node.outputs) {
				sizes.add(output);
			}
		}
	}
	return sizes;
}

/** The nodes from the features to a value. */
function nodesBetween(value: string, features: ReadonlySet<string>, { makers, constants }: Flow): readonly OnnxNode[] {
	const found = new Set<OnnxNode>();
	const pending = [value];
	for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
		const node = features.has(next) || constants.names.has(next) ? undefined : makers.get(next);
		if (node && !found.has(node)) {
			found.add(node);
			pending.push(...node.inputs);
		}
	}
	return [...found];
}

/** The one 3x3 convolution of a branch that reads the features. */
function dilatedLayer(
	end: string,
	output: string,
	features: ReadonlySet<string>,
	flow: Flow,
): DilatedLayer | undefined {
	const reading = nodesBetween(end, features, flow).filter(
		(node) => handedOn(node, flow) === undefined && features.has(origin(node.inputs[0] ?? '', flow)),
	);
	const [dilated, ...more] = reading;
	const weight = flow.constants.tensors.get(dilated?.inputs[1] ?? '');
	const window = dilated && windowOf(dilated, weight?.dims);
	if (!dilated || more.length > 0 || dilated.operator !== 'Conv' || !window || weight?.dims.length !== 4) {
		return undefined;
	}
	return {
		output,
		rate: window.dilation[0],
		dilated,
		weight,
		bias: flow.constants.tensors.get(dilated.inputs[2] ?? ''),
	};
}

/** Operators that average over the picture. */
const pooling = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'ReduceMean']);

function kindOf(value: string, features: ReadonlySet<string>, flow: Flow): MixedBranch['kind'] {
	const nodes = nodesBetween(value, features, flow);
	if (nodes.some(({ operator }) => pooling.has(operator))) {
		return 'pooling';
	}
	const convs = nodes.filter(({ operator }) => operator === 'Conv');
	const isPointwise = convs.every((node) => {
		const window = windowOf(node, flow.constants.tensors.get(node.inputs[1] ?? '')?.dims);
		return window?.kernel[0] === 1 && window.kernel[1] === 1 && window.stride[0] === 1 && window.stride[1] === 1;
	});
	const readsFeatures = nodes.some(({ inputs }) => inputs.some((input) => features.has(input)));
	return isPointwise && convs.length > 0 && readsFeatures ? 'pointwise' : 'other';
}
