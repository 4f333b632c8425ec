/** Where the operators of a trace belong in the network's tree. */
import type { OnnxModel, OnnxNode } from '../onnx/ir';
import { layerPaths } from '../onnx/layerPaths';
import { constantsOf } from '../onnx/operators';

export interface NamedModel {
	/** Each of its nodes has a name, and no other the same. */
	readonly model: OnnxModel;
	/** False where it is the model that was given. */
	readonly renamed: boolean;
	/** Groups and name of an operator, by its node's name; one that the runtime has put in is by its own name. */
	pathOf(nodeName: string): readonly string[];
}

/** Names nodes by their places in the tree where a trace could not tell them from each other. */
export function nameOperators(model: OnnxModel): NamedModel {
	const { graph } = model;
	const listed = layerPaths(graph, constantsOf(graph));
	const partsOf = (node: OnnxNode) => listed.get(node) ?? partsOfName(node.name || node.outputs[0] || node.operator);
	const paths = new Map<string, readonly string[]>();
	let renamed = false;
	const nodes = graph.nodes.map((node) => {
		const parts = partsOf(node);
		let { name } = node;
		if (name === '' || paths.has(name) || unsafe.test(name)) {
			const wanted = parts.join('.').replace(/[^\w.#-]/g, '_');
			name = wanted;
			for (let number = 2; paths.has(name); number++) {
				name = `${wanted}~${number}`;
			}
			renamed = true;
		}
		paths.set(name, parts);
		return name === node.name ? node : { ...node, name };
	});
	return {
		model: renamed ? { ...model, graph: { ...graph, nodes } } : model,
		renamed,
		pathOf: (name) => paths.get(name) ?? partsOfName(name),
	};
}

/** The runtime writes names into its JSON as they are. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what breaks a JSON text
const unsafe = /["\\\u0000-\u001f]/;

function partsOfName(name: string): readonly string[] {
	const parts = name.split(/[./]/).filter((part) => part !== '');
	return parts.length > 0 ? parts : [name];
}
