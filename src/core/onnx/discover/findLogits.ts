/** Finds the scores of the classes in a graph: what stands before resizing, softmax and argmax. */
import { InspectorError } from '../../problem';
import { type OnnxNode, stringAttribute } from '../ir';
import { isActivation, isElementwise } from '../operators';
import type { Shape } from '../shapes';
import { dataInputs, type Flow, nodesBehind } from './flow';

export interface FoundLogits {
	/** Name of the value: 1 x classes x height x width. */
	readonly value: string;
	readonly classes: number;
	/** How the graph itself resizes them; undefined where it does not. */
	readonly alignCorners: boolean | undefined;
	/** Operators between the value and the graph's output, from the value on. */
	readonly behind: readonly string[];
}

/** Operators that make a picture's mask or probabilities of logits: none of them computes scores. */
const afterwards = new Set([
	'ArgMax',
	'Cast',
	'Clip',
	'Dropout',
	'Exp',
	'Identity',
	'LogSoftmax',
	'ReduceMax',
	'Reshape',
	'Resize',
	'Sigmoid',
	'Slice',
	'Softmax',
	'Squeeze',
	'TopK',
	'Transpose',
	'Unsqueeze',
	'Upsample',
]);

/**
 * Of several outputs the one that depends on most of the graph: an auxiliary head or the features depend on less.
 *
 * @param shapes Of the graph's values, as far as they are known.
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` where no output is made of 2 to 256 class scores a place
 */
export function findLogits(flow: Flow, shapes: ReadonlyMap<string, Shape>, name: string): FoundLogits {
	const { graph } = flow;
	const candidates = graph.outputs.map((output) => ({ output: output.name, found: before(output.name, flow, shapes) }));
	let best: { readonly found: FoundLogits; readonly nodes: number } | undefined;
	for (const { found } of candidates) {
		if (found.classes !== undefined && found.classes >= 2 && found.classes <= 256) {
			const nodes = nodesBehind(found.value, flow).size;
			if (!best || nodes > best.nodes) {
				best = { found: { ...found, classes: found.classes }, nodes };
			}
		}
	}
	if (!best) {
		const seen = candidates.map(({ output, found }) => `“${output}” (${found.classes ?? 'unknown'} channels)`);
		const detail = `no output is made of scores of 2 to 256 classes: it has ${seen.join(', ') || 'none'}`;
		throw new InspectorError({ code: 'model.unsupported', name, detail });
	}
	return best.found;
}

type Candidate = Omit<FoundLogits, 'classes'> & { readonly classes: number | undefined };

function before(output: string, flow: Flow, shapes: ReadonlyMap<string, Shape>): Candidate {
	const behind: string[] = [];
	let value = output;
	let alignCorners: boolean | undefined;
	let node = flow.makers.get(value);
	while (node && afterwards.has(node.operator)) {
		behind.unshift(node.operator);
		alignCorners ??= cornersOf(node);
		value = node.inputs[0] ?? '';
		node = flow.makers.get(value);
	}
	return { value, classes: channelsOf(value, flow, shapes), alignCorners, behind };
}

/** Also behind sizes that are computed when it runs: by the weights of the convolutions before. */
function channelsOf(value: string, flow: Flow, shapes: ReadonlyMap<string, Shape>): number | undefined {
	let at = value;
	for (let node = flow.makers.get(at); node; node = flow.makers.get(at)) {
		const shape = shapes.get(at);
		if (shape?.length === 4) {
			return shape[1];
		}
		if (node.operator === 'Conv') {
			return flow.constants.tensors.get(node.inputs[1] ?? '')?.dims[0];
		}
		const [input] = dataInputs(node, flow);
		const keepsChannels = isActivation(node) || isElementwise(node) || keeping.has(node.operator);
		if (input === undefined || !keepsChannels) {
			return undefined;
		}
		at = input;
	}
	return undefined;
}

const keeping = new Set(['BatchNormalization', 'Resize', 'Softmax', 'Upsample']);

function cornersOf(node: OnnxNode): boolean | undefined {
	switch (node.operator) {
		case 'Resize':
			return stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'align_corners';
		case 'Upsample':
			return false;
		default:
			return undefined;
	}
}
