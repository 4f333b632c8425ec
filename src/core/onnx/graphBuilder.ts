/** Builds ONNX graphs layer by layer. A value has the name of the node that makes it, unless told otherwise. */
import {
	type AttributeValue,
	DataType,
	type Dimension,
	elementCount,
	type OnnxGraph,
	type OnnxNode,
	type OnnxTensor,
	type ValueInfo,
} from './ir';

/** Weights of a layer: row-major float32. */
export interface FloatTensor {
	readonly shape: readonly number[];
	readonly data: Float32Array;
}

export interface ConvOptions {
	/** Output channels x input channels a group x kernel height x kernel width. */
	readonly weight: FloatTensor;
	readonly bias?: FloatTensor;
	readonly stride?: number;
	/** On every side; zeros. */
	readonly padding?: number;
	readonly dilation?: number;
	readonly groups?: number;
}

/** One value a channel: gamma * (x - mean) / sqrt(variance + epsilon) + beta. */
export interface BatchNormOptions {
	readonly gamma: FloatTensor;
	readonly beta: FloatTensor;
	readonly mean: FloatTensor;
	readonly variance: FloatTensor;
	readonly epsilon: number;
}

export interface PoolOptions {
	readonly kernel: number;
	readonly stride: number;
	/** One number for every side, or top, left, bottom, right. */
	readonly padding: number | readonly [number, number, number, number];
}

/** The opset whose forms of the operators are written. */
export const builderOpset = 17;

export class GraphBuilder {
	readonly #nodes: OnnxNode[] = [];
	readonly #initializers = new Map<string, OnnxTensor>();
	readonly #inputs: ValueInfo[] = [];
	readonly #outputs: ValueInfo[] = [];
	readonly #values = new Set<string>();

	constructor(private readonly name: string) {}

	/** Declares a float32 input; returns its value's name. */
	input(name: string, shape: readonly Dimension[]): string {
		this.#define(name);
		this.#inputs.push({ name, dataType: DataType.float, shape });
		return name;
	}

	/** Declares an existing value as a float32 output. */
	output(value: string, shape: readonly Dimension[]): void {
		this.#outputs.push({ name: value, dataType: DataType.float, shape });
	}

	/** 2-D convolution with explicit pads. Its tensors are `<name>.weight` and `<name>.bias` unless `tensors` says so. */
	conv(name: string, input: string, options: ConvOptions, tensors = name, output = name): string {
		const { weight, bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
		const inputs = [input, this.constant(`${tensors}.weight`, weight)];
		if (bias) {
			inputs.push(this.constant(`${tensors}.bias`, bias));
		}
		const attributes: Record<string, AttributeValue> = {
			kernel_shape: ints(weight.shape.slice(2)),
			strides: ints([stride, stride]),
			pads: ints([padding, padding, padding, padding]),
			dilations: ints([dilation, dilation]),
			group: { kind: 'int', value: groups },
		};
		return this.node(name, 'Conv', inputs, attributes, output);
	}

	/** With stored statistics. Its tensors are `<name>.weight`, `.bias`, `.running_mean` and `.running_var`. */
	batchNorm(name: string, input: string, options: BatchNormOptions, output = name): string {
		const tensors = {
			weight: options.gamma,
			bias: options.beta,
			running_mean: options.mean,
			running_var: options.variance,
		};
		const inputs = Object.entries(tensors).map(([part, tensor]) => this.constant(`${name}.${part}`, tensor));
		const attributes = { epsilon: { kind: 'float', value: options.epsilon } as const };
		return this.node(name, 'BatchNormalization', [input, ...inputs], attributes, output);
	}

	relu(name: string, input: string, output = name): string {
		return this.node(name, 'Relu', [input], {}, output);
	}

	/** Limits values to `least`…`most`, e.g. ReLU6 with 0 and 6. */
	clip(name: string, input: string, least: number, most: number): string {
		return this.node(name, 'Clip', [input, this.#scalar(least), this.#scalar(most)], {});
	}

	add(name: string, first: string, second: string): string {
		return this.node(name, 'Add', [first, second], {});
	}

	/** Sum of any number of values of one shape, in their order. */
	sum(name: string, inputs: readonly string[]): string {
		return this.node(name, 'Sum', inputs, {});
	}

	maxPool(name: string, input: string, options: PoolOptions, output = name): string {
		return this.node(name, 'MaxPool', [input], poolAttributes(options), output);
	}

	/** Zero padding counts as values. */
	averagePool(name: string, input: string, options: PoolOptions, output = name): string {
		const attributes = { ...poolAttributes(options), count_include_pad: { kind: 'int', value: 1 } as const };
		return this.node(name, 'AveragePool', [input], attributes, output);
	}

	/** Any operator with one output. */
	node(
		name: string,
		operator: string,
		inputs: readonly string[],
		attributes: Readonly<Record<string, AttributeValue>>,
		output = name,
	): string {
		for (const input of inputs) {
			if (input !== '' && !this.#values.has(input)) {
				throw new Error(`${name} takes ${input}, which does not exist`);
			}
		}
		this.#define(output);
		this.#nodes.push({ name, operator, inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });
		return output;
	}

	/** A float32 initializer; its data are not copied. */
	constant(name: string, { shape, data }: FloatTensor): string {
		if (elementCount(shape) !== data.length) {
			throw new Error(`${name} of ${shape.join('x')} has ${data.length} values`);
		}
		this.#define(name);
		const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		this.#initializers.set(name, { name, dims: shape, dataType: DataType.float, data: bytes });
		return name;
	}

	build(): OnnxGraph {
		return {
			name: this.name,
			nodes: this.#nodes,
			initializers: [...this.#initializers.values()],
			inputs: this.#inputs,
			outputs: this.#outputs,
		};
	}

	#scalar(value: number): string {
		const name = `constant.${value}`;
		return this.#initializers.has(name) ? name : this.constant(name, { shape: [], data: Float32Array.of(value) });
	}

	#define(value: string): void {
		if (this.#values.has(value)) {
			throw new Error(`${value} exists already`);
		}
		this.#values.add(value);
	}
}

function ints(value: readonly number[]): AttributeValue {
	return { kind: 'ints', value };
}

function poolAttributes({ kernel, stride, padding }: PoolOptions): Record<string, AttributeValue> {
	return {
		kernel_shape: ints([kernel, kernel]),
		strides: ints([stride, stride]),
		pads: ints(typeof padding === 'number' ? [padding, padding, padding, padding] : padding),
	};
}
