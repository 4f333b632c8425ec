/**
 * Reverse-mode differentiation of a convolutional network with respect to its picture, as another ONNX model.
 * Source of the method: Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3; what each operator's backward
 * step does at kinks and ties follows PyTorch's autograd.
 */
import { InspectorError } from '../../problem';
import { DataType, type Dimension, type OnnxGraph, type OnnxModel, type OnnxNode } from '../ir';
import { constantsOf } from '../operators';
import { inferShapes, pictureInput, type Shape } from '../shapes';
import { BackwardGraph, unsupportedBy } from './backwardGraph';
import { gradientOpset, modernised, withoutCeilMode } from './forward';
import { propagate } from './rules';

export interface GradientOptions {
	/** Height and width of the picture input in pixels: the new model is for this size alone. */
	readonly inputSize: readonly [height: number, width: number];
	/** Values of the graph that are differentiated: outputs or any in between, float32. */
	readonly targets: readonly string[];
	/** The model file's name, for errors. */
	readonly name: string;
}

export interface GradientSeed {
	/** The value that is differentiated; also an output of the model. */
	readonly target: string;
	/** The input with dL/dtarget: zeros leave the target out. */
	readonly input: string;
	/** Of both. */
	readonly shape: Shape;
}

export interface GradientModel {
	readonly model: OnnxModel;
	/** The picture input, 1 x 3 x height x width, as in the network. */
	readonly input: string;
	readonly inputShape: Shape;
	/** One a target, in their order. */
	readonly seeds: readonly GradientSeed[];
	/** The output with dL/dinput, of the input's shape. */
	readonly gradient: string;
}

const leastIrVersion = 8;

/**
 * A model that computes the targets and the gradient of L with respect to the picture, where L is any function of the
 * targets whose derivatives dL/dtarget are fed as seeds. Only what lies between the picture and a target is in it;
 * weights are shared with `source` where the backward step takes them as they are.
 *
 * @throws InspectorError `model.unsupported` naming the node and operator that cannot be differentiated, or the
 * target that does not depend on the picture.
 */
export function buildGradientModel(source: OnnxModel, { inputSize, targets, name }: GradientOptions): GradientModel {
	const fail = (detail: string) => new InspectorError({ code: 'model.unsupported', name, detail });
	if (source.opset < 7) {
		throw fail(`operator set ${source.opset} is too old to be differentiated; 7 is the oldest`);
	}
	const needed = neededFor(modernised(source.graph, source.opset), targets);
	const shapes = inferShapes(needed, inputSize);
	const graph = withoutCeilMode(needed, shapes);
	const picture = pictureInput(source.graph);
	const inputShape = picture && shapes.get(picture.name);
	if (!picture || !inputShape || picture.dataType !== DataType.float) {
		throw fail('no float32 picture input of four dimensions');
	}
	if (inputShape[2] !== inputSize[0] || inputShape[3] !== inputSize[1]) {
		throw fail(`its input is ${inputShape.join('x')}, not ${inputSize.join('x')}`);
	}
	const active = dependentOn(picture.name, graph);
	const backward = new BackwardGraph(graph, { shapes, active, constants: constantsOf(graph).tensors, name });
	const seeds = targets.map((target): GradientSeed => {
		const shape = shapes.get(target);
		if (!active.has(target) || !shape) {
			throw fail(active.has(target) ? `the shape of “${target}” is unknown` : `“${target}” is not made of the picture`);
		}
		const input = backward.unusedName(`seed.${target}`);
		backward.contribute(target, input);
		return { target, input, shape };
	});
	for (const node of graph.nodes.toReversed()) {
		const gradient = backward.gradientOf(node.outputs[0] ?? '');
		if (gradient !== undefined) {
			if (node.domain && node.domain !== 'ai.onnx') {
				throw unsupportedBy(name, node, `operators of ${node.domain} cannot be differentiated`);
			}
			propagate(node, gradient, backward);
		}
	}
	const total = backward.gradientOf(picture.name);
	if (total === undefined) {
		throw fail('no target depends on the picture');
	}
	const gradient = backward.node('Identity', [total], {}, 'gradient');
	const tensor = (value: string, shape: readonly Dimension[]) => ({ name: value, dataType: DataType.float, shape });
	const model: OnnxModel = {
		irVersion: Math.max(source.irVersion, leastIrVersion),
		opset: Math.max(source.opset, gradientOpset),
		producer: 'DeepLab Inspector',
		metadata: {},
		graph: {
			...backward.finish(`${graph.name}.gradient`),
			inputs: [tensor(picture.name, inputShape), ...seeds.map(({ input, shape }) => tensor(input, shape))],
			outputs: [...seeds.map(({ target, shape }) => tensor(target, shape)), tensor(gradient, inputShape)],
		},
	};
	return { model, input: picture.name, inputShape, seeds, gradient };
}

/** The graph without nodes that no target is made of. */
function neededFor(graph: OnnxGraph, targets: readonly string[]): OnnxGraph {
	const needed = new Set(targets);
	const nodes: OnnxNode[] = [];
	for (const node of graph.nodes.toReversed()) {
		if (node.outputs.some((output) => output !== '' && needed.has(output))) {
			nodes.push(node);
			for (const input of node.inputs) {
				needed.add(input);
			}
		}
	}
	return { ...graph, nodes: nodes.reverse() };
}

/** The values that are made of `input`, and itself. A shape is none: it is the same for every picture of one size. */
function dependentOn(input: string, { nodes }: OnnxGraph): Set<string> {
	const active = new Set([input]);
	for (const node of nodes) {
		const isShape = node.operator === 'Shape' || node.operator === 'Size';
		if (!isShape && node.inputs.some((value) => active.has(value))) {
			for (const output of node.outputs) {
				active.add(output);
			}
		}
	}
	active.delete('');
	return active;
}
