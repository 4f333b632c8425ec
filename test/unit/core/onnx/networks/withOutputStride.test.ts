/** Graphs that are taken to another output stride against those that are built at it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { recognize } from '../../../../../src/core/checkpoint/families/recognize';
import { readCheckpoint } from '../../../../../src/core/checkpoint/readCheckpoint';
import { buildModelFile } from '../../../../../src/core/onnx/buildModelFile';
import { decodeOnnx } from '../../../../../src/core/onnx/decode';
import { adoptModel } from '../../../../../src/core/onnx/discover/adopt';
import { GraphBuilder } from '../../../../../src/core/onnx/graphBuilder';
import type { OnnxModel, OnnxNode } from '../../../../../src/core/onnx/ir';
import { readMetadata, writeMetadata } from '../../../../../src/core/onnx/metadata';
import { type OutputStride, outputStrides } from '../../../../../src/core/onnx/networks/outputStride';
import { buildRandomNetwork } from '../../../../../src/core/onnx/networks/randomWeights';
import { buildDeepLabResNet } from '../../../../../src/core/onnx/networks/resnet';
import { buildDeepLabVgg } from '../../../../../src/core/onnx/networks/vgg';
import { withOutputStride } from '../../../../../src/core/onnx/networks/withOutputStride';
import { networkWithHead } from '../../aspp/networkWithHead';
import { stripped } from '../discover/foreign';
import { type Array4, hasMini, miniFile, relativeError, runOn, sessionOf } from './mini';
import { noise, strided } from './strided';

const models = path.resolve('models');
const weights = 'deeplabv2-mobilenetv2-voc.safetensors';
const pairs = outputStrides.flatMap((from) =>
	outputStrides.filter((to) => to !== from).map((to): [OutputStride, OutputStride] => [from, to]),
);

async function run(model: OnnxModel, input: Array4): Promise<Record<string, Array4>> {
	return await runOn(await sessionOf(model), input);
}

/** All that a runtime makes of a graph, without its weights. */
function outline({ graph }: OnnxModel): unknown {
	const of = ({ name, operator, inputs, outputs, attributes }: OnnxNode) => {
		return { name, operator, inputs, outputs, attributes: Object.fromEntries(attributes) };
	};
	return { nodes: graph.nodes.map(of), outputs: graph.outputs, tensors: graph.initializers.map(({ name }) => name) };
}

/** Everything about two models is the same: graph, weights, metadata. */
function expectSame(actual: OnnxModel, expected: OnnxModel): void {
	expect(outline(actual)).toEqual(outline(expected));
	expect(actual.metadata).toEqual(expected.metadata);
	for (const [index, tensor] of expected.graph.initializers.entries()) {
		expect(Buffer.from(actual.graph.initializers[index]!.data).equals(tensor.data)).toBe(true);
	}
}

describe('the bundled network', () => {
	const architecture = JSON.parse(readFileSync(path.join(models, 'architecture.json'), 'utf8'));
	const tensors = readFileSync(path.join(models, weights));
	const bundled = decodeOnnx(buildModelFile(architecture, tensors, weights).bytes, weights);

	/** As a checkpoint's description has it at another stride: MobileNetV2's own steps stand at the blocks 6 and 13. */
	function built(outputStride: OutputStride): OnnxModel {
		const at = structuredClone(architecture);
		const steps = [6, 13].slice(0, Math.log2(outputStride / 8));
		for (const [index, block] of at.layers.blocks.entries()) {
			block.stride = steps.includes(index) ? 2 : block.stride;
			block.dilation /= 2 ** steps.filter((step) => step < index).length;
			block.padding = block.dilation;
		}
		at.outputStride = outputStride;
		at.preprocessing.pad = at.preprocessing.pad.replace('8k+1', `${outputStride}k+1`);
		at.layers.aspp.rates = at.layers.aspp.rates.map((rate: number) => Math.round((rate * 8) / outputStride));
		return decodeOnnx(renamedWeights(at, outputStride), weights);
	}

	/** The branches' tensors are named after their rates. */
	function renamedWeights(at: { layers: { aspp: { rates: number[] } } }, outputStride: number): Uint8Array {
		const length = Number(new DataView(tensors.buffer, tensors.byteOffset).getBigUint64(0, true));
		let header = tensors.subarray(8, 8 + length).toString();
		for (const rate of [6, 12, 18, 24]) {
			header = header.replaceAll(`"aspp.${rate}.`, `"aspp.${Math.round((rate * 8) / outputStride)}.`);
		}
		const text = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
		const size = Buffer.alloc(8);
		size.writeBigUInt64LE(BigInt(text.length));
		return buildModelFile(at, Buffer.concat([size, text, tensors.subarray(8 + length)]), weights).bytes;
	}

	it.each([16, 32] as const)('at %i is what is built at it', (outputStride) => {
		expectSame(withOutputStride(bundled, outputStride, weights), built(outputStride));
	});

	it('comes back from 16 as it was', () => {
		expectSame(withOutputStride(withOutputStride(bundled, 16, weights), 8, weights), bundled);
	});

	it('agrees where grids share a position, but for rates that do not divide', async () => {
		const input = noise(97, 129);
		const at8 = await run(bundled, input);
		const at16 = await run(withOutputStride(bundled, 16, weights), input);
		const at32 = await run(withOutputStride(bundled, 32, weights), input);
		expect(difference(at8.features, at16.features, 2)).toBeLessThan(1e-5);
		expect(difference(at8.features, at32.features, 4)).toBeLessThan(1e-5);
		expect(difference(at8.logits, at16.logits, 2)).toBeLessThan(1e-5);
		expect(difference(at8['aspp.24'], at32['aspp.6'], 4)).toBeLessThan(1e-5);
		expect(difference(at8.logits, at32.logits, 4)).toBeGreaterThan(1e-3);
	});

	it('adopted from another tool, its outputs handed on by Identities, gives the same numbers', async () => {
		const { normalization, classes } = { normalization: 'symmetric', classes: 'voc' } as const;
		const { model } = adoptModel(stripped(bundled), 'n.onnx', { normalization, classes });
		const input = noise(97, 65);
		const session = await sessionOf(withOutputStride(model, 16, 'n.onnx'));
		const { logits } = await session.run({ image: new ort.Tensor('float32', input.data, input.shape) });
		const expected = await run(withOutputStride(bundled, 16, weights), input);
		expect(relativeError(logits!.data as Float32Array, expected.logits!.data)).toBeLessThan(1e-6);
	});

	it('is not touched where it has the stride', () => {
		expect(withOutputStride(bundled, 8, weights)).toBe(bundled);
	});
});

