import type * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { receptiveFields } from '../../../../../src/core/aspp/receptiveField';
import { readMetadata } from '../../../../../src/core/onnx/metadata';
import { type Array4, hasMini, miniArray, miniResNet, miniVgg, relativeError, resize, runOn, sessionOf } from './mini';

const rates = [6, 12, 18, 24];
const names = ['features', ...rates.map((rate) => `aspp.${rate}`), 'logits'];

/** Errors of the branches and of the logits against PyTorch's branches and their sum. */
function branchErrors(outputs: Record<string, Array4>, prefix: string): number[] {
	const expected = rates.map((rate) => miniArray(`${prefix}-branch-${rate}-97x81`));
	const sum = expected[0]!.data.map((_, index) => expected.reduce((total, { data }) => total + data[index]!, 0));
	for (const [index, rate] of rates.entries()) {
		expect(outputs[`aspp.${rate}`]!.shape).toEqual(expected[index]!.shape);
	}
	return [
		...rates.map((rate, index) => relativeError(outputs[`aspp.${rate}`]!.data, expected[index]!.data)),
		relativeError(outputs.logits!.data, sum),
	];
}

describe.skipIf(!hasMini)('DeepLabv2 on ResNet-101, small', () => {
	let session: ort.InferenceSession;
	beforeAll(async () => {
		session = await sessionOf(miniResNet());
	});

	it('has the outputs of the contract, in order', () => {
		expect(session.inputNames).toEqual(['input']);
		expect(session.outputNames).toEqual(names);
	});

	it('gives PyTorch’s features and branches', async () => {
		const outputs = await runOn(session, miniArray('resnet101-input-97x81'));
		expect(relativeError(outputs.features!.data, miniArray('resnet101-features-97x81').data)).toBeLessThan(1e-4);
		expect(Math.max(...branchErrors(outputs, 'resnet101'))).toBeLessThan(1e-4);
	});

	it('gives the same with its batch norms kept', async () => {
		const model = miniResNet({ foldBatchNorm: false });
		expect(model.graph.nodes.filter((node) => node.operator === 'BatchNormalization')).toHaveLength(104);
		const outputs = await runOn(await sessionOf(model), miniArray('resnet101-input-97x81'));
		expect(Math.max(...branchErrors(outputs, 'resnet101'))).toBeLessThan(1e-4);
	});

	it('gives the paper’s multi-scale scores: the largest of three sizes', async () => {
		const input = miniArray('resnet101-input-97x97');
		const expected = miniArray('resnet101-msc-fused-97x97');
		const [, , height, width] = expected.shape as [number, number, number, number];
		let fused: Float32Array | undefined;
		for (const side of [97, 73, 49]) {
			const { logits } = await runOn(session, resize(input, side, side));
			const scores = resize(logits!, height, width).data;
			fused = fused ? fused.map((value, index) => Math.max(value, scores[index]!)) : scores;
		}
		expect(relativeError(fused!, expected.data)).toBeLessThan(1e-4);
	});

	it('sees what the literature says', () => {
		const fields = receptiveFields(miniResNet().graph);
		expect(fields.get('features')).toMatchObject({ size: [1027, 1027], stride: [8, 8] });
		expect(rates.map((rate) => fields.get(`aspp.${rate}`)!.size[0])).toEqual([1123, 1219, 1315, 1411]);
	});

	it('describes itself', () => {
		const metadata = readMetadata(miniResNet(), 'mini');
		expect(metadata).toMatchObject({ family: 'deeplabv2', backbone: 'resnet101', outputStride: 8, linearHead: true });
		expect(metadata.branches).toEqual(rates.map((rate) => ({ rate, output: `aspp.${rate}` })));
		expect(metadata.classes).toHaveLength(21);
		expect(metadata.preprocessing).toEqual({
			channelOrder: 'BGR',
			mean: [104.008, 116.669, 122.675],
			std: [1, 1, 1],
			padValue: [104.008, 116.669, 122.675],
			longestSide: 513,
			padMultiple: 8,
			alignCorners: true,
		});
	});
});

describe.skipIf(!hasMini)('DeepLabv2 on VGG-16, small', () => {
	it('gives PyTorch’s branches', async () => {
		const session = await sessionOf(miniVgg());
		expect(session.outputNames).toEqual(names);
		// The gradient fixtures of both networks are of the same input.
		const outputs = await runOn(session, miniArray('resnet101-input-97x81'));
		expect(outputs.features!.shape).toEqual([1, 32, 13, 11]);
		expect(Math.max(...branchErrors(outputs, 'vgg16'))).toBeLessThan(1e-4);
	});

	it('sees what the literature says', () => {
		const fields = receptiveFields(miniVgg().graph);
		expect(fields.get('features')!.size).toEqual([227, 227]);
		expect(rates.map((rate) => fields.get(`aspp.${rate}`)!.size[0])).toEqual([323, 419, 515, 611]);
		expect(readMetadata(miniVgg(), 'mini')).toMatchObject({ backbone: 'vgg16', linearHead: false });
	});
});
