/** Whole networks through the worker, on WebGPU against WASM. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { buildRandomNetwork, type RandomBackbone } from '../../src/core/onnx/networks/randomWeights';
import type { SegmentResult } from '../../src/shared/protocol/worker';
import type { ModelHandle } from '../../src/worker/client/client';
import { assets, ensureBuilt, sample, type TestClient, testClient } from '../unit/worker/support';
import { gpuModule, relativeDifference } from './support';

const adapter = expect.objectContaining({ vendor: expect.any(String), description: expect.any(String) });
let t: TestClient;

beforeAll(async () => {
	await ensureBuilt();
	t = testClient({ setup: { assets, threads: 2, backend: 'webgpu', gpuModule } });
});
afterAll(() => t.client.dispose());

async function onBoth(model: ModelHandle, longestSide: number): Promise<[SegmentResult, SegmentResult]> {
	const request = { picture: { name: 'astronaut.png', bytes: sample('astronaut') }, model, longestSide };
	const gpu = await t.client.segment(request);
	const cpu = await t.client.segment({ ...request, backend: 'wasm' });
	expect(gpu.info.backend).toEqual({ name: 'webgpu', threads: 1, adapter });
	expect(cpu.info.backend).toEqual({ name: 'wasm', threads: 2 });
	return [gpu, cpu];
}

function expectSame(gpu: SegmentResult, cpu: SegmentResult): void {
	const maps = ({ tensors }: SegmentResult) => [tensors.logits, tensors.features, ...tensors.branches];
	const others = maps(cpu);
	for (const [index, map] of maps(gpu).entries()) {
		expect(relativeDifference(map.data, others[index]!.data)).toBeLessThan(1e-3);
	}
	const { labels } = cpu.tensors;
	const equal = gpu.tensors.labels.filter((label, index) => label === labels[index]).length;
	expect(equal / labels.length).toBeGreaterThanOrEqual(0.999);
}

describe('WebGPU and WASM agree', () => {
	it('on the bundled model', async () => {
		const [gpu, cpu] = await onBoth(t.model, 129);
		expectSame(gpu, cpu);
		expect(gpu.info.classes.length).toBeGreaterThan(1);
	});

	it.each<RandomBackbone>(['resnet101', 'vgg16'])('on a small %s', async (backbone) => {
		const bytes = encodeOnnx(
			buildRandomNetwork(backbone, 'aspp-l', { classes: 21, width: 1 / 16, seed: 1 }, { name: backbone }),
		);
		const model = { key: backbone, name: `${backbone}.onnx`, load: async () => new Uint8Array(bytes) };
		const [gpu, cpu] = await onBoth(model, 65);
		expectSame(gpu, cpu);
	});

	it('when the first model comes again, in the same worker', async () => {
		const [gpu, cpu] = await onBoth(t.model, 65);
		expectSame(gpu, cpu);
		expect(t.handles.length).toBe(1);
		expect(t.ended()).toBe(0);
	});
});