describe.skipIf(!hasMini)('imported networks', () => {
	const resnet = (foldBatchNorm: boolean) => (outputStride: OutputStride) => {
		const file = 'resnet101.caffemodel';
		const { network } = recognize(readCheckpoint(miniFile(file), file), file);
		return network.kind === 'resnet'
			? buildDeepLabResNet(network.weights, { name: 'n', file, outputStride, foldBatchNorm })
			: undefined;
	};
	const vgg = (pool5a: boolean) => (outputStride: OutputStride) => {
		const file = 'vgg16-aspp-l.caffemodel';
		const { network } = recognize(readCheckpoint(miniFile(file), file), file);
		return network.kind === 'vgg'
			? buildDeepLabVgg(network.weights, { name: 'n', file, outputStride, pool5a })
			: undefined;
	};
	const networks = [
		['ResNet-101', resnet(true)],
		['ResNet-101 with batch norms', resnet(false)],
		['VGG-16', vgg(false)],
		['VGG-16 with pool5a', vgg(true)],
	] as const;
	const cases = networks.flatMap(([name, at]) => pairs.map(([from, to]) => [name, from, to, at] as const));

	it.each(cases)('%s, from %i to %i, has the layers of the one built there', (_name, from, to, at) => {
		const actual = withOutputStride(at(from)!, to, 'n.onnx');
		const expected = at(to)!;
		if (from !== 32) {
			expectSame(actual, expected);
			return;
		}
		// 6 and 18 are rounded to 2 and 5 at 32, and nothing tells what they were.
		const [rates] = [readMetadata(actual, 'n').branches.map(({ rate }) => rate)];
		expect(rates).toEqual([2, 3, 5, 6].map((rate) => (rate * 32) / to));
		const backbone = (model: OnnxModel) => (outline(model) as { nodes: OnnxNode[] }).nodes.slice(0, -5);
		expect(backbone(actual).filter(({ name }) => name.startsWith('backbone'))).toEqual(
			backbone(expected).filter(({ name }) => name.startsWith('backbone')),
		);
	});

	it('give the numbers of the one built there', async () => {
		const input = noise(97, 81);
		for (const at of [resnet(true), vgg(false)]) {
			const actual = await run(withOutputStride(at(8)!, 16, 'n.onnx'), input);
			const expected = await run(at(16)!, input);
			for (const [name, { data }] of Object.entries(expected)) {
				expect(relativeError(actual[name]!.data, data)).toBeLessThan(1e-6);
			}
		}
	});
});

