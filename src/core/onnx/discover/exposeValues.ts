/** Makes inner values of a graph its outputs, under names of choice. */
import { InspectorError } from '../../problem';
import { hasSubgraph } from '../cutGraph';
import { DataType, type OnnxGraph, type OnnxNode, type ValueInfo } from '../ir';

export interface ExposedValue {
	readonly value: string;
	/** Name of the output. */
	readonly output: string;
	/** Undefined where it is not known. */
	readonly channels: number | undefined;
}

/**
 * Adds outputs of float32, 1 x channels x height x width. A value with another name is handed on by an Identity; a value
 * that has the output's name and is another one is renamed. All else stays as it is.
 *
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` where a value would have to be renamed that a subgraph may read
 */
export function exposeValues(graph: OnnxGraph, exposed: readonly ExposedValue[], name: string): OnnxGraph {
	const clashing = exposed.filter(({ value, output }) => value !== output).map(({ output }) => output);
	const taken = namesOf(graph);
	const renamed = new Map(clashing.filter((each) => taken.has(each)).map((each) => [each, freeName(each, taken)]));
	if (renamed.size > 0 && graph.nodes.some(hasSubgraph)) {
		const detail = `it has values of its own named ${[...renamed.keys()].join(', ')}, which its subgraphs may read`;
		throw new InspectorError({ code: 'model.unsupported', name, detail });
	}
	const base = renamed.size > 0 ? renameValues(graph, renamed) : graph;
	const outputs = new Set(base.outputs.map((output) => output.name));
	return {
		...base,
		nodes: [
			...base.nodes,
			...exposed.flatMap(({ value, output }) =>
				value === output ? [] : [identity(renamed.get(value) ?? value, output)],
			),
		],
		outputs: [
			...base.outputs,
			...exposed.filter(({ output }) => !outputs.has(output)).map(({ output, channels }) => mapInfo(output, channels)),
		],
	};
}

function identity(input: string, output: string): OnnxNode {
	return { name: `deeplab/${output}`, operator: 'Identity', inputs: [input], outputs: [output], attributes: new Map() };
}

function mapInfo(name: string, channels: number | undefined): ValueInfo {
	return { name, dataType: DataType.float, shape: [null, channels ?? null, null, null] };
}

function namesOf({ nodes, inputs, initializers }: OnnxGraph): ReadonlySet<string> {
	return new Set([
		...nodes.flatMap((node) => [...node.inputs, ...node.outputs]),
		...inputs.map((input) => input.name),
		...initializers.map((tensor) => tensor.name),
	]);
}

function freeName(name: string, taken: ReadonlySet<string>): string {
	let free = `${name}.own`;
	while (taken.has(free)) {
		free += '_';
	}
	return free;
}

/** First byte of `value_info`'s field: notes of shapes by name, which would be wrong for the new values. */
export const valueInfoTag = 13 * 8 + 2;

function renameValues(graph: OnnxGraph, names: ReadonlyMap<string, string>): OnnxGraph {
	const rename = (value: string) => names.get(value) ?? value;
	return {
		...graph,
		nodes: graph.nodes.map((node) => ({
			...node,
			inputs: node.inputs.map(rename),
			outputs: node.outputs.map(rename),
		})),
		initializers: graph.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
		inputs: graph.inputs.map((input) => ({ ...input, name: rename(input.name) })),
		outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
		...(graph.extra ? { extra: graph.extra.filter((field) => field[0] !== valueInfoTag) } : {}),
	};
}
