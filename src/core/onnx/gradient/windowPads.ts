import { type OnnxNode, stringAttribute } from '../ir';
import type { Shape } from '../shapes';
import { effectiveKernel, type Window } from '../window';

/**
 * The padding of a window at a given size, also where `auto_pad` makes it depend on that.
 * @param input N x C x H x W
 */
export function windowPads(
	node: OnnxNode,
	window: Window,
	input: Shape,
	output: Shape,
): readonly [top: number, left: number, bottom: number, right: number] {
	if (window.padding) {
		return window.padding;
	}
	const isUpper = stringAttribute(node, 'auto_pad', '') === 'SAME_UPPER';
	const along = (axis: 0 | 1): [before: number, after: number] => {
		const extent = effectiveKernel(window.kernel[axis], window.dilation[axis]);
		const total = Math.max(0, (output[axis + 2]! - 1) * window.stride[axis] + extent - input[axis + 2]!);
		const less = Math.floor(total / 2);
		return isUpper ? [less, total - less] : [total - less, less];
	};
	const [top, bottom] = along(0);
	const [left, right] = along(1);
	return [top, left, bottom, right];
}
