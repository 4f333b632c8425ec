/** The network as a tree of layers, for people. */
import { receptiveFields } from '../aspp/receptiveField';
import { checkModel } from '../health/checkModel';
import { ownInputSize } from '../image/ownInputSize';
import type { NetworkDescription, NetworkNode, ReceptiveField } from '../model';
import { elementCount, intAttribute, type OnnxModel, type OnnxNode } from './ir';
import { layerPaths } from './layerPaths';
import { readMetadata } from './metadata';
import { type Constants, constantsOf, weightInputs } from './operators';
import { inferShapes, pictureInput, type Shape } from './shapes';
import { windowOf } from './window';

/**
 * The layers in the graph's order, grouped by their dotted names. An activation belongs to the layer before it and
 * has no line of its own. A group's parameters are the sum of its layers'; its shape and receptive field are its last
 * layer's.
 *
 * @param bytes Size of the model file.
 * @param name The file's name, for errors.
 * @param givenSize Height and width in pixels that shapes are given for, where the graph leaves them open. Default: the
 * model's own.
 * @throws InspectorError `model.unsupported` where the file does not describe itself.
 */
export function describeNetwork(
	model: OnnxModel,
	bytes: number,
	name: string,
	givenSize?: readonly [height: number, width: number],
): NetworkDescription {
	const metadata = readMetadata(model, name);
	const { graph } = model;
	const inputSize = givenSize ?? ownInputSize(metadata.preprocessing);
	const shapes = inferShapes(graph, inputSize);
	const tree = layerTree(model, shapes);
	const input = pictureInput(graph);
	const shape = input && shapes.get(input.name);
	const usedSize = shape ? ([shape[2]!, shape[3]!] as const) : inputSize;
	return {
		metadata,
		inputSize: usedSize,
		parameters: tree.reduce((sum, node) => sum + node.parameters, 0),
		bytes,
		opset: model.opset,
		tree,
		findings: checkModel(model, metadata, usedSize),
	};
}

function layerTree({ graph }: OnnxModel, shapes: ReadonlyMap<string, Shape>): NetworkNode[] {
	const constants = constantsOf(graph);
	const fields = receptiveFields(graph);
	const root = new Group('', '');
	const counted = new Set<string>();
	for (const [node, parts] of layerPaths(graph, constants)) {
		const [output = ''] = node.outputs;
		root.at(parts).layer = describeLayer(node, constants, counted, shapes.get(output), fields.get(output));
	}
	return root.finish().children.slice();
}

type Layer = Omit<NetworkNode, 'name' | 'path' | 'children'>;

function describeLayer(
	node: OnnxNode,
	constants: Constants,
	counted: Set<string>,
	shape: Shape | undefined,
	receptiveField: ReceptiveField | undefined,
): Layer {
	let parameters = 0;
	for (const index of weightInputs(node)) {
		const tensor = constants.tensors.get(node.inputs[index] ?? '');
		// Layers may share a tensor; it counts where it is used first.
		if (tensor && !counted.has(tensor.name)) {
			counted.add(tensor.name);
			parameters += elementCount(tensor.dims);
		}
	}
	const window = windowOf(node, constants.tensors.get(node.inputs[1] ?? '')?.dims);
	return {
		operator: node.operator,
		parameters,
		...(shape?.length === 4 ? { outputShape: [shape[1]!, shape[2]!, shape[3]!] as const } : {}),
		...(window ? { kernel: window.kernel, stride: window.stride, dilation: window.dilation } : {}),
		...(window?.padding ? { padding: window.padding } : {}),
		...(node.operator === 'Conv' ? { groups: intAttribute(node, 'group', 1) } : {}),
		...(receptiveField ? { receptiveField } : {}),
	};
}

class Group {
	layer: Layer | undefined;
	readonly #children = new Map<string, Group>();

	constructor(
		private readonly name: string,
		private readonly path: string,
	) {}

	at(parts: readonly string[]): Group {
		let group: Group = this;
		for (const part of parts) {
			let child = group.#children.get(part);
			if (!child) {
				child = new Group(part, group.path === '' ? part : `${group.path}.${part}`);
				group.#children.set(part, child);
			}
			group = child;
		}
		return group;
	}

	finish(): NetworkNode {
		const children = [...this.#children.values()].map((child) => child.finish());
		const last = children.at(-1);
		const layer: Layer = this.layer ?? {
			parameters: 0,
			...(last?.outputShape ? { outputShape: last.outputShape } : {}),
			...(last?.receptiveField ? { receptiveField: last.receptiveField } : {}),
		};
		const parameters = children.reduce((sum, child) => sum + child.parameters, layer.parameters);
		return { ...layer, name: this.name, path: this.path, parameters, children };
	}
}
