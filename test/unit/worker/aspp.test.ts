/** The ASPP head in the real worker, after the real network. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { branchLogits, sumBranches } from '../../../src/core/aspp/branches';
import type { TapMaps } from '../../../src/core/aspp/types';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import type { SegmentResult } from '../../../src/shared/protocol/worker';
import { networkWithHead } from '../core/aspp/networkWithHead';
import { ensureBuilt, modelFile, problemOf, sample, testClient } from './support';

const t = testClient();
const { client, model } = t;
let run: SegmentResult;
let taps: TapMaps;

beforeAll(async () => {
	await ensureBuilt();
	run = await client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model });
	taps = await client.tapMaps({ model, features: run.tensors.features });
});
afterAll(() => client.dispose());

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

describe('the head of the bundled model', () => {
	it('is four linear branches', async () => {
		const head = await client.readHead(model);
		expect(head).toMatchObject({ linear: true, classes: 21, channels: 256 });
		expect(head.branches.map(({ rate, output }) => [rate, output])).toEqual([
			[6, 'aspp.6'],
			[12, 'aspp.12'],
			[18, 'aspp.18'],
			[24, 'aspp.24'],
		]);
	});

	it('has tap maps that add up to onnxruntime’s branches and logits', () => {
		expect(taps.taps.length).toBe(4 * 9 * 21 * 39 * 58);
		const maps = taps.trainedRates.map((rate, branch) => branchLogits(taps, branch, rate));
		for (const [branch, map] of maps.entries()) {
			expect(relativeError(map.data, run.tensors.branches[branch]!.data)).toBeLessThan(1e-4);
		}
		const all = sumBranches(maps, [true, true, true, true]);
		expect(relativeError(all.data, run.tensors.logits.data)).toBeLessThan(1e-4);
	});

	it.each([
		[[6, 12, 18, 24]],
		[[2, 4, 8, 12]],
		[[12, 12, 12, 12]],
		[[1, 36, 5, 17]],
		[[undefined, 3, undefined, undefined]],
	])('run alone at the rates %j gives what its tap maps give', async (rates) => {
		const maps = await client.runHead({ model, features: run.tensors.features, rates });
		expect(maps.map((map) => map?.rate)).toEqual(rates);
		for (const [branch, map] of maps.entries()) {
			if (!map) {
				continue;
			}
			expect([map.channels, map.height, map.width]).toEqual([21, 39, 58]);
			expect(relativeError(branchLogits(taps, branch, map.rate).data, map.data)).toBeLessThan(1e-4);
		}
	});

	it('leaves the network that is loaded alone, and the caller its features', async () => {
		const loads = t.loads();
		const again = await client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model });
		expect(t.loads()).toBe(loads);
		expect(again.tensors.logits.data).toEqual(run.tensors.logits.data);
		expect(run.tensors.features.data.length).toBe(256 * 39 * 58);
		expect(t.handles.length).toBe(1);
	});
});

describe('a head whose branches are more than one convolution', () => {
	const rates = [1, 2, 3];
	const { model: network } = networkWithHead({ rates, chain: true });
	const vgg = { key: 'chain', name: 'chain.onnx', load: async () => encodeOnnx(network) };

	it('is run again at other rates, branch by branch; it has no tap maps', async () => {
		const small = testClient();
		const { tensors } = await small.client.segment({
			picture: { name: 'chelsea.png', bytes: sample('chelsea') },
			model: vgg,
			longestSide: 65,
		});
		const { features } = tensors;
		const head = await small.client.readHead(vgg);
		expect([head.linear, head.branches.length]).toEqual([false, 3]);
		expect(await problemOf(small.client.tapMaps({ model: vgg, features }))).toMatchObject({
			code: 'model.unsupported',
			name: 'chain.onnx',
		});
		const again = await small.client.runHead({ model: vgg, features, rates });
		for (const [branch, map] of tensors.branches.entries()) {
			expect(relativeError(again[branch]!.data, map.data)).toBeLessThan(1e-5);
		}
		const [first, second, third] = await small.client.runHead({
			model: vgg,
			features,
			rates: [undefined, 5, undefined],
		});
		expect([first, third]).toEqual([undefined, undefined]);
		expect(second).toMatchObject({ rate: 5, channels: 3, height: features.height, width: features.width });
		expect(relativeError(second!.data, tensors.branches[1]!.data)).toBeGreaterThan(0.01);
		expect(small.handles.length).toBe(1);
		await small.client.dispose();
	});
});

describe('what is no head', () => {
	it('is told with the model’s name, and the worker lives on', async () => {
		const { graph, ...rest } = decodeOnnx(new Uint8Array(readFileSync(modelFile)), 'model.onnx');
		const nodes = graph.nodes.map((node) => {
			const isBranch = node.outputs.includes('aspp.12');
			return isBranch
				? { ...node, attributes: new Map([...node.attributes].filter(([name]) => name !== 'pads')) }
				: node;
		});
		const bytes = encodeOnnx({ ...rest, graph: { ...graph, nodes } });
		const load = async () => bytes.slice();
		const problem = await problemOf(client.readHead({ key: 'odd', name: 'odd.onnx', load }));
		expect(problem).toMatchObject({ code: 'model.unsupported', name: 'odd.onnx' });
		expect(t.handles.length).toBe(1);
		expect(t.ended()).toBe(0);
	});

	it('features of another network are refused before anything runs', async () => {
		const features = { channels: 3, height: 2, width: 2, data: new Float32Array(12) };
		expect(await problemOf(client.tapMaps({ model, features }))).toMatchObject({
			code: 'model.unsupported',
			detail: expect.stringContaining('256 channels'),
		});
	});
});
