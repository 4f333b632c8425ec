/** One set of weights at output strides 8, 16 and 32: which numbers are the same where grids share a position. */
import { describe, expect, it } from 'vitest';
import { recognize } from '../../../../../src/core/checkpoint/families/recognize';
import { readCheckpoint } from '../../../../../src/core/checkpoint/readCheckpoint';
import type { Tensor } from '../../../../../src/core/checkpoint/tensor';
import type { OnnxModel } from '../../../../../src/core/onnx/ir';
import { readMetadata } from '../../../../../src/core/onnx/metadata';
import {
	type OutputStride,
	outputStrides,
	ratesAt,
	roundedRates,
	stageWindows,
} from '../../../../../src/core/onnx/networks/outputStride';
import { buildDeepLabResNet } from '../../../../../src/core/onnx/networks/resnet';
import { buildDeepLabVgg } from '../../../../../src/core/onnx/networks/vgg';
import { type Array4, hasMini, miniFile, relativeError, runOn, sessionOf } from './mini';
import { noise, strided } from './strided';

async function outputs(model: OnnxModel, input: Array4, watched?: string): Promise<Record<string, Array4>> {
	const declared = watched ? [...model.graph.outputs, { name: watched }] : model.graph.outputs;
	return await runOn(await sessionOf({ ...model, graph: { ...model.graph, outputs: declared } }), input);
}

/** Largest difference at the positions that both grids have. */
function difference(finer: Array4 | undefined, coarser: Array4 | undefined, step: number): number {
	const expected = strided(finer!, step);
	expect(coarser!.shape).toEqual(expected.shape);
	return relativeError(coarser!.data, expected.data);
}

describe('strides and dilations', () => {
	it.each<[OutputStride, [number, number][]]>([
		[
			8,
			[
				[1, 1],
				[2, 1],
				[1, 2],
				[1, 4],
			],
		],
		[
			16,
			[
				[1, 1],
				[2, 1],
				[2, 1],
				[1, 2],
			],
		],
		[
			32,
			[
				[1, 1],
				[2, 1],
				[2, 1],
				[2, 1],
			],
		],
	])('of ResNet’s stages at %i', (outputStride, expected) => {
		const windows = stageWindows([1, 2, 2, 2], 4, outputStride);
		expect(windows.map(({ stride, dilation }) => [stride, dilation])).toEqual(expected);
	});

	it('rates keep the taps in place where they divide', () => {
		expect(ratesAt([6, 12, 18, 24], 16)).toEqual([3, 6, 9, 12]);
		expect(roundedRates([6, 12, 18, 24], 16)).toEqual([]);
		expect(ratesAt([6, 12, 18, 24], 32)).toEqual([2, 3, 5, 6]);
		expect(roundedRates([6, 12, 18, 24], 32)).toEqual([6, 18]);
		expect(ratesAt([1], 32)).toEqual([1]);
	});
});

describe.skipIf(!hasMini)('ResNet-101', () => {
	const file = 'resnet101.caffemodel';
	const at = (outputStride: OutputStride, rates?: readonly number[]) => {
		const { network } = recognize(readCheckpoint(miniFile(file), file), file);
		if (network.kind !== 'resnet') {
			throw new Error('not a ResNet');
		}
		return buildDeepLabResNet(network.weights, { name: 'n', file, outputStride, rates });
	};

	it.each([
		[97, 81],
		[90, 67],
	])('has the same features at shared positions, for %i x %i', async (height, width) => {
		const input = noise(height, width);
		const [at8, at16, at32] = [await outputs(at(8), input), await outputs(at(16), input), await outputs(at(32), input)];
		expect(difference(at8.features, at16.features, 2)).toBeLessThan(1e-5);
		expect(difference(at16.features, at32.features, 2)).toBeLessThan(1e-5);
		// All rates are even: the taps are in the same places.
		expect(difference(at8.logits, at16.logits, 2)).toBeLessThan(1e-5);
		expect(difference(at8['aspp.18'], at16['aspp.9'], 2)).toBeLessThan(1e-5);
		// 12 and 24 divide by four, 6 and 18 do not.
		expect(difference(at8['aspp.24'], at32['aspp.6'], 4)).toBeLessThan(1e-5);
		expect(difference(at8['aspp.6'], at32['aspp.2'], 4)).toBeGreaterThan(1e-3);
		expect(difference(at8.logits, at32.logits, 4)).toBeGreaterThan(1e-3);
	});

	it('says what it is', () => {
		for (const outputStride of outputStrides) {
			const metadata = readMetadata(at(outputStride), file);
			expect(metadata.outputStride).toBe(outputStride);
			expect(metadata.preprocessing.padMultiple).toBe(outputStride);
		}
		expect(readMetadata(at(16), file).branches.map(({ rate }) => rate)).toEqual([3, 6, 9, 12]);
	});

	it('is refused where two rates would become one', () => {
		expect(() => at(32, [2, 4, 8, 12])).toThrow('2, 4, 8, 12 become 1, 1, 2, 3, of which two are the same');
	});
});

