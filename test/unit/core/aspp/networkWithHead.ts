/** Small networks with an ASPP head; nothing here needs Node. */
import type { ModelMetadata } from '../../../../src/core/model';
import { GraphBuilder } from '../../../../src/core/onnx/graphBuilder';
import type { OnnxModel } from '../../../../src/core/onnx/ir';
import { writeMetadata } from '../../../../src/core/onnx/metadata';
import { sampleMetadata } from '../onnx/sampleModel';
import { Noise } from './noise';

export interface HeadOptions {
	readonly rates: readonly number[];
	readonly channels?: number;
	readonly classes?: number;
	/** Like VGG-16's fc6, fc7, fc8 with ReLU between, instead of one convolution. */
	readonly chain?: boolean;
	readonly bias?: boolean;
	/** Indices of the branches that are summed; all by default. */
	readonly summed?: readonly number[];
}

/** A 3x3 stem of stride 2, the features, and the head. */
export function networkWithHead(options: HeadOptions): { model: OnnxModel; metadata: ModelMetadata } {
	const { rates, channels = 5, classes = 3, chain = false, bias = true } = options;
	const noise = new Noise(rates.length + 7);
	const builder = new GraphBuilder('sample');
	const input = builder.input('input', [1, 3, 'height', 'width']);
	const stem = builder.conv('stem', input, { weight: noise.tensor(channels, 3, 3, 3), stride: 2, padding: 1 });
	const features = builder.relu('stem.relu', stem, 'features');
	const outputs = rates.map((rate, index) => {
		const layer = (name: string, from: string, to: number, cin: number, kernel: number) =>
			builder.conv(name, from, {
				weight: noise.tensor(to, cin, kernel, kernel),
				...(bias ? { bias: noise.tensor(to) } : {}),
				...(kernel === 3 ? { padding: rate, dilation: rate } : {}),
			});
		if (!chain) {
			return layer(`aspp.${index}`, features, classes, channels, 3);
		}
		const fc6 = builder.relu(`relu6.${index}`, layer(`fc6.${index}`, features, 6, channels, 3));
		const fc7 = builder.relu(`relu7.${index}`, layer(`fc7.${index}`, fc6, 4, 6, 1));
		return layer(`aspp.${index}`, fc7, classes, 4, 1);
	});
	const summed = options.summed ?? rates.map((_, index) => index);
	const logits = builder.sum(
		'logits',
		summed.map((index) => outputs[index]!),
	);
	for (const value of [features, ...outputs, logits]) {
		builder.output(value, [1, value === features ? channels : classes, 'grid_height', 'grid_width']);
	}
	const metadata: ModelMetadata = {
		...sampleMetadata,
		classes: Array.from({ length: classes }, (_, label) => ({ name: `class ${label}`, color: [label, 0, 0] as const })),
		branches: outputs.map((output, index) => ({ rate: rates[index]!, output })),
		linearHead: !chain,
	};
	const model = {
		irVersion: 8,
		opset: 17,
		producer: 'test',
		graph: builder.build(),
		metadata: writeMetadata(metadata),
	};
	return { model, metadata };
}
