/** Finds the ASPP head in a graph: the way of each branch back to the features. */
import type { ModelMetadata } from '../model';
import { type AttributeValue, intAttribute, type OnnxModel, type OnnxNode, type OnnxTensor } from '../onnx/ir';
import { type Constants, constantsOf } from '../onnx/operators';
import { type Window, windowOf } from '../onnx/window';
import { InspectorError } from '../problem';

/** Name of the graph output that the branches read. */
export const featuresName = 'features';

export interface TracedBranch {
	/** Dilation rate of `dilated`. */
	readonly rate: number;
	/** Name of the graph output. */
	readonly output: string;
	/** The nodes from the features to the output, each taking what the one before gives. */
	readonly chain: readonly OnnxNode[];
	/** The 3x3 convolution with the dilation; one of `chain`. */
	readonly dilated: OnnxNode;
	/** classes or hidden channels x channels of the features x 3 x 3. */
	readonly weight: OnnxTensor;
	readonly bias: OnnxTensor | undefined;
	/** Whether `dilated` is all that the branch computes. */
	readonly alone: boolean;
}

export interface TracedHead {
	readonly branches: readonly TracedBranch[];
	readonly constants: Constants;
	readonly classes: number;
	/** Channels of the features. */
	readonly channels: number;
}

/**
 * @param name The file's name, for errors.
 * @throws InspectorError `model.noAspp` where no branches add up to the logits, `model.unsupported` naming the branch and
 *   the layer that is not as an ASPP head has it.
 */
export function traceHead(model: OnnxModel, metadata: ModelMetadata, name: string): TracedHead {
	const unsupported: Unsupported = (detail) => new InspectorError({ code: 'model.unsupported', name, detail });
	const { graph } = model;
	checkJoin(metadata, name);
	const constants = constantsOf(graph);
	const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
	const features = namesOfFeatures(makers);
	const branches = metadata.branches.map(({ output }) => {
		const chain = wayBack(output, features, makers, constants, unsupported);
		return { ...dilatedConvolution(output, chain, constants, unsupported), output, chain };
	});
	const [first] = branches;
	const channels = first!.weight.dims[1]!;
	for (const { output, chain, weight } of branches) {
		const classes = classesOf(chain, constants);
		if (classes !== metadata.classes.length) {
			throw unsupported(`branch “${output}” gives ${classes} channels for ${metadata.classes.length} classes`);
		}
		if (weight.dims[1] !== channels) {
			throw unsupported(
				`branch “${output}” takes ${weight.dims[1]} channels, branch “${first!.output}” takes ${channels}`,
			);
		}
	}
	return { branches, constants, classes: metadata.classes.length, channels };
}

/** @throws InspectorError `model.noAspp` where no branch has a share of a logit */
function checkJoin({ branches, join = 'sum' }: ModelMetadata, name: string): void {
	if (branches.length === 0) {
		throw new InspectorError({ code: 'model.noAspp', name, detail: 'its metadata names no branch' });
	}
	switch (join) {
		case 'sum':
			return;
		case 'mixed': {
			const rates = branches.map(({ rate }) => rate).join(', ');
			const detail = `its branches (dilation rates ${rates}) are feature maps that later layers mix, as in DeepLabv3, so none of them has a share of a logit`;
			throw new InspectorError({ code: 'model.noAspp', name, detail });
		}
		default: {
			const unknown: never = join;
			throw new Error(`unknown join ${String(unknown)}`);
		}
	}
}

type Unsupported = (detail: string) => InspectorError;
type Makers = ReadonlyMap<string, OnnxNode>;

/** Operators that hand their input on as it is. */
const transparent = new Set(['Identity', 'Dropout']);

/** The features' value under all its names: an exporter may put an Identity before an output. */
function namesOfFeatures(makers: Makers): ReadonlySet<string> {
	const names = new Set([featuresName]);
	let node = makers.get(featuresName);
	while (node && transparent.has(node.operator)) {
		const input = node.inputs[0] ?? '';
		names.add(input);
		node = makers.get(input);
	}
	return names;
}

