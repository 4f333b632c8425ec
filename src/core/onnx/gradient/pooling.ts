/** Backward steps of pooling. */
import { elementCount, intAttribute, integersOf, type OnnxNode } from '../ir';
import { reducedAxes } from '../reshaping';
import { windowOf } from '../window';
import { type BackwardGraph, int } from './backwardGraph';
import { type Matrix, separableBackward, zeroMatrix } from './separable';
import { windowPads } from './windowPads';

/**
 * Every output's gradient goes to the largest value of its window, to the first of equal ones as in PyTorch: the
 * runtime itself tells where it was found.
 */
export function maxPoolBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [input] = node.inputs;
	const shape = graph.shape(node, input);
	if (intAttribute(node, 'storage_order', 0) !== 0) {
		throw graph.unsupported(node, 'its indices are column-major');
	}
	// Places in the whole input, laid out flat.
	const indices = graph.extraOutput(node, 1, `${node.outputs[0]}.indices`);
	const flat = graph.integers([-1]);
	const count = elementCount(shape);
	const zeros = graph.node('Expand', [graph.floats([1], new Float32Array(1)), graph.integers([count])]);
	const scattered = graph.node(
		'ScatterElements',
		[zeros, graph.node('Reshape', [indices, flat]), graph.node('Reshape', [gradient, flat])],
		{ axis: int(0), reduction: { kind: 'string', value: 'add' } },
	);
	graph.contribute(input, graph.node('Reshape', [scattered, graph.integers(shape)]));
}

export function averagePoolBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const window = windowOf(node);
	if (!window) {
		throw graph.unsupported(node, 'only two-dimensional pooling can be differentiated');
	}
	const input = graph.shape(node, node.inputs[0]);
	const output = graph.shape(node, node.outputs[0]);
	const pads = windowPads(node, window, input, output);
	const includePad = intAttribute(node, 'count_include_pad', 0) === 1;
	const matrix = (axis: 0 | 1) =>
		averageMatrix({
			input: input[axis + 2]!,
			output: output[axis + 2]!,
			kernel: window.kernel[axis],
			stride: window.stride[axis],
			dilation: window.dilation[axis],
			before: pads[axis],
			after: pads[axis + 2]!,
			includePad,
		});
	separableBackward(node, gradient, matrix(0), matrix(1), graph);
}

export function globalAveragePoolBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [, , height, width] = graph.shape(node, node.inputs[0]);
	const mean = (size: number): Matrix => ({ rows: 1, columns: size, data: new Float32Array(size).fill(1 / size) });
	separableBackward(node, gradient, mean(height!), mean(width!), graph);
}

/** Each value of the mean's axes gets an equal part of its gradient. */
export function reduceMeanBackward(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	const [input] = node.inputs;
	const shape = graph.shape(node, input);
	const axes = reducedAxes(node, shape.length, (value) => {
		const tensor = graph.constant(value);
		return tensor && integersOf(tensor);
	});
	if (!axes) {
		throw graph.unsupported(node, 'its axes are not in the file');
	}
	const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
	const kept = graph.integers(shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)));
	const part = graph.node('Div', [graph.node('Reshape', [gradient, kept]), graph.scalar(count)]);
	graph.contribute(input, graph.node('Expand', [part, graph.integers(shape)]));
}

/** Averaging along one axis. The values that count are a rectangle of the window, so that axes can be taken apart. */
function averageMatrix(pool: {
	readonly input: number;
	readonly output: number;
	readonly kernel: number;
	readonly stride: number;
	readonly dilation: number;
	readonly before: number;
	readonly after: number;
	readonly includePad: boolean;
}): Matrix {
	const matrix = zeroMatrix(pool.output, pool.input);
	for (let output = 0; output < pool.output; output++) {
		const start = output * pool.stride - pool.before;
		const taps = Array.from({ length: pool.kernel }, (_, tap) => start + tap * pool.dilation);
		const inside = taps.filter((at) => at >= 0 && at < pool.input);
		// With ceil_mode a window may reach beyond the padding; nothing counts there.
		const counted = pool.includePad ? taps.filter((at) => at < pool.input + pool.after) : inside;
		for (const at of inside) {
			matrix.data[output * pool.input + at] = 1 / counted.length;
		}
	}
	return matrix;
}
