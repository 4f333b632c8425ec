/** Where a network can be cut, and which values cross each cut. */
import { DataType, intAttribute, type OnnxGraph, type OnnxNode } from '../onnx/ir';
import { layerPaths } from '../onnx/layerPaths';
import { constantsOf, isActivation } from '../onnx/operators';

/** A layer with the activations behind it, which runtimes compute in one go. */
export interface ProbeUnit {
	/** Dotted name, as layers are listed. */
	readonly layer: string;
	/** `Conv`, or with an activation `Conv + Relu`. */
	readonly operator: string;
	/** The float32 values of other units that it reads. */
	readonly inputs: readonly string[];
	/** Its float32 values that others read, or the target. */
	readonly outputs: readonly string[];
}

export interface ProbePlan {
	/** Everything that the target depends on, in an order in which it can be computed. */
	readonly units: readonly ProbeUnit[];
	/**
	 * For each cut the values that cross it: made by the units before it and read behind it. Cut `k` lies before unit `k`,
	 * so none crosses the first; the last has the target alone.
	 */
	readonly cuts: readonly (readonly string[])[];
}

/** @param target name of the value that everything leads to, such as `logits` */
export function planProbes(graph: OnnxGraph, target: string): ProbePlan {
	const constants = constantsOf(graph);
	const nodes = ancestors(graph, target).filter(({ outputs }) => !outputs.every((each) => constants.names.has(each)));
	const paths = layerPaths(graph, constants);
	const floats = floatValues(graph);
	const groups = grouped(nodes, target, (value) => constants.names.has(value));

	const made = new Set(groups.flatMap((group) => group.at(-1)!.outputs));
	/** Index of the last unit that reads a value; the target is read behind all. */
	const lastRead = new Map([[target, groups.length]]);
	for (const [index, group] of groups.entries()) {
		for (const input of group.flatMap(({ inputs }) => inputs)) {
			lastRead.set(input, Math.max(index, lastRead.get(input) ?? index));
		}
	}
	const units = groups.map((group, index): ProbeUnit => {
		const [first] = group as readonly [OnnxNode, ...OnnxNode[]];
		return {
			layer: paths.get(first)?.join('.') ?? (first.name || first.outputs[0] || first.operator),
			operator: group.map(({ operator }) => operator).join(' + '),
			inputs: [...new Set(group.flatMap(({ inputs }) => inputs))].filter(
				(value) => made.has(value) && floats.has(value),
			),
			outputs: group
				.flatMap(({ outputs }) => outputs)
				.filter((value) => floats.has(value) && (lastRead.get(value) ?? -1) > index),
		};
	});
	const cuts: string[][] = [[]];
	let live: string[] = [];
	for (const [index, { outputs }] of units.entries()) {
		live = [...live.filter((value) => lastRead.get(value)! > index), ...outputs];
		cuts.push(live);
	}
	return { units, cuts };
}

/** The nodes that a value depends on, in the graph's order. */
function ancestors({ nodes }: OnnxGraph, target: string): OnnxNode[] {
	const wanted = new Set([target]);
	return nodes
		.toReversed()
		.filter(({ inputs, outputs }) => {
			const isWanted = outputs.some((output) => wanted.has(output));
			for (const input of isWanted ? inputs : []) {
				wanted.add(input);
			}
			return isWanted;
		})
		.reverse();
}

/** Each node with the activations that alone read what it makes. */
function grouped(
	nodes: readonly OnnxNode[],
	target: string,
	isConstant: (value: string) => boolean,
): readonly (readonly OnnxNode[])[] {
	const takers = new Map<string, OnnxNode[]>();
	for (const node of nodes) {
		for (const input of new Set(node.inputs)) {
			takers.set(input, [...(takers.get(input) ?? []), node]);
		}
	}
	const follower = ({ outputs }: OnnxNode): OnnxNode | undefined => {
		const [output, ...others] = outputs.filter((value) => takers.has(value) || value === target);
		const [next, ...more] = takers.get(output ?? '') ?? [];
		const joins =
			next &&
			more.length === 0 &&
			others.length === 0 &&
			output !== target &&
			isActivation(next) &&
			next.operator !== 'Cast';
		return joins && next.inputs.every((input) => input === output || isConstant(input)) ? next : undefined;
	};
	const taken = new Set<OnnxNode>();
	const groups: OnnxNode[][] = [];
	for (const node of nodes) {
		if (taken.has(node)) {
			continue;
		}
		const group = [node];
		for (let next = follower(node); next; next = follower(next)) {
			group.push(next);
			taken.add(next);
		}
		groups.push(group);
	}
	return groups;
}

/** Values of float32; sizes and masks, which graphs of other tools compute, are of other types. */
function floatValues(graph: OnnxGraph): ReadonlySet<string> {
	const types = new Map<string, number | undefined>();
	for (const { name, dataType } of [...graph.inputs, ...graph.initializers]) {
		types.set(name, dataType);
	}
	for (const node of graph.nodes) {
		for (const [index, output] of node.outputs.entries()) {
			types.set(output, outputType(node, index, types));
		}
	}
	return new Set([...types].filter(([, type]) => type === DataType.float).map(([name]) => name));
}

function outputType(node: OnnxNode, index: number, types: ReadonlyMap<string, number | undefined>): number | undefined {
	const typeOf = (input: number) => types.get(node.inputs[input] ?? '');
	switch (node.operator) {
		case 'Cast':
			return intAttribute(node, 'to', 0);
		case 'Constant':
		case 'ConstantOfShape': {
			const value = node.attributes.get('value');
			if (value?.kind === 'tensor') {
				return value.value.dataType;
			}
			const isFloat = node.operator === 'ConstantOfShape' || node.attributes.has('value_float');
			return isFloat || node.attributes.has('value_floats') ? DataType.float : DataType.int64;
		}
		case 'ArgMax':
		case 'ArgMin':
		case 'NonZero':
		case 'Shape':
		case 'Size':
			return DataType.int64;
		case 'And':
		case 'Equal':
		case 'Greater':
		case 'GreaterOrEqual':
		case 'IsInf':
		case 'IsNaN':
		case 'Less':
		case 'LessOrEqual':
		case 'Not':
		case 'Or':
		case 'Xor':
			return DataType.bool;
		case 'Where':
			return typeOf(1);
		case 'OneHot':
			return typeOf(2);
		case 'If':
		case 'Loop':
		case 'Scan':
			return undefined;
		case 'BatchNormalization':
		case 'Dropout':
		case 'LayerNormalization':
		case 'MaxPool':
		case 'TopK':
			return index === 0 ? typeOf(0) : undefined;
		default:
			return typeOf(0);
	}
}
