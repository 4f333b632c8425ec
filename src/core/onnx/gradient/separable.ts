/** Linear maps that act on rows and columns one after the other: Y = V · X · Hᵀ for every channel. */
import type { OnnxNode } from '../ir';
import type { BackwardGraph } from './backwardGraph';

/** A row-major matrix. */
export interface Matrix {
	readonly rows: number;
	readonly columns: number;
	readonly data: Float32Array;
}

/** dL/dX = Vᵀ · dL/dY · H. `vertical` is output height x input height, `horizontal` output width x input width. */
export function separableBackward(
	node: OnnxNode,
	gradient: string,
	vertical: Matrix,
	horizontal: Matrix,
	graph: BackwardGraph,
): void {
	const across = graph.floats([horizontal.rows, horizontal.columns], horizontal.data);
	const transposed = transpose(vertical);
	const down = graph.floats([transposed.rows, transposed.columns], transposed.data);
	const wide = graph.node('MatMul', [gradient, across]);
	graph.contribute(node.inputs[0], graph.node('MatMul', [down, wide]));
}

export function zeroMatrix(rows: number, columns: number): Matrix {
	return { rows, columns, data: new Float32Array(rows * columns) };
}

function transpose({ rows, columns, data }: Matrix): Matrix {
	const result = zeroMatrix(columns, rows);
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			result.data[column * rows + row] = data[row * columns + column]!;
		}
	}
	return result;
}
