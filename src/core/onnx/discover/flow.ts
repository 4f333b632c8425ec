/** Which node makes a value, and which take it. */
import { floatsOf, type OnnxGraph, type OnnxNode } from '../ir';
import { type Constants, constantsOf, isActivation } from '../operators';

export interface Flow {
	readonly graph: OnnxGraph;
	readonly constants: Constants;
	readonly makers: ReadonlyMap<string, OnnxNode>;
	readonly takers: ReadonlyMap<string, readonly OnnxNode[]>;
}

export function flowOf(graph: OnnxGraph): Flow {
	const makers = new Map<string, OnnxNode>();
	const takers = new Map<string, OnnxNode[]>();
	for (const node of graph.nodes) {
		for (const output of node.outputs) {
			makers.set(output, node);
		}
		for (const input of new Set(node.inputs)) {
			takers.set(input, [...(takers.get(input) ?? []), node]);
		}
	}
	return { graph, constants: constantsOf(graph), makers, takers };
}

/** The inputs of a node that depend on the picture. */
export function dataInputs(node: OnnxNode, { constants }: Flow): readonly string[] {
	return node.inputs.filter((input) => !constants.names.has(input));
}

/** The value it hands on as it is: of an Identity, a Dropout, or an addition of zeros (Python's `sum` begins with 0). */
export function handedOn(node: OnnxNode, flow: Flow): string | undefined {
	const [input, ...more] = dataInputs(node, flow);
	if (input === undefined || more.length > 0) {
		return undefined;
	}
	switch (node.operator) {
		case 'Identity':
		case 'Dropout':
			return input;
		case 'Add':
		case 'Sum':
			return node.inputs.every((each) => each === input || isZero(each, flow)) ? input : undefined;
		default:
			return undefined;
	}
}

function isZero(value: string, { constants }: Flow): boolean {
	const tensor = constants.tensors.get(value);
	return tensor?.data.every((byte) => byte === 0) === true && (floatsOf(tensor)?.length ?? 0) > 0;
}

/** The value under the name that it was made with. */
export function origin(value: string, flow: Flow): string {
	let name = value;
	for (let node = flow.makers.get(name); node; node = flow.makers.get(name)) {
		const before = handedOn(node, flow);
		if (before === undefined) {
			break;
		}
		name = before;
	}
	return name;
}

/** Every node that a value depends on. */
export function nodesBehind(value: string, { graph }: Flow): ReadonlySet<OnnxNode> {
	const wanted = new Set([value]);
	const found = new Set<OnnxNode>();
	for (const node of graph.nodes.toReversed()) {
		if (node.outputs.some((output) => wanted.has(output))) {
			found.add(node);
			for (const input of node.inputs) {
				wanted.add(input);
			}
		}
	}
	return found;
}

/** Layers that a branch may have behind its dilated convolution, each of one value. */
export function isChainLayer(node: OnnxNode): boolean {
	return node.operator === 'Conv' || node.operator === 'BatchNormalization' || isActivation(node);
}
