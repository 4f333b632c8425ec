/** A mixed head in the real worker, after the real runtime has run its network. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import type { OnnxModel } from '../../../src/core/onnx/ir';
import type { FeatureMap } from '../../../src/core/run';
import type { SegmentResult } from '../../../src/shared/protocol/worker';
import type { ModelHandle } from '../../../src/worker/client/client';
import { relativeError } from '../core/aspp/heads';
import { adoptedMixed, withBranchZeroed } from '../core/aspp/mixed';
import { ensureBuilt, problemOf, sample, testClient } from './support';

const t = testClient();
const { client } = t;
beforeAll(() => ensureBuilt(), 120_000);
afterAll(() => client.dispose());

let count = 0;
const handle = (model: OnnxModel): ModelHandle => {
	const bytes = encodeOnnx(model);
	return { key: `mixed ${count++}`, name: 'v3.onnx', load: async () => bytes.slice() };
};
const segment = (model: ModelHandle) =>
	client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model, longestSide: 97 });

describe.each([
	['DeepLabv3', {}],
	['DeepLabv3 that averages tensors', { pooling: 'tensor' }],
	['DeepLabv3+', { decoder: true }],
] as const)('%s', (_, options) => {
	const { model: network } = adoptedMixed(options);
	const model = handle(network);
	let run: SegmentResult;
	let maps: readonly FeatureMap[];
	const shared = () => ({
		model,
		features: run.tensors.features,
		picture: {
			rgb: run.tensors.rgb,
			geometry: run.info.geometry,
			preprocessing: run.info.model.preprocessing,
		},
	});

	beforeAll(async () => {
		run = await segment(model);
		const others = await client.mixedMaps(shared());
		expect(others.map((map) => map !== undefined)).toEqual([true, false, false, true]);
		maps = others.map((map, branch) => map ?? run.tensors.branches[branch - 1]!);
	});

	it('has a map for every branch, image pooling spread over the grid', () => {
		const { height, width } = run.tensors.features;
		for (const map of maps) {
			expect([map.channels, map.height, map.width]).toEqual([5, height, width]);
		}
		const { data } = maps[3]!;
		const plane = height * width;
		expect(data.slice(0, plane).every((value) => Math.abs(value - data[0]!) < 1e-6)).toBe(true);
	});

	it('gives the network’s logits, and those of it with a branch’s weights zeroed', async () => {
		const convs = ['/aspp.0/Conv', '/aspp.3/Conv', '/aspp.6/Conv', '/pool/Conv'];
		const done: number[] = [];
		const on = [convs.map(() => true), ...convs.map((_, off) => convs.map((_, branch) => branch !== off))];
		const [all, ...without] = await client.ablate({ ...shared(), maps, on }, { onProgress: (rows) => done.push(rows) });
		expect(done).toEqual([1, 2, 3, 4, 5]);
		expect(relativeError(all!, run.tensors.logits)).toBeLessThan(1e-5);
		for (const [branch, conv] of convs.entries()) {
			const zeroed = await segment(handle(withBranchZeroed(network, conv)));
			expect(relativeError(without[branch]!, zeroed.tensors.logits)).toBeLessThan(1e-4);
		}
		expect(maps[1]!.data.some((value) => value !== 0)).toBe(true);
	}, 60_000);

	it('has the gradient of a logit, and of the mean of a branch’s channels', async () => {
		const { rgb } = run.tensors;
		const { geometry } = run.info;
		const { height, width } = run.tensors.features;
		const logit = await client.gradient({
			model,
			rgb,
			geometry,
			target: { branch: undefined, label: 1, at: { row: 10, column: 12 } },
		});
		expect(logit.logit).toBeCloseTo(run.tensors.logits.data[(geometry.gridHeight + 10) * geometry.gridWidth + 12]!, 3);
		const at = { row: 8, column: 9 };
		const grid = [height, width] as const;
		const branch = await client.gradient({ model, rgb, geometry, target: { branch: 0, label: undefined, grid, at } });
		const plane = height * width;
		const values = [0, 1, 2, 3, 4].map((channel) => maps[1]!.data[channel * plane + 8 * width + 9]!);
		expect(branch.logit).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 5, 3);
		expect(branch.radius90).toBeLessThan(logit.radius90);
	}, 60_000);

	it('refuses features of another network, and the worker lives on', async () => {
		const features = { channels: 3, height: 2, width: 2, data: new Float32Array(12) };
		expect(await problemOf(client.mixedMaps({ ...shared(), features }))).toMatchObject({
			code: 'model.unsupported',
			detail: expect.stringContaining('6 channels'),
		});
		expect(t.ended()).toBe(0);
	});
});
