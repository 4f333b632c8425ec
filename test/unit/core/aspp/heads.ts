/** What networks with an ASPP head are compared with: the bundled one, PyTorch's tensors, onnxruntime. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-web';
import { decodeNpy } from '../../../../src/core/checkpoint/npy';
import type { ModelMetadata } from '../../../../src/core/model';
import { buildModelFile } from '../../../../src/core/onnx/buildModelFile';
import { decodeOnnx } from '../../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../../src/core/onnx/encode';
import type { OnnxModel } from '../../../../src/core/onnx/ir';
import { readMetadata } from '../../../../src/core/onnx/metadata';
import type { FeatureMap } from '../../../../src/core/run';

export const references = path.resolve('../shared/models/reference');

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
