/** Weights as the networks are built from them, whichever checkpoint they come from. */
import { floatsOf, type Tensor } from '../../checkpoint/tensor';
import { InspectorError } from '../../problem';
import type { FloatTensor } from '../graphBuilder';

/** A convolution with what belongs to it. Tensors keep the names of their file, for errors. */
export interface ConvWeights {
	/** Output channels x input channels x kernel height x kernel width. */
	readonly weight: Tensor;
	/** One value an output channel, of any shape; undefined: zeros. */
	readonly bias?: Tensor | undefined;
	/** The batch norm behind the convolution. */
	readonly norm?: BatchNormWeights | undefined;
}

/** Batch norm with stored statistics, one value a channel: gamma * (x - mean) / sqrt(variance + epsilon) + beta. */
export interface BatchNormWeights {
	readonly gamma: Tensor;
	readonly beta: Tensor;
	readonly mean: Tensor;
	readonly variance: Tensor;
	readonly epsilon: number;
}

/** A convolution ready for the graph: no batch norm left. */
export interface FoldedConv {
	readonly weight: FloatTensor;
	readonly bias: FloatTensor | undefined;
}

/**
 * The convolution that does what convolution and batch norm did: its weights times gamma / sqrt(variance + epsilon),
 * computed in double precision and rounded once. Without a batch norm the data are not copied.
 */
export function foldBatchNorm(conv: ConvWeights): FoldedConv {
	const weight = floatsOf(conv.weight);
	const bias = conv.bias && floatsOf(conv.bias);
	if (!conv.norm) {
		return { weight: { shape: conv.weight.shape, data: weight }, bias: bias && vector(bias) };
	}
	const { gamma, beta, mean, variance, epsilon } = conv.norm;
	const channels = conv.weight.shape[0]!;
	const size = weight.length / channels;
	const folded = new Float32Array(weight.length);
	const shift = new Float32Array(channels);
	for (let channel = 0; channel < channels; channel++) {
		const scale = Number(gamma.data[channel]) / Math.sqrt(Number(variance.data[channel]) + epsilon);
		for (let i = channel * size; i < (channel + 1) * size; i++) {
			folded[i] = weight[i]! * scale;
		}
		shift[channel] = Number(beta.data[channel]) + ((bias?.[channel] ?? 0) - Number(mean.data[channel])) * scale;
	}
	return { weight: { shape: conv.weight.shape, data: folded }, bias: vector(shift) };
}

export function vector(data: Float32Array): FloatTensor {
	return { shape: [data.length], data };
}

/**
 * Checks that a convolution fits what is before it.
 *
 * @param expected Input channels, and the height and width of the kernel.
 * @param file The checkpoint's name, for errors.
 * @returns Number of output channels.
 * @throws InspectorError `weights.damaged` naming the tensor.
 */
export function checkConv(
	{ weight, bias, norm }: ConvWeights,
	expected: { readonly inputChannels: number; readonly kernel: number },
	file: string,
): number {
	const [channels = 0] = weight.shape;
	const { inputChannels, kernel } = expected;
	const wanted = [channels, inputChannels, kernel, kernel].join('x');
	if (channels === 0 || weight.shape.join('x') !== wanted) {
		const shown = ['channels', inputChannels, kernel, kernel].join('x');
		throw damaged(file, `tensor “${weight.name}” is ${weight.shape.join('x') || 'a scalar'} instead of ${shown}`);
	}
	for (const tensor of [bias, norm?.gamma, norm?.beta, norm?.mean, norm?.variance]) {
		if (tensor && tensor.data.length !== channels) {
			throw damaged(file, `tensor “${tensor.name}” has ${tensor.data.length} values instead of ${channels}`);
		}
	}
	return channels;
}

function damaged(name: string, detail: string): InspectorError {
	return new InspectorError({ code: 'weights.damaged', name, detail });
}
