/** Small networks with an ASPP head, and what computes them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-web';
import { decodeNpy } from '../../../../src/core/checkpoint/npy';
import type { ModelMetadata } from '../../../../src/core/model';
import { buildModelFile } from '../../../../src/core/onnx/buildModelFile';
import { decodeOnnx } from '../../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../../src/core/onnx/encode';
import { GraphBuilder } from '../../../../src/core/onnx/graphBuilder';
import type { OnnxModel } from '../../../../src/core/onnx/ir';
import { readMetadata, writeMetadata } from '../../../../src/core/onnx/metadata';
import type { FeatureMap } from '../../../../src/core/run';
import { sampleMetadata } from '../onnx/sampleModel';
import { Noise } from './noise';

export const references = path.resolve('../shared/models/reference');

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

export function bundledModel(): { model: OnnxModel; metadata: ModelMetadata } {
	const { bytes } = buildModelFile(
		JSON.parse(readFileSync(path.resolve('models/architecture.json'), 'utf8')),
		readFileSync(path.resolve('models/deeplabv2-mobilenetv2-voc.safetensors')),
		'weights',
	);
	const model = decodeOnnx(bytes, 'model.onnx');
	return { model, metadata: readMetadata(model, 'model.onnx') };
}

/** A tensor of PyTorch's, 1 x channels x height x width. */
export function reference(name: string): FeatureMap {
	const { shape, data } = decodeNpy(new Uint8Array(readFileSync(path.join(references, `${name}.npy`))));
	const [, channels, height, width] = shape;
	return { channels: channels!, height: height!, width: width!, data: data as Float32Array };
}

/** The model's outputs, by onnxruntime. */
export async function runModel(model: OnnxModel, inputs: Readonly<Record<string, FeatureMap>>) {
	ort.env.wasm.numThreads = 1;
	const session = await ort.InferenceSession.create(encodeOnnx(model));
	const feeds = Object.entries(inputs).map(([name, { channels, height, width, data }]) => {
		return [name, new ort.Tensor('float32', data, [1, channels, height, width])] as const;
	});
	const results = await session.run(Object.fromEntries(feeds));
	await session.release();
	return Object.fromEntries(
		session.outputNames.map((name): [string, FeatureMap] => {
			const { dims, data } = results[name]!;
			return [name, { channels: dims[1]!, height: dims[2]!, width: dims[3]!, data: data as Float32Array }];
		}),
	);
}

/** Largest difference, relative to the largest magnitude expected. */
export function relativeError(actual: FeatureMap, expected: FeatureMap): number {
	let difference = actual.data.length === expected.data.length ? 0 : Number.POSITIVE_INFINITY;
	let magnitude = 0;
	for (const [index, value] of expected.data.entries()) {
		const distance = Math.abs(value - actual.data[index]!);
		difference = distance > difference || Number.isNaN(distance) ? distance : difference;
		magnitude = Math.max(magnitude, Math.abs(value));
	}
	return difference / magnitude;
}
