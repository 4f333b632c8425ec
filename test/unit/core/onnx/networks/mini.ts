/** The small networks of `../shared/fixtures/mini`, whose outputs PyTorch computed. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-web';
import { readCaffeModel } from '../../../../../src/core/checkpoint/caffe';
import { caffeNames, caffeResNetBranches, resNetStages } from '../../../../../src/core/checkpoint/families/resnet';
import { caffeVggWeights } from '../../../../../src/core/checkpoint/families/vgg';
import { fromCaffeBlobs, LayerTensors } from '../../../../../src/core/checkpoint/layerTensors';
import { decodeNpy } from '../../../../../src/core/checkpoint/npy';
import { encodeOnnx } from '../../../../../src/core/onnx/encode';
import type { OnnxModel } from '../../../../../src/core/onnx/ir';
import { buildDeepLabResNet } from '../../../../../src/core/onnx/networks/resnet';
import { buildDeepLabVgg, type VggOptions } from '../../../../../src/core/onnx/networks/vgg';

const folder = path.resolve('../shared/fixtures/mini');
export const hasMini = existsSync(folder);

export interface Array4 {
	readonly shape: readonly number[];
	readonly data: Float32Array;
}

export function miniArray(name: string): Array4 {
	const { shape, data } = decodeNpy(new Uint8Array(readFileSync(path.join(folder, `${name}.npy`))), name);
	if (!(data instanceof Float32Array)) {
		throw new Error(`${name} is not float32`);
	}
	return { shape, data };
}

export function miniFile(file: string): Uint8Array {
	return new Uint8Array(readFileSync(path.join(folder, file)));
}

export function miniResNet(options: { readonly foldBatchNorm?: boolean } = {}): OnnxModel {
	const file = 'resnet101.caffemodel';
	const source = new LayerTensors(fromCaffeBlobs(readCaffeModel(miniFile(file), file)), file);
	const weights = { ...resNetStages(source, caffeNames), branches: caffeResNetBranches(source) };
	return buildDeepLabResNet(weights, { name: 'mini ResNet-101', file, ...options });
}

export function miniVgg(options: Partial<VggOptions> = {}): OnnxModel {
	const file = 'vgg16-aspp-l.caffemodel';
	const source = new LayerTensors(fromCaffeBlobs(readCaffeModel(miniFile(file), file)), file);
	return buildDeepLabVgg(caffeVggWeights(source), { name: 'mini VGG-16', file, ...options });
}

export async function sessionOf(model: OnnxModel): Promise<ort.InferenceSession> {
	ort.env.wasm.numThreads = 1;
	return await ort.InferenceSession.create(encodeOnnx(model));
}

export async function runOn(session: ort.InferenceSession, input: Array4): Promise<Record<string, Array4>> {
	const outputs = await session.run({ input: new ort.Tensor('float32', input.data, input.shape) });
	return Object.fromEntries(
		Object.entries(outputs).map(([name, { dims, data }]) => [name, { shape: [...dims], data: data as Float32Array }]),
	);
}

/** Largest difference, as a share of the largest magnitude expected; NaN where there is one. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
	if (actual.length !== expected.length) {
		throw new Error(`${actual.length} values instead of ${expected.length}`);
	}
	let difference = 0;
	let magnitude = 0;
	for (const [index, value] of expected.entries()) {
		const distance = Math.abs(value - actual[index]!);
		difference = distance > difference || Number.isNaN(distance) ? distance : difference;
		magnitude = Math.max(magnitude, Math.abs(value));
	}
	return difference / magnitude;
}

/** Bilinear, with the corners on the corners: Caffe's Interp. */
export function resize(input: Array4, height: number, width: number): Array4 {
	const [batch, channels, rows, columns] = input.shape as [number, number, number, number];
	const data = new Float32Array(batch * channels * height * width);
	const axis = (length: number, to: number, index: number) => {
		const position = to > 1 ? (index * (length - 1)) / (to - 1) : 0;
		const before = Math.min(Math.floor(position), length - 1);
		return { before, after: Math.min(before + 1, length - 1), part: position - before };
	};
	let at = 0;
	for (let plane = 0; plane < batch * channels; plane++) {
		const value = (row: number, column: number) => input.data[(plane * rows + row) * columns + column]!;
		for (let y = 0; y < height; y++) {
			const v = axis(rows, height, y);
			for (let x = 0; x < width; x++) {
				const h = axis(columns, width, x);
				const upper = value(v.before, h.before) * (1 - h.part) + value(v.before, h.after) * h.part;
				const lower = value(v.after, h.before) * (1 - h.part) + value(v.after, h.after) * h.part;
				data[at++] = upper * (1 - v.part) + lower * v.part;
			}
		}
	}
	return { shape: [batch, channels, height, width], data };
}
