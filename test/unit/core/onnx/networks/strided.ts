/** What tests of output strides share. */
import type { Array4 } from './mini';

/** Every `step`th row and column. */
export function strided({ shape, data }: Array4, step: number): Array4 {
	const [batch, channels, height, width] = shape as [number, number, number, number];
	const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
	const out = new Float32Array(batch * channels * rows * columns);
	let at = 0;
	for (let plane = 0; plane < batch * channels; plane++) {
		for (let row = 0; row < rows; row++) {
			for (let column = 0; column < columns; column++) {
				out[at++] = data[(plane * height + row * step) * width + column * step]!;
			}
		}
	}
	return { shape: [batch, channels, rows, columns], data: out };
}

export function noise(height: number, width: number): Array4 {
	let state = 11;
	const data = new Float32Array(3 * height * width).map(() => {
		state = (state * 48271) % 2147483647;
		return (state / 2147483647) * 255 - 120;
	});
	return { shape: [1, 3, height, width], data };
}
