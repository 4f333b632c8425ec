/** A checkpoint's tensors under PyTorch's names for the parts of a layer, whichever library wrote them. */
import type { BatchNormWeights, ConvWeights } from '../onnx/networks/weights';
import { InspectorError } from '../problem';
import type { Tensor } from './tensor';

/** Names of a convolution and of the batch norm behind it, without `.weight` and the like. */
export interface LayerNames {
	readonly conv: string;
	readonly norm: string;
}

/** Finds a network's layers among tensors named `<layer>.weight`, `.bias`, `.running_mean` and `.running_var`. */
export class LayerTensors {
	/**
	 * @param file The checkpoint's name, for errors.
	 * @param epsilon Of the batch norms.
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
			bias: this.tensors.get(`${conv}.bias`),
			norm: norm === undefined ? undefined : this.norm(norm),
		};
	}

	/** @throws InspectorError `weights.damaged` naming the tensor that is missing */
	take(name: string): Tensor {
		const tensor = this.tensors.get(name);
		if (!tensor) {
			throw new InspectorError({ code: 'weights.damaged', name: this.file, detail: `tensor “${name}” is missing` });
		}
		return tensor;
	}

	private norm(layer: string): BatchNormWeights {
		return {
			gamma: this.take(`${layer}.weight`),
			beta: this.take(`${layer}.bias`),
			mean: this.take(`${layer}.running_mean`),
			variance: this.take(`${layer}.running_var`),
			epsilon: this.epsilon,
		};
	}
}

/** Suffixes of the half- and three-quarter-size copies that a multi-scale network holds of every layer. */
const scaledCopy = /_res0\d+$/;

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
		if (scaledCopy.test(layer)) {
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
