/** The sliding window of a 2-D convolution or pooling node. */
import { intAttribute, intsAttribute, type OnnxNode, stringAttribute } from './ir';

export interface Window {
	/** Height and width. */
	readonly kernel: readonly [number, number];
	readonly stride: readonly [number, number];
	readonly dilation: readonly [number, number];
	/** Undefined where `auto_pad` makes it depend on the input's size. */
	readonly padding?: readonly [top: number, left: number, bottom: number, right: number];
	/** Whether the output is `ceil(input / stride)`, as `auto_pad` SAME has it. */
	readonly same: boolean;
	readonly ceilMode: boolean;
}

/** `kernel + (kernel - 1) * (rate - 1)`: the extent of a dilated kernel. */
export function effectiveKernel(kernel: number, rate: number): number {
	return kernel + (kernel - 1) * (rate - 1);
}

/**
 * The window of a Conv, MaxPool or AveragePool node; undefined for other nodes and other than 2-D windows.
 *
 * @param weightDims Dimensions of a Conv's weight, for a node that does not state its kernel.
 */
export function windowOf(node: OnnxNode, weightDims?: readonly number[]): Window | undefined {
	if (node.operator !== 'Conv' && node.operator !== 'MaxPool' && node.operator !== 'AveragePool') {
		return undefined;
	}
	const kernel = pair(intsAttribute(node, 'kernel_shape') ?? weightDims?.slice(2));
	const stride = pair(intsAttribute(node, 'strides') ?? [1, 1]);
	const dilation = pair(intsAttribute(node, 'dilations') ?? [1, 1]);
	if (!kernel || !stride || !dilation) {
		return undefined;
	}
	const window = { kernel, stride, dilation, ceilMode: intAttribute(node, 'ceil_mode', 0) === 1 };
	switch (stringAttribute(node, 'auto_pad', 'NOTSET')) {
		case 'SAME_UPPER':
			return { ...window, same: true, ...samePadding(window, Math.floor) };
		case 'SAME_LOWER':
			return { ...window, same: true, ...samePadding(window, Math.ceil) };
		case 'VALID':
			return { ...window, same: false, padding: [0, 0, 0, 0] };
		default: {
			const pads = intsAttribute(node, 'pads') ?? [0, 0, 0, 0];
			const isValid = pads.length === 4 && pads.every((pad) => pad >= 0);
			return isValid ? { ...window, same: false, padding: pads as [number, number, number, number] } : undefined;
		}
	}
}

/** Only at stride 1 is SAME padding the same for every input size. */
function samePadding(
	{ kernel, stride, dilation }: Pick<Window, 'kernel' | 'stride' | 'dilation'>,
	before: (half: number) => number,
): Pick<Window, 'padding'> {
	if (stride[0] !== 1 || stride[1] !== 1) {
		return {};
	}
	const height = effectiveKernel(kernel[0], dilation[0]) - 1;
	const width = effectiveKernel(kernel[1], dilation[1]) - 1;
	const top = before(height / 2);
	const left = before(width / 2);
	return { padding: [top, left, height - top, width - left] };
}

function pair(values: readonly number[] | undefined): [number, number] | undefined {
	return values?.length === 2 && values.every((value) => value >= 1) ? [values[0]!, values[1]!] : undefined;
}
