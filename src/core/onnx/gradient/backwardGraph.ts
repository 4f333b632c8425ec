import { InspectorError } from '../../problem';
import { type AttributeValue, DataType, elementCount, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../ir';
import type { Shape } from '../shapes';

export interface ForwardFacts {
	readonly shapes: ReadonlyMap<string, Shape>;
	/** Values that are made of the picture. */
	readonly active: ReadonlySet<string>;
	/** Values whose numbers are in the file. */
	readonly constants: ReadonlyMap<string, OnnxTensor>;
	/** The model file's name, for errors. */
	readonly name: string;
}

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A graph that grows behind the forward graph: backward nodes, their constants, and the gradient of each value. */
export class BackwardGraph {
	readonly #forward: OnnxNode[];
	readonly #initializers: Map<string, OnnxTensor>;
	readonly #nodes: OnnxNode[] = [];
	readonly #gradients = new Map<string, string[]>();
	readonly #names: Set<string>;

	constructor(
		graph: OnnxGraph,
		private readonly facts: ForwardFacts,
	) {
		this.#forward = [...graph.nodes];
		this.#initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
		this.#names = new Set([
			...this.#initializers.keys(),
			...graph.inputs.map((input) => input.name),
			...graph.nodes.flatMap((node) => node.outputs),
		]);
	}

	/** Whether a value is made of the picture, so that its gradient is wanted. */
	isActive(value: string): boolean {
		return this.facts.active.has(value);
	}

	/** Values whose numbers are in the file. */
	get constants(): ReadonlyMap<string, OnnxTensor> {
		return this.facts.constants;
	}

	constant(value: string | undefined): OnnxTensor | undefined {
		return this.constants.get(value ?? '');
	}

	/** @throws InspectorError `model.unsupported` where the shape of one of the node's values is not known. */
	shape(node: OnnxNode, value: string | undefined): Shape {
		const shape = this.facts.shapes.get(value ?? '');
		if (!shape) {
			throw this.unsupported(node, `the shape of “${value ?? ''}” cannot be told from the graph`);
		}
		return shape;
	}

	/** Adds a part to dL/dvalue; nothing for values that are not made of the picture. */
	contribute(value: string | undefined, gradient: string): void {
		if (value !== undefined && this.isActive(value)) {
			const parts = this.#gradients.get(value) ?? [];
			parts.push(gradient);
			this.#gradients.set(value, parts);
		}
	}

	/** dL/dvalue, to be asked when every node that takes the value has contributed; undefined where L ignores it. */
	gradientOf(value: string): string | undefined {
		const parts = this.#gradients.get(value);
		if (parts === undefined || parts.length < 2) {
			return parts?.[0];
		}
		const sum = this.node(parts.length === 2 ? 'Add' : 'Sum', parts, {}, `gradient.${value}`);
		this.#gradients.set(value, [sum]);
		return sum;
	}

	/** A backward node with one output, whose name is returned. */
	node(
		operator: string,
		inputs: readonly string[],
		attributes: Attributes = {},
		like = `backward.${operator}`,
	): string {
		const output = this.unusedName(like);
		const entries = new Map(Object.entries(attributes));
		this.#nodes.push({ name: output, operator, inputs, outputs: [output], attributes: entries });
		return output;
	}

	/** A float32 constant; its data are not copied. */
	floats(shape: Shape, data: Float32Array): string {
		const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		return this.#define({
			name: this.unusedName('constant.floats'),
			dims: shape,
			dataType: DataType.float,
			data: bytes,
		});
	}

	/** A float32 constant without dimensions. */
	scalar(value: number): string {
		return this.floats([], Float32Array.of(value));
	}

	/** An int64 constant of one dimension: a shape, axes, places. */
	integers(values: readonly number[]): string {
		const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
		return this.#define({
			name: this.unusedName('constant.integers'),
			dims: [values.length],
			dataType: DataType.int64,
			data,
		});
	}

	/** The node's output at `index`, which is added where the forward node leaves it out. */
	extraOutput(node: OnnxNode, index: number, like: string): string {
		const at = this.#forward.findIndex((candidate) => candidate.outputs[0] === node.outputs[0]);
		const current = this.#forward[at]!;
		const given = current.outputs[index];
		if (given) {
			return given;
		}
		const name = this.unusedName(like);
		const outputs = Array.from({ length: Math.max(index + 1, current.outputs.length) }, (_, position) =>
			position === index ? name : (current.outputs[position] ?? ''),
		);
		this.#forward[at] = { ...current, outputs };
		return name;
	}

	/** A name that no value has yet; it is taken with that. */
	unusedName(like: string): string {
		let name = like;
		for (let count = 2; this.#names.has(name); count++) {
			name = `${like}#${count}`;
		}
		this.#names.add(name);
		return name;
	}

	unsupported(node: OnnxNode, detail: string): InspectorError {
		return unsupportedBy(this.facts.name, node, detail);
	}

	/** Forward and backward nodes, with the constants that they use. */
	finish(name: string): Pick<OnnxGraph, 'name' | 'nodes' | 'initializers'> {
		const nodes = [...this.#forward, ...this.#nodes];
		const used = new Set(nodes.flatMap((node) => node.inputs));
		return { name, nodes, initializers: [...this.#initializers.values()].filter((tensor) => used.has(tensor.name)) };
	}

	#define(tensor: OnnxTensor): string {
		if (tensor.dataType !== DataType.int64 && elementCount(tensor.dims) * 4 !== tensor.data.byteLength) {
			throw new Error(`${tensor.name} of ${tensor.dims.join('x')} has ${tensor.data.byteLength} bytes`);
		}
		this.#initializers.set(tensor.name, tensor);
		return tensor.name;
	}
}

/** @param name The model file's name. */
export function unsupportedBy(name: string, node: OnnxNode, detail: string): InspectorError {
	const label = node.name || node.outputs[0] || '';
	return new InspectorError({ code: 'model.unsupported', name, detail: `${node.operator} “${label}”: ${detail}` });
}

export function int(value: number): AttributeValue {
	return { kind: 'int', value };
}

export function ints(value: readonly number[]): AttributeValue {
	return { kind: 'ints', value };
}