describe('networks with random weights', () => {
	const small = { classes: 3, width: 1 / 16, seed: 3 };
	it.each([
		['resnet101', 'aspp-s'],
		['vgg16', 'largefov'],
		['vgg16', 'aspp-l'],
	] as const)('%s with %s, from 8 to 16', (backbone, head) => {
		const at = (outputStride: OutputStride) => buildRandomNetwork(backbone, head, small, { name: 'n', outputStride });
		expectSame(withOutputStride(at(8), 16, 'n'), at(16));
	});

	it('VGG-16 with a trunk and without the pools that would step: the convolution before takes the step', async () => {
		let state = 5;
		const random = () => {
			state = (state * 48271) % 2147483647;
			return state / 2147483647 - 0.5;
		};
		const conv = (name: string, inputs: number, channels: number) => {
			const tensor = (part: string, shape: number[], scale: number) => ({
				name: `${name}.${part}`,
				shape,
				data: new Float32Array(shape.reduce((product, side) => product * side, 1)).map(() => random() * scale),
			});
			return {
				weight: tensor('weight', [channels, inputs, 3, 3], 4 / Math.sqrt(9 * inputs)),
				bias: tensor('bias', [channels], 0.1),
			};
		};
		const stages = [2, 2, 3, 3, 3].map((count, stage) =>
			Array.from({ length: count }, (_, index) => conv(`c${stage}_${index}`, stage + index === 0 ? 3 : 4, 4)),
		);
		const all = {
			stages,
			trunk: [conv('fc6', 4, 6)],
			branches: [[conv('b0', 6, 3)] as const, [conv('b1', 6, 3)] as const],
		};
		const at = (outputStride: OutputStride) =>
			buildDeepLabVgg(all, { name: 'n', file: 'f', rates: [4, 12], outputStride });
		const input = noise(97, 81);
		for (const [from, to] of pairs) {
			const actual = await run(withOutputStride(at(from), to, 'n'), input);
			const expected = await run(at(to), input);
			expect(relativeError(actual.logits!.data, expected.logits!.data)).toBeLessThan(1e-5);
		}
	});
});

describe('what cannot be taken to another stride says why', () => {
	const file = 'net.onnx';
	const detail = (model: OnnxModel, outputStride: OutputStride = 16): string => {
		try {
			withOutputStride(model, outputStride, file);
		} catch (error) {
			return String((error as Error).message);
		}
		return 'nothing was thrown';
	};
	const { model } = networkWithHead({ rates: [6, 12] });
	const metadata = readMetadata(model, file);
	const saying = (change: Partial<typeof metadata>, graph = model.graph): OnnxModel => ({
		...model,
		graph,
		metadata: { ...model.metadata, ...writeMetadata({ ...metadata, ...change }) },
	});

	it('another stride than its layers step', () => {
		expect(detail(saying({ outputStride: 8 }))).toContain(
			'model.fixedStride (net.onnx): it says that its output stride is 8, its layers step 2 pixels',
		);
	});

	it('too few steps', () => {
		expect(detail(saying({ outputStride: 2 }))).toContain('its layers step 2 pixels at most');
	});

	it('no branches', () => {
		expect(detail(saying({ branches: [], outputStride: 2 }))).toContain('it has no branches');
	});

	it('rates that become one', () => {
		const near = buildRandomNetwork('resnet101', 'aspp-s', { classes: 3, width: 1 / 64, seed: 1 }, { name: 'n' });
		expect(detail(near, 32)).toContain('2, 4, 8, 12 become 1, 1, 2, 3, of which two are the same');
	});

	it('a layer of a kind that has no step to keep, an input of one size', () => {
		const bundled = buildRandomNetwork('vgg16', 'aspp-l', { classes: 3, width: 1 / 64, seed: 1 }, { name: 'n' });
		const fixed = readMetadata(bundled, file);
		const sized = { ...fixed.preprocessing, inputSize: [321, 329] as const };
		const sure = { ...bundled, metadata: writeMetadata({ ...fixed, preprocessing: sized }) };
		expect(detail(sure)).toContain('it takes pictures of 321 x 329 alone');
		const odd = (operator: string, name: string) => ({
			...bundled,
			graph: {
				...bundled.graph,
				nodes: bundled.graph.nodes.map((node) => (node.name === name ? { ...node, operator } : node)),
			},
		});
		expect(detail(odd('SpaceToDepth', 'backbone.pool2'))).toContain('layer “backbone.pool2” (SpaceToDepth)');
		expect(detail(odd('GlobalAveragePool', 'aspp.6.fc6.relu'))).toContain('stands between the features and the logits');
	});

	it('dilations that no steps explain', () => {
		const builder = new GraphBuilder('odd');
		const weight = (shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
		let value = builder.input('input', [1, 3, 'height', 'width']);
		const conv = (name: string, inputs: number, dilation: number, stride = 1, output = name) => {
			value = builder.conv(
				name,
				value,
				{ weight: weight([2, inputs, 3, 3]), stride, dilation, padding: dilation },
				name,
				output,
			);
		};
		conv('a', 3, 1, 8);
		conv('b', 2, 4);
		conv('c', 2, 2, 1, 'features');
		const branch = builder.conv('aspp.6', value, { weight: weight([3, 2, 3, 3]), dilation: 6, padding: 6 });
		const sum = builder.sum('logits', [branch]);
		for (const output of [value, branch, sum]) {
			builder.output(output, [1, null, null, null]);
		}
		const branches = [{ rate: 6, output: 'aspp.6' }];
		const said = writeMetadata({ ...metadata, outputStride: 8, branches });
		expect(detail({ ...model, graph: builder.build(), metadata: said })).toMatch(
			/layer “b” \(Conv\) lies between dilations 4 and 2/,
		);
	});
});

function difference(finer: Array4 | undefined, coarser: Array4 | undefined, step: number): number {
	const expected = strided(finer!, step);
	expect(coarser!.shape).toEqual(expected.shape);
	return relativeError(coarser!.data, expected.data);
}
