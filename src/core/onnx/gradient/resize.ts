import { floatsOf, intAttribute, type OnnxNode, stringAttribute } from '../ir';
import type { BackwardGraph } from './backwardGraph';
import { type Matrix, separableBackward, zeroMatrix } from './separable';

/** The rules of https://onnx.ai/onnx/operators/onnx__Resize.html for which there is a matrix here. */
interface ResizeRule {
	readonly coordinates: 'half_pixel' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric';
	readonly mode: 'nearest' | 'linear';
	readonly nearest: 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';
}

/** Bilinear or nearest resizing of height and width, as the linear map it is. */
export function resizeBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const input = graph.shape(node, node.inputs[0]);
	const output = graph.shape(node, node.outputs[0]);
	const rule = ruleOf(node, graph);
	if (input.length !== 4 || input[0] !== output[0] || input[1] !== output[1]) {
		throw graph.unsupported(node, 'it resizes more than height and width');
	}
	if (intAttribute(node, 'antialias', 0) !== 0) {
		throw graph.unsupported(node, 'antialiased resizing cannot be differentiated');
	}
	if (stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch' || node.attributes.has('axes')) {
		throw graph.unsupported(node, 'resizing by chosen axes or a kept aspect ratio cannot be differentiated');
	}
	const scalesTensor = graph.constant(node.inputs[2]);
	const stated = scalesTensor && floatsOf(scalesTensor);
	const matrix = (axis: number) =>
		resizeMatrix(input[axis]!, output[axis]!, stated?.[axis] ?? output[axis]! / input[axis]!, rule);
	separableBackward(node, gradient, matrix(2), matrix(3), graph);
}

function ruleOf(node: OnnxNode, graph: BackwardGraph): ResizeRule {
	const choose = <T extends string>(name: string, fallback: T, ...values: readonly T[]): T => {
		const stated = stringAttribute(node, name, fallback);
		const value = [fallback, ...values].find((candidate) => candidate === stated);
		if (value === undefined) {
			throw graph.unsupported(node, `resizing with ${name} “${stated}” cannot be differentiated`);
		}
		return value;
	};
	return {
		coordinates: choose<ResizeRule['coordinates']>(
			'coordinate_transformation_mode',
			'half_pixel',
			'pytorch_half_pixel',
			'align_corners',
			'asymmetric',
		),
		mode: choose<ResizeRule['mode']>('mode', 'nearest', 'linear'),
		nearest: choose<ResizeRule['nearest']>('nearest_mode', 'round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'),
	};
}

/** Output size x input size. Coordinates are rounded to float32 as the runtime's are: of a tie it depends on that. */
export function resizeMatrix(input: number, output: number, scale: number, rule: ResizeRule): Matrix {
	const matrix = zeroMatrix(output, input);
	for (let row = 0; row < output; row++) {
		const at = Math.fround(coordinate(row, input, output, scale, rule.coordinates));
		if (rule.mode === 'nearest') {
			matrix.data[row * input + clamp(rounded(at, rule.nearest), input)] = 1;
			continue;
		}
		const position = Math.min(Math.max(at, 0), input - 1);
		const lower = Math.floor(position);
		const fraction = position - lower;
		matrix.data[row * input + lower]! += 1 - fraction;
		matrix.data[row * input + clamp(lower + 1, input)]! += fraction;
	}
	return matrix;
}

function coordinate(
	position: number,
	input: number,
	output: number,
	scale: number,
	rule: ResizeRule['coordinates'],
): number {
	switch (rule) {
		case 'half_pixel':
			return (position + 0.5) / scale - 0.5;
		case 'pytorch_half_pixel':
			return output > 1 ? (position + 0.5) / scale - 0.5 : 0;
		case 'align_corners':
			return output > 1 ? (position * (input - 1)) / (output - 1) : 0;
		case 'asymmetric':
			return position / scale;
	}
}

function rounded(at: number, rule: ResizeRule['nearest']): number {
	switch (rule) {
		case 'round_prefer_floor':
			return Math.ceil(at - 0.5);
		case 'round_prefer_ceil':
			return Math.floor(at + 0.5);
		case 'floor':
			return Math.floor(at);
		case 'ceil':
			return Math.ceil(at);
	}
}

function clamp(index: number, size: number): number {
	return Math.min(Math.max(index, 0), size - 1);
}