describe.skipIf(!hasMini)('VGG-16 as released', () => {
	const file = 'vgg16-aspp-l.caffemodel';
	const at = (outputStride: OutputStride) => {
		const { network } = recognize(readCheckpoint(miniFile(file), file), file);
		if (network.kind !== 'vgg') {
			throw new Error('not a VGG');
		}
		return buildDeepLabVgg(network.weights, { name: 'n', file, outputStride });
	};

	it.each([
		[97, 81],
		[90, 67],
	])('has the same conv5 at shared positions, for %i x %i, and other features', async (height, width) => {
		const input = noise(height, width);
		const conv5 = 'backbone.conv5_3.relu';
		const [at8, at16, at32] = [
			await outputs(at(8), input, conv5),
			await outputs(at(16), input, conv5),
			await outputs(at(32), input, conv5),
		];
		expect(difference(at8[conv5], at16[conv5], 2)).toBeLessThan(1e-5);
		expect(difference(at8[conv5], at32[conv5], 2)).toBeLessThan(1e-5);
		expect(difference(at8.features, at16.features, 2)).toBeGreaterThan(1e-3);
		expect(difference(at16.features, at32.features, 2)).toBeLessThan(1e-5);
	});
});

describe('VGG-16 with a trunk', () => {
	it('has the same features and logits at shared positions', async () => {
		let state = 5;
		const random = () => {
			state = (state * 48271) % 2147483647;
			return state / 2147483647 - 0.5;
		};
		const tensor = (name: string, shape: readonly number[], scale: number): Tensor => ({
			name,
			shape,
			data: new Float32Array(shape.reduce((product, side) => product * side, 1)).map(() => random() * scale),
		});
		const conv = (name: string, inputs: number, channels: number) => ({
			weight: tensor(`${name}.weight`, [channels, inputs, 3, 3], 4 / Math.sqrt(9 * inputs)),
			bias: tensor(`${name}.bias`, [channels], 0.1),
		});
		const stages = [2, 2, 3, 3, 3].map((count, stage) =>
			Array.from({ length: count }, (_, index) => conv(`c${stage}_${index}`, stage + index === 0 ? 3 : 4, 4)),
		);
		const weights = {
			stages,
			trunk: [conv('fc6', 4, 6), conv('fc7', 6, 6)],
			branches: [[conv('b0', 6, 3)] as const, [conv('b1', 6, 3)] as const],
		};
		const at = (outputStride: OutputStride) =>
			buildDeepLabVgg(weights, { name: 'n', file: 'f', rates: [4, 12], outputStride });
		const input = noise(97, 81);
		const [at8, at16, at32] = [await outputs(at(8), input), await outputs(at(16), input), await outputs(at(32), input)];
		for (const name of ['features', 'logits']) {
			expect(difference(at8[name], at16[name], 2)).toBeLessThan(1e-5);
			expect(difference(at8[name], at32[name], 4)).toBeLessThan(1e-5);
		}
	});
});
