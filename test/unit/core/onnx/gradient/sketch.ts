/** Small graphs for tests, any operator in any form. */
import {
	type AttributeValue,
	DataType,
	type OnnxModel,
	type OnnxNode,
	type OnnxTensor,
} from '../../../../../src/core/onnx/ir';

export type Simple = number | string | readonly number[] | { readonly float: number } | { readonly integer: number };

export class Sketch {
	readonly #nodes: OnnxNode[] = [];
	readonly #tensors: OnnxTensor[] = [];

	constructor(
		private readonly inputShape: readonly number[],
		private readonly opset = 17,
	) {}

	readonly input = 'input';

	floats(dims: readonly number[], values: readonly number[]): string {
		return this.#tensor(dims, DataType.float, new Uint8Array(Float32Array.from(values).buffer));
	}

	integers(values: readonly number[]): string {
		return this.#tensor([values.length], DataType.int64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
	}

	node(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Simple>> = {}): string {
		const name = `${operator}.${this.#nodes.length}`;
		const entries = Object.entries(attributes).map(([key, value]) => [key, attribute(value)] as const);
		this.#nodes.push({ name, operator, inputs, outputs: [name], attributes: new Map(entries) });
		return name;
	}

	/** @param targets outputs of the model */
	model(...targets: readonly string[]): OnnxModel {
		return {
			irVersion: 8,
			opset: this.opset,
			producer: 'test',
			metadata: {},
			graph: {
				name: 'sketch',
				nodes: this.#nodes,
				initializers: this.#tensors,
				inputs: [{ name: this.input, dataType: DataType.float, shape: this.inputShape }],
				outputs: targets.map((name) => ({ name, dataType: DataType.float })),
			},
		};
	}

	#tensor(dims: readonly number[], dataType: number, data: Uint8Array): string {
		const name = `tensor.${this.#tensors.length}`;
		this.#tensors.push({ name, dims, dataType, data });
		return name;
	}
}

function attribute(value: Simple): AttributeValue {
	if (typeof value === 'number') {
		return { kind: 'int', value };
	}
	if (typeof value === 'string') {
		return { kind: 'string', value };
	}
	if ('integer' in value) {
		const data = new Uint8Array(BigInt64Array.of(BigInt(value.integer)).buffer);
		return { kind: 'tensor', value: { name: '', dims: [1], dataType: DataType.int64, data } };
	}
	return 'float' in value ? { kind: 'float', value: value.float } : { kind: 'ints', value };
}
