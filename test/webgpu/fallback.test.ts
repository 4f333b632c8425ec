/** What becomes of a run when WebGPU fails in the middle of it, and of the runs after it. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BackendStatus } from '../../src/core/backend';
import type { Problem } from '../../src/core/problem';
import { assets, ensureBuilt, sample, type TestClient, testClient } from '../unit/worker/support';
import { faultyGpu, gpuModule } from './support';

beforeAll(ensureBuilt);
let t: TestClient;
afterEach(() => t.client.dispose());

let statuses: BackendStatus[] = [];
let fallbacks: Problem[] = [];
function start(backend: 'auto' | 'webgpu', module: string | undefined): void {
	statuses = [];
	fallbacks = [];
	t = testClient({
		setup: { assets, threads: 2, backend, ...(module ? { gpuModule: module } : {}) },
		onBackend: (status) => statuses.push(status),
		onFallback: (problem) => fallbacks.push(problem),
	});
}
const segment = (key = 'bundled') =>
	t.client.segment({
		picture: { name: 'astronaut.png', bytes: sample('astronaut') },
		model: { ...t.model, key },
		longestSide: 65,
	});

describe('a run on WebGPU', () => {
	it.each([
		['whose device is lost', 'lost', 'runtime.failed', /lost/],
		['that the GPU finds invalid', 'invalid', 'runtime.failed', /usage/i],
		['that runs out of the GPU’s memory', 'memory', 'runtime.outOfMemory', /out of memory.*123 bytes/],
		['whose process ends', 'exit', 'runtime.failed', /code 3/],
		['whose driver crashes', 'crash', 'runtime.failed', /SIGSEGV/],
	] as const)('%s is done by WASM, and so are the model’s next ones', async (_, fault, code, detail) => {
		start('webgpu', faultyGpu(fault));
		const first = await segment();
		expect(first.info.backend).toEqual({ name: 'wasm', threads: 2 });
		expect(first.info.classes.length).toBeGreaterThan(1);
		expect(fallbacks).toEqual([{ code, detail: expect.stringMatching(detail) }]);
		expect(statuses).toEqual([
			expect.objectContaining({
				chosen: 'webgpu',
				runs: { name: 'wasm', threads: 2 },
				webgpuRefused: { reason: 'failed', detail: expect.stringMatching(detail) },
			}),
		]);
		expect(t.handles.length).toBe(2);
		await segment();
		expect(t.handles.length).toBe(2);
		expect(fallbacks.length).toBe(1);
		expect(statuses[1]?.webgpuRefused?.reason).toBe('failed');
	});

	it('is tried again when the user has chosen anew', async () => {
		start('webgpu', faultyGpu('lost'));
		await segment();
		t.setup = { ...t.setup, backend: 'wasm' };
		await segment();
		expect(statuses.at(-1)?.webgpuRefused?.reason).toBe('notChosen');
		t.setup = { ...t.setup, backend: 'webgpu', gpuModule };
		expect((await segment()).info.backend.name).toBe('webgpu');
		expect(fallbacks.length).toBe(1);
	});

	it('that is cancelled in the middle ends at once, and the next one runs on WebGPU', async () => {
		start('webgpu', gpuModule);
		const controller = new AbortController();
		const run = t.client.segment(
			{ picture: { name: 'astronaut.png', bytes: sample('astronaut') }, model: t.model, longestSide: 129 },
			{
				signal: controller.signal,
				onProgress: ({ stage }) => stage === 'network' && setTimeout(() => controller.abort(), 500),
			},
		);
		await expect(run).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		expect((await segment()).info.backend.name).toBe('webgpu');
		expect(fallbacks).toEqual([]);
	});
});

describe('WebGPU is refused, and WASM runs,', () => {
	it.each([
		['where the build carries none', 'webgpu', undefined, 'notInBuild', /-/],
		['where its module does not load', 'webgpu', 'file:///none.mjs', 'noWebGpu', /none\.mjs/],
		['without an adapter', 'webgpu', faultyGpu('noAdapter'), 'noAdapter', /^$/],
		['without a device', 'webgpu', faultyGpu('noDevice'), 'noDevice', /none left/],
		['where the driver crashes at once', 'webgpu', faultyGpu('crashAtOnce'), 'noDevice', /SIGSEGV/],
		['on a software adapter that nobody asked for', 'auto', gpuModule, 'blocklisted', /./],
	] as const)('%s', async (_, backend, module, reason, detail) => {
		start(backend, module);
		const { info } = await segment();
		expect(info.backend).toEqual({ name: 'wasm', threads: 2 });
		expect(statuses).toEqual([
			{
				chosen: backend,
				runs: { name: 'wasm', threads: 2 },
				sharedMemory: true,
				webgpuRefused: { reason, detail: expect.stringMatching(detail) },
			},
		]);
		expect(fallbacks).toEqual([]);
	});
});
