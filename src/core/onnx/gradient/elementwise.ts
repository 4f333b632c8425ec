/** Backward steps of operators that work value by value, with broadcasting. */
import { elementCount, floatsOf, intAttribute, type OnnxNode } from '../ir';
import type { Shape } from '../shapes';
import { type BackwardGraph, int } from './backwardGraph';

/** Nothing passes at 0, as in PyTorch. The output tells as much as the input, and keeps Conv and Relu fusable. */
export function reluBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const passes = graph.node('Greater', [node.outputs[0]!, graph.scalar(0)]);
	graph.contribute(node.inputs[0], masked(gradient, passes, graph));
}

export function leakyReluBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const attribute = node.attributes.get('alpha');
	const alpha = attribute?.kind === 'float' ? attribute.value : 0.01;
	const passes = graph.node('Greater', [node.inputs[0]!, graph.scalar(0)]);
	const leaked = graph.node('Mul', [gradient, graph.scalar(alpha)]);
	graph.contribute(node.inputs[0], graph.node('Where', [passes, gradient, leaked]));
}

/** Nothing passes at the limits themselves, as in PyTorch's ReLU6 (hardtanh). */
export function clipBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [input, least, most] = node.inputs;
	const output = node.outputs[0]!;
	const sides: string[] = [];
	for (const [limit, comparison] of [
		[least, 'Greater'],
		[most, 'Less'],
	] as const) {
		if (limit) {
			if (graph.isActive(limit)) {
				throw graph.unsupported(node, 'its limits depend on the picture');
			}
			sides.push(graph.node(comparison, [output, limit]));
		}
	}
	const passes = sides.length === 2 ? graph.node('And', sides) : sides[0];
	graph.contribute(input, passes === undefined ? gradient : masked(gradient, passes, graph));
}

export function addBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	for (const input of node.inputs) {
		contributeReduced(node, input, () => gradient, graph);
	}
}

export function subtractBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [left, right] = node.inputs;
	contributeReduced(node, left, () => gradient, graph);
	contributeReduced(node, right, () => graph.node('Neg', [gradient]), graph);
}

export function multiplyBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [left = '', right = ''] = node.inputs;
	contributeReduced(node, left, () => graph.node('Mul', [gradient, right]), graph);
	contributeReduced(node, right, () => graph.node('Mul', [gradient, left]), graph);
}

export function divideBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [left = '', right = ''] = node.inputs;
	if (graph.isActive(right)) {
		throw graph.unsupported(node, 'its divisor depends on the picture');
	}
	contributeReduced(node, left, () => graph.node('Div', [gradient, right]), graph);
}

/** Every repetition of a value adds its part. */
export function expandBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	contributeReduced(node, node.inputs[0], () => gradient, graph);
}

/** In inference: y = (x - mean) / sqrt(variance + epsilon) * scale + bias, a channel at a time. */
export function batchNormBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [input, scaleName, , , varianceName] = node.inputs;
	const [scale, variance] = [scaleName, varianceName].map((name) => {
		const tensor = graph.constant(name);
		return tensor && floatsOf(tensor);
	});
	if (!scale || !variance || intAttribute(node, 'training_mode', 0) !== 0 || intAttribute(node, 'spatial', 1) !== 1) {
		throw graph.unsupported(node, 'only its inference form, with float32 numbers in the file, can be differentiated');
	}
	const attribute = node.attributes.get('epsilon');
	const epsilon = attribute?.kind === 'float' ? attribute.value : 1e-5;
	const rank = graph.shape(node, input).length;
	const factors = scale.map((value, channel) => value / Math.sqrt(variance[channel]! + epsilon));
	const shape = Array.from({ length: rank }, (_, axis) => (axis === 1 ? scale.length : 1));
	graph.contribute(input, graph.node('Mul', [gradient, graph.floats(shape, factors)]));
}

function masked(gradient: string, passes: string, graph: BackwardGraph): string {
	return graph.node('Where', [passes, gradient, graph.scalar(0)]);
}

/** The gradient, summed over the axes along which the input was broadcast. */
function contributeReduced(
	node: OnnxNode,
	input: string | undefined,
	gradient: () => string,
	graph: BackwardGraph,
): void {
	if (input === undefined || !graph.isActive(input)) {
		return;
	}
	const from = graph.shape(node, node.outputs[0]);
	const to = graph.shape(node, input);
	const axes = broadcastAxes(from, to);
	let value = gradient();
	if (axes.length > 0) {
		value = graph.node('ReduceSum', [value, graph.integers(axes)], { keepdims: int(1) });
	}
	if (from.length !== to.length) {
		value = graph.node('Reshape', [value, graph.integers(to)]);
	}
	graph.contribute(input, value);
}

/** Axes of the result along which an operand was repeated. */
function broadcastAxes(result: Shape, operand: Shape): number[] {
	const added = result.length - operand.length;
	if (elementCount(result) === elementCount(operand)) {
		return [];
	}
	return result.flatMap((size, axis) => (size !== 1 && (operand[axis - added] ?? 1) === 1 ? [axis] : []));
}
