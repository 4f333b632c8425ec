/** Networks as other tools write them: no metadata, no inner outputs, names of their own. */
import { GraphBuilder } from '../../../../../src/core/onnx/graphBuilder';
import type { AttributeValue, Dimension, OnnxModel } from '../../../../../src/core/onnx/ir';
import { Noise } from '../../aspp/noise';

/** The model without what this tool has added: one output, and values that are numbered. */
export function stripped(model: OnnxModel, output = 'logits'): OnnxModel {
	const { graph } = model;
	const names = new Map(graph.inputs.map(({ name }) => [name, 'image']));
	for (const node of graph.nodes) {
		for (const value of node.outputs) {
			names.set(value, `value_${names.size}`);
		}
	}
	const rename = (value: string) => names.get(value) ?? value;
	return {
		...model,
		metadata: {},
		graph: {
			...graph,
			nodes: graph.nodes.map((node) => ({
				...node,
				name: '',
				inputs: node.inputs.map(rename),
				outputs: node.outputs.map(rename),
			})),
			inputs: graph.inputs.map((input) => ({ ...input, name: rename(input.name) })),
			outputs: graph.outputs
				.filter(({ name }) => name === output)
				.map((each) => ({ ...each, name: rename(each.name) })),
		},
	};
}

export interface Foreign {
	readonly builder: GraphBuilder;
	readonly noise: Noise;
	/** A value of 6 channels at stride 2. */
	readonly features: string;
	conv(name: string, input: string, channels: readonly [from: number, to: number], rate?: number): string;
	/** Resizes by a factor, as the exporters of PyTorch do. */
	enlarge(name: string, input: string, factor: number, mode?: string): string;
	finish(output: string, channels: number): OnnxModel;
}

/** Begins a network with a stem; the rest is the caller's. */
export function foreign(inputShape: readonly Dimension[] = ['batch', 3, 'height', 'width']): Foreign {
	const builder = new GraphBuilder('main_graph');
	const noise = new Noise(3);
	const input = builder.input('image', inputShape);
	const weight = noise.tensor(6, 3, 3, 3);
	const stem = builder.conv('/stem/Conv', input, { weight, stride: 2, padding: 1 });
	const features = builder.relu('/stem/Relu', stem, '/stem/Relu_output_0');
	const text = (value: string): AttributeValue => ({ kind: 'string', value });
	return {
		builder,
		noise,
		features,
		conv: (name, from, [inputs, outputs], rate) =>
			builder.conv(name, from, {
				weight: rate === undefined ? noise.tensor(outputs, inputs, 1, 1) : noise.tensor(outputs, inputs, 3, 3),
				bias: noise.tensor(outputs),
				...(rate === undefined ? {} : { padding: rate, dilation: rate }),
			}),
		enlarge: (name, from, factor, mode = 'half_pixel') => {
			const scales = builder.constant(`${name}.scales`, {
				shape: [4],
				data: Float32Array.of(1, 1, factor, factor),
			});
			return builder.node(name, 'Resize', [from, '', scales], {
				mode: text('linear'),
				coordinate_transformation_mode: text(mode),
			});
		},
		finish: (output, channels) => {
			builder.output(output, [null, channels, null, null]);
			return { irVersion: 8, opset: 17, producer: 'pytorch', graph: builder.build(), metadata: {} };
		},
	};
}

/** Zero, which Python's `sum` begins with, then one branch after the other. */
export function addedOneByOne({ builder }: Foreign, terms: readonly string[]): string {
	let total = builder.constant('zero', { shape: [], data: Float32Array.of(0) });
	for (const [index, term] of terms.entries()) {
		total = builder.add(`/Add_${index}`, total, term);
	}
	return total;
}
