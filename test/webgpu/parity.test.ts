/** The comparison of the backends, with WebGPU itself. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assets, ensureBuilt, sample, type TestClient, testClient } from '../unit/worker/support';
import { gpuModule } from './support';

let t: TestClient;

beforeAll(async () => {
	await ensureBuilt();
	t = testClient({ setup: { assets, threads: 2, gpuModule } });
});
afterAll(() => t.client.dispose());

it('finds that WebGPU and WASM agree', async () => {
	const request = {
		picture: { name: 'astronaut.png', bytes: sample('astronaut') },
		model: t.model,
		longestSide: 65,
	};
	const report = await t.client.compareBackends(request);
	expect(report).toMatchObject({ agrees: true, adapter: { description: expect.any(String) } });
	// Other sums, other roundings: were it 0, WASM would have been compared with itself.
	expect(report.largestDifference).toBeGreaterThan(0);
	expect(report.largestDifference).toBeLessThan(1e-4);
	expect(await t.client.findDivergence(request)).toBeNull();
});

it('leaves the network that the worker holds on WebGPU as it is', async () => {
	const request = {
		picture: { name: 'coffee.png', bytes: sample('coffee') },
		model: t.model,
		longestSide: 65,
		backend: 'webgpu',
	} as const;
	const before = await t.client.segment(request);
	await t.client.compareBackends(request);
	const loads = t.loads();
	const after = await t.client.segment(request);
	expect(after.info.backend.name).toBe('webgpu');
	expect(after.tensors.logits.data).toEqual(before.tensors.logits.data);
	expect(t.loads()).toBe(loads);
});
