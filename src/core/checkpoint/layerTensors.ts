/** A checkpoint's tensors under PyTorch's names for the parts of a layer, whichever library wrote them. */
import type { BatchNormWeights, ConvWeights } from '../onnx/networks/weights';
import { InspectorError } from '../problem';
import { floatsOf, type Tensor } from './tensor';

/** Names of a convolution and of the batch norm behind it, without `.weight` and the like. */
export interface LayerNames {
	readonly conv: string;
	readonly norm: string;
}

/**
 * Finds a network's layers among tensors named `<layer>.weight`, `.bias`, `.running_mean` and `.running_var`, and keeps
 * account of those that were taken.
 */
export class LayerTensors {
	readonly #taken = new Set<string>();

	/**
	 * @param file The checkpoint's name, for errors.
	 * @param epsilon Of the batch norms; undefined: PyTorch's and Caffe's.
	 */
	constructor(
		readonly tensors: ReadonlyMap<string, Tensor>,
		readonly file: string,
		private readonly epsilon: number = 1e-5,
	) {}

	has(layer: string): boolean {
		return this.tensors.has(`${layer}.weight`);
	}

	/**
	 * A convolution with its bias, if it has one, and its batch norm, if one is named.
	 * @throws InspectorError `weights.damaged` naming the tensor that is missing
	 */
	conv(conv: string, norm?: string): ConvWeights {
		return {
			weight: this.take(`${conv}.weight`),
			bias: this.tensors.has(`${conv}.bias`) ? this.take(`${conv}.bias`) : undefined,
			norm: norm === undefined ? undefined : this.#norm(norm),
		};
	}

	/** @throws InspectorError `weights.damaged` naming the tensor that is missing */
	take(name: string): Tensor {
		const tensor = this.tensors.get(name);
		if (!tensor) {
			throw new InspectorError({ code: 'weights.damaged', name: this.file, detail: `tensor “${name}” is missing` });
		}
		this.#taken.add(name);
		return tensor;
	}

	taken(name: string): boolean {
		return this.#taken.has(name);
	}

	/** Names of the tensors that were never taken, without the counters that training keeps. */
	get left(): string[] {
		return [...this.tensors.keys()].filter((name) => !this.#taken.has(name) && !isCounter(name));
	}

	/** Values taken so far. */
	get parameters(): number {
		let sum = 0;
		for (const name of this.#taken) {
			sum += this.tensors.get(name)?.data.length ?? 0;
		}
		return sum;
	}

	#norm(layer: string): BatchNormWeights {
		return {
			gamma: this.take(`${layer}.weight`),
			beta: this.take(`${layer}.bias`),
			mean: this.take(`${layer}.running_mean`),
			variance: this.take(`${layer}.running_var`),
			epsilon: this.epsilon,
		};
	}
}

/** Whether a tensor counts steps of training. */
export function isCounter(name: string): boolean {
	return name.endsWith('.num_batches_tracked') || name === 'n_averaged';
}

/**
 * Tensors of TensorFlow, `<layer>/weights` and the like, under the names of {@link LayerTensors}; kernels of height x
 * width x input x output channels become output x input channels x height x width.
 */
export function fromTensorflow(source: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
	const tensors = new Map<string, Tensor>();
	for (const [key, tensor] of source) {
		const cut = key.lastIndexOf('/');
		const part = tensorflowParts.get(key.slice(cut + 1));
		const name = part === undefined ? key : `${key.slice(0, cut)}.${part}`;
		const isKernel = part === 'weight' && tensor.shape.length === 4;
		tensors.set(name, { ...(isKernel ? channelsFirst(tensor) : tensor), name });
	}
	return tensors;
}

const tensorflowParts: ReadonlyMap<string, string> = new Map([
	['weights', 'weight'],
	['biases', 'bias'],
	['gamma', 'weight'],
	['beta', 'bias'],
	['moving_mean', 'running_mean'],
	['moving_variance', 'running_var'],
]);

function channelsFirst(tensor: Tensor): Tensor {
	const [height, width, inputs, outputs] = tensor.shape as [number, number, number, number];
	const from = floatsOf(tensor);
	const data = new Float32Array(from.length);
	let at = 0;
	for (let cell = 0; cell < height * width; cell++) {
		for (let input = 0; input < inputs; input++) {
			for (let output = 0; output < outputs; output++) {
				data[(output * inputs + input) * height * width + cell] = from[at++]!;
			}
		}
	}
	return { ...tensor, shape: [outputs, inputs, height, width], data };
}

/** Whether a layer is one of the half- and three-quarter-size copies that a multi-scale network holds of every layer. */
export function isScaledCopy(layer: string): boolean {
	return /_res0\d+$/.test(layer);
}

/**
 * Caffe's blobs (see `readCaffeModel`) under the names of {@link LayerTensors}: a BatchNorm layer `bn…` takes its
 * weight and bias from the Scale layer `scale…` that follows it in Caffe, and its statistics are divided by their
 * factor. Copies for other scales, which share the weights, are left out.
 */
export function fromCaffeBlobs(blobs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
	const tensors = new Map<string, Tensor>();
	const add = (name: string, tensor: Tensor) => tensors.set(name, { ...tensor, name });
	for (const [key, blob] of blobs) {
		const [, layer = '', index] = /^(.*)\.(\d+)$/s.exec(key) ?? [];
		if (isScaledCopy(layer)) {
			continue;
		}
		const factor = blobs.get(`${layer}.2`);
		if (factor?.data.length === 1) {
			// 0 stands for statistics that were never updated; Caffe then takes 0 for them too.
			const scale = Number(factor.data[0]) === 0 ? 0 : 1 / Number(factor.data[0]);
			if (index === '0' || index === '1') {
				add(`${layer}.${index === '0' ? 'running_mean' : 'running_var'}`, scaled(blob, scale));
			}
		} else if (index === '0' || index === '1') {
			const owner = layer.replace(/^scale/, 'bn');
			const isScale = owner !== layer && blobs.get(`${owner}.2`)?.data.length === 1;
			add(`${isScale ? owner : layer}.${index === '0' ? 'weight' : 'bias'}`, blob);
		}
	}
	return tensors;
}

/** In double precision, rounded once. */
function scaled(tensor: Tensor, scale: number): Tensor {
	if (scale === 1) {
		return tensor;
	}
	const data = new Float32Array(tensor.data.length);
	for (let index = 0; index < data.length; index++) {
		data[index] = Number(tensor.data[index]) * scale;
	}
	return { ...tensor, data };
}
