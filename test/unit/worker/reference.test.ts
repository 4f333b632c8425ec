/** The network in the worker against tensors and masks that PyTorch computed from the same weights. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNpy } from '../../../src/core/checkpoint/npy';
import { decodeLabelPng } from '../../../src/core/image/palettePng';
import { upsampleLabels } from '../../../src/core/segmentation/upsampleLabels';
import type { SegmentResult } from '../../../src/shared/protocol/worker';
import { WasmEngine } from '../../../src/worker/engine/wasmEngine';
import { assets, ensureBuilt, modelFile, sample, shared, testClient } from './support';

const reference = path.join(shared, 'models/reference');
const t = testClient();
beforeAll(ensureBuilt);
afterAll(() => t.client.dispose());

function array(name: string): { readonly shape: readonly number[]; readonly data: Float32Array } {
	const { shape, data } = decodeNpy(new Uint8Array(readFileSync(path.join(reference, `${name}.npy`))));
	if (!(data instanceof Float32Array)) {
		throw new Error(`${name} is not float32`);
	}
	return { shape, data };
}

function labelFile(file: string) {
	return decodeLabelPng(new Uint8Array(readFileSync(path.join(reference, file))));
}

/** Largest difference, as a share of the largest magnitude. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
	expect(actual.length).toBe(expected.length);
	let difference = 0;
	let magnitude = 0;
	for (let i = 0; i < expected.length; i++) {
		difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
		magnitude = Math.max(magnitude, Math.abs(expected[i]!));
	}
	return difference / magnitude;
}

function agreement(actual: Uint8Array, expected: Uint8Array): number {
	expect(actual.length).toBe(expected.length);
	let same = 0;
	for (let i = 0; i < expected.length; i++) {
		same += actual[i] === expected[i] ? 1 : 0;
	}
	return same / expected.length;
}

describe.skipIf(!existsSync(reference))('the reference tensors', () => {
	describe('chelsea.png, the whole way from the file', () => {
		let result: SegmentResult;
		beforeAll(async () => {
			result = await t.client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model: t.model });
		});

		it('has the input’s and the grid’s size', () => {
			expect(array('chelsea-305x457-input').shape).toEqual([1, 3, 305, 457]);
			expect(result.info.geometry).toMatchObject({
				inputHeight: 305,
				inputWidth: 457,
				gridHeight: 39,
				gridWidth: 58,
			});
		});

		it.each(['features', 'branch-6', 'branch-12', 'branch-18', 'branch-24', 'logits'])('%s', (name) => {
			const { tensors } = result;
			const maps: Record<string, Float32Array> = {
				features: tensors.features.data,
				logits: tensors.logits.data,
				...Object.fromEntries(tensors.branches.map(({ rate, data }) => [`branch-${rate}`, data])),
			};
			expect(relativeError(maps[name]!, array(`chelsea-305x457-${name}`).data)).toBeLessThan(1e-4);
		});

		it('the mask', () => {
			const padded = labelFile('chelsea-305x457-labels.png');
			const { pictureWidth: width, pictureHeight: height } = result.info.geometry;
			const cropped = new Uint8Array(width * height);
			for (let y = 0; y < height; y++) {
				cropped.set(padded.labels.subarray(y * padded.width, y * padded.width + width), y * width);
			}
			expect(agreement(result.tensors.labels, cropped)).toBeGreaterThan(0.9999);
		});
	});

	it('astronaut.png, from its input tensor', async () => {
		const engine = new WasmEngine({ assets, threads: 1 });
		await engine.load(new Uint8Array(readFileSync(modelFile)), 'model.onnx');
		const input = array('astronaut-321x241-input');
		const branches = [6, 12, 18, 24];
		const outputs = await engine.run({ dims: input.shape, data: input.data }, [
			'features',
			...branches.map((rate) => `aspp.${rate}`),
			'logits',
		]);
		const errorOf = (output: string, name: string) =>
			relativeError(outputs[output]!.data, array(`astronaut-321x241-${name}`).data);
		for (const rate of branches) {
			expect(errorOf(`aspp.${rate}`, `branch-${rate}`)).toBeLessThan(1e-4);
		}
		expect(errorOf('features', 'features')).toBeLessThan(1e-4);
		expect(errorOf('logits', 'logits')).toBeLessThan(1e-4);
	});

	it.each(['chelsea-305x457', 'astronaut-321x241'])('%s: PyTorch’s mask from PyTorch’s logits', (name) => {
		const { shape, data } = array(`${name}-logits`);
		const [, channels, height, width] = shape as [number, number, number, number];
		const mask = labelFile(`${name}-labels.png`);
		const labels = upsampleLabels(
			{ channels, height, width, data },
			{
				pictureWidth: mask.width,
				pictureHeight: mask.height,
				resizedWidth: mask.width,
				resizedHeight: mask.height,
				inputWidth: mask.width,
				inputHeight: mask.height,
				gridWidth: width,
				gridHeight: height,
				alignCorners: true,
			},
		);
		expect(agreement(labels, mask.labels)).toBeGreaterThan(0.9999);
	});
});

const masks = path.join(reference, 'voc-val-labels');
const pictures = path.join(shared, 'voc-val/JPEGImages');
describe.skipIf(!existsSync(masks) || !existsSync(pictures))('the 20 reference masks', () => {
	const names = existsSync(masks) ? readdirSync(masks).map((file) => path.parse(file).name) : [];
	it('are 20', () => expect(names.length).toBe(20));

	it.each(names)('%s agrees on 99.5 % of the pixels', async (name) => {
		const bytes = new Uint8Array(readFileSync(path.join(pictures, `${name}.jpg`)));
		const { tensors } = await t.client.segment({ picture: { name, bytes }, model: t.model });
		const share = agreement(tensors.labels, labelFile(`voc-val-labels/${name}.png`).labels);
		console.log(`${name}: ${(share * 100).toFixed(3)} % of the labels agree`);
		expect(share).toBeGreaterThanOrEqual(0.995);
	});
});