function wayBack(
	output: string,
	features: ReadonlySet<string>,
	makers: Makers,
	constants: Constants,
	unsupported: Unsupported,
): readonly OnnxNode[] {
	const chain: OnnxNode[] = [];
	let value = output;
	while (!features.has(value)) {
		const node = makers.get(value);
		if (!node) {
			throw unsupported(
				`no ASPP head is found: branch “${output}” does not read “${featuresName}”, its way back ends at “${value}”`,
			);
		}
		const inputs = node.inputs.filter((input) => !constants.names.has(input));
		const [input] = inputs;
		if (input === undefined || inputs.length > 1) {
			throw unsupported(`branch “${output}” is no chain of layers: ${describe(node)} takes ${inputs.length} values`);
		}
		chain.unshift(node);
		value = input;
	}
	return chain;
}

function dilatedConvolution(
	output: string,
	chain: readonly OnnxNode[],
	constants: Constants,
	unsupported: Unsupported,
): Pick<TracedBranch, 'rate' | 'dilated' | 'weight' | 'bias' | 'alone'> {
	const wide = chain.flatMap((node) => {
		const weight = constants.tensors.get(node.inputs[1] ?? '');
		const window = node.operator === 'Conv' ? windowOf(node, weight?.dims) : undefined;
		return window && window.kernel[0] === 3 && window.kernel[1] === 3 ? [{ node, window, weight }] : [];
	});
	const dilated = wide.filter(({ window }) => window.dilation[0] > 1);
	const [found, ...more] = wide.length > 1 && dilated.length > 0 ? dilated : wide;
	if (!found || more.length > 0) {
		const count = more.length > 0 ? `${more.length + 1} dilated 3x3 convolutions` : 'no 3x3 convolution';
		throw unsupported(`branch “${output}” has ${count}; an ASPP branch has one`);
	}
	const { node, window, weight } = found;
	const oddity = oddityOf(node, window);
	if (oddity !== undefined) {
		throw unsupported(`branch “${output}”: ${describe(node)} has ${oddity}`);
	}
	const biasName = node.inputs[2] ?? '';
	const bias = constants.tensors.get(biasName);
	if (weight?.dims.length !== 4 || (biasName !== '' && !bias)) {
		throw unsupported(`branch “${output}”: the weights of ${describe(node)} are not stored as a tensor`);
	}
	const layers = chain.filter(({ operator }) => !transparent.has(operator));
	return { rate: window.dilation[0], dilated: node, weight, bias, alone: layers.length === 1 };
}

/** What keeps a 3x3 convolution from being one of an ASPP head. */
function oddityOf(node: OnnxNode, { stride, dilation, padding }: Window): string | undefined {
	if (stride[0] !== 1 || stride[1] !== 1) {
		return `stride ${stride.join('x')} instead of 1`;
	}
	if (dilation[0] !== dilation[1]) {
		return `different dilation rates for rows and columns, ${dilation.join(' and ')}`;
	}
	if (!padding?.every((pad) => pad === dilation[0])) {
		return `padding ${padding?.join(', ')} that is not its dilation rate ${dilation[0]}`;
	}
	const groups = intAttribute(node, 'group', 1);
	return groups === 1 ? undefined : `${groups} groups`;
}

/** Channels that the chain gives, as its last convolution has them. */
function classesOf(chain: readonly OnnxNode[], constants: Constants): number | undefined {
	const last = chain.filter(({ operator }) => operator === 'Conv').at(-1);
	return constants.tensors.get(last?.inputs[1] ?? '')?.dims[0];
}

/** The convolution at another dilation rate, padded so that it keeps the grid. */
export function atRate(node: OnnxNode, rate: number): OnnxNode {
	const attributes = new Map<string, AttributeValue>(node.attributes);
	attributes.delete('auto_pad');
	attributes.set('dilations', { kind: 'ints', value: [rate, rate] });
	attributes.set('pads', { kind: 'ints', value: [rate, rate, rate, rate] });
	return { ...node, attributes };
}

function describe(node: OnnxNode): string {
	return `layer “${node.name || node.outputs[0]}” (${node.operator})`;
}
