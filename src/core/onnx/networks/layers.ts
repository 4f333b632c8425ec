/** Adds layers to a graph and keeps account of their channels. */
import { floatsOf } from '../../checkpoint/tensor';
import { InspectorError } from '../../problem';
import { GraphBuilder } from '../graphBuilder';
import { type ConvWeights, checkConv, foldBatchNorm, vector } from './weights';

/** A value of the graph that holds `channels` maps. */
export interface Maps {
	readonly value: string;
	readonly channels: number;
}

export interface ConvGeometry {
	readonly kernel: number;
	readonly stride?: number;
	/** Zeros on every side; without it as many as keep the size: dilation * (kernel - 1) / 2. */
	readonly padding?: number;
	readonly dilation?: number;
}

export class LayerBuilder {
	readonly graph: GraphBuilder;

	/**
	 * @param file The checkpoint's name, for errors.
	 * @param fold Whether batch norms become part of their convolutions.
	 */
	constructor(
		graphName: string,
		private readonly file: string,
		private readonly fold: boolean,
	) {
		this.graph = new GraphBuilder(graphName);
	}

	/** The network's input, a batch of one picture of any size. */
	input(): Maps {
		return { value: this.graph.input('input', [1, 3, 'height', 'width']), channels: 3 };
	}

	/**
	 * A convolution and its batch norm. With the batch norm kept they are the layers `<name>.conv` and `<name>.bn`.
	 * @throws InspectorError `weights.damaged` naming a tensor that does not fit
	 */
	conv(name: string, input: Maps, weights: ConvWeights, geometry: ConvGeometry, output = name): Maps {
		const { kernel, stride = 1, dilation = 1 } = geometry;
		const padding = geometry.padding ?? (dilation * (kernel - 1)) / 2;
		const channels = checkConv(weights, { inputChannels: input.channels, kernel }, this.file);
		const window = { stride, padding, dilation };
		if (!weights.norm || this.fold) {
			const { weight, bias } = foldBatchNorm(weights);
			const tensors = { weight, ...(bias ? { bias } : {}) };
			return { value: this.graph.conv(name, input.value, { ...tensors, ...window }, name, output), channels };
		}
		const { norm, ...bare } = weights;
		const { weight, bias } = foldBatchNorm(bare);
		const value = this.graph.conv(`${name}.conv`, input.value, { weight, ...(bias ? { bias } : {}), ...window });
		const normed = this.graph.batchNorm(
			`${name}.bn`,
			value,
			{
				gamma: vector(floatsOf(norm.gamma)),
				beta: vector(floatsOf(norm.beta)),
				mean: vector(floatsOf(norm.mean)),
				variance: vector(floatsOf(norm.variance)),
				epsilon: norm.epsilon,
			},
			output === name ? undefined : output,
		);
		return { value: normed, channels };
	}

	relu(name: string, input: Maps, output = name): Maps {
		return { value: this.graph.relu(name, input.value, output), channels: input.channels };
	}

	/**
	 * The sum of a shortcut and what `weights` made.
	 * @throws InspectorError `weights.damaged` where their channels differ
	 */
	add(name: string, shortcut: Maps, maps: Maps, weights: ConvWeights): Maps {
		if (maps.channels !== shortcut.channels) {
			const detail = `tensor “${weights.weight.name}” makes ${maps.channels} channels, its block’s shortcut ${shortcut.channels}`;
			throw new InspectorError({ code: 'weights.damaged', name: this.file, detail });
		}
		return { value: this.graph.add(name, shortcut.value, maps.value), channels: maps.channels };
	}

	/** Convolution, batch norm and ReLU. */
	convRelu(name: string, input: Maps, weights: ConvWeights, geometry: ConvGeometry, output?: string): Maps {
		return this.relu(`${name}.relu`, this.conv(name, input, weights, geometry), output);
	}

	/**
	 * Caffe's pooling, 3x3, stride 2, padding 1, with an output that is rounded up: one more row of padding below and
	 * right gives the same without ceil mode, which some execution providers lack.
	 */
	ceilMaxPool(name: string, input: Maps): Maps {
		return this.#pooled(input, this.graph.maxPool(name, input.value, { kernel: 3, stride: 2, padding: [1, 1, 2, 2] }));
	}

	maxPool(name: string, input: Maps, window: { kernel: number; stride: number; padding: number }, output = name): Maps {
		return this.#pooled(input, this.graph.maxPool(name, input.value, window, output));
	}

	/** Zero padding counts as values, as in Caffe. */
	averagePool(
		name: string,
		input: Maps,
		window: { kernel: number; stride: number; padding: number },
		output = name,
	): Maps {
		return this.#pooled(input, this.graph.averagePool(name, input.value, window, output));
	}

	#pooled(input: Maps, value: string): Maps {
		return { value, channels: input.channels };
	}
}
