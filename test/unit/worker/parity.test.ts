/** WebGPU held against WASM, with a WASM that says it is WebGPU and computes layers wrongly. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { planProbes } from '../../../src/core/parity/probePlan';
import type { StageName } from '../../../src/core/run';
import { runtimeVersion } from '../../../src/core/runtimeVersion';
import type { ParityStage } from '../../../src/shared/protocol/parity';
import { InferenceClient, type RequestOptions, type SegmentRequest } from '../../../src/worker/client/client';
import { inProcessWorker } from './inProcessWorker';
import { ensureBuilt, modelFile, problemOf, sample } from './support';
import { type Fault, fakeAdapter, PretendedWebGpu } from './wrongEngine';

beforeAll(ensureBuilt);

const clients: InferenceClient[] = [];
afterEach(async () => {
	await Promise.all(clients.splice(0).map((client) => client.dispose()));
});

/** @param faults of the pretended WebGPU; null: there is none */
function start(faults: readonly Fault[] | null = []) {
	const worker = inProcessWorker(faults ? (track) => new PretendedWebGpu(faults, track) : undefined);
	const client = new InferenceClient({
		startWorker: worker.start,
		setup: worker.setup,
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
	});
	clients.push(client);
	return { client, worker };
}

const request = (more: Partial<SegmentRequest> = {}): SegmentRequest => ({
	picture: { name: 'chelsea.png', bytes: sample('chelsea') },
	model: {
		key: 'bundled',
		name: 'net.onnx',
		load: async () => new Uint8Array(readFileSync(modelFile)),
	},
	longestSide: 129,
	...more,
});

const { units } = planProbes(decodeOnnx(new Uint8Array(readFileSync(modelFile)), 'net.onnx').graph, 'logits');
const unitOf = (value: string) => units.find(({ outputs }) => outputs.includes(value))!;

describe('compareBackends', () => {
	it('finds nothing where there is nothing, on one scale and on several', async () => {
		const { client, worker } = start();
		for (const multiScale of [undefined, 'caffe'] as const) {
			const stages: ParityStage[] = [];
			const report = await client.compareBackends(request({ multiScale }), { onProgress: (s) => stages.push(s) });
			expect(report).toMatchObject({
				agrees: true,
				labelAgreement: 1,
				adapter: fakeAdapter,
				runtime: runtimeVersion,
				limit: { difference: 1e-3, labels: 0.999 },
			});
			expect(report.largestDifference).toBeLessThan(1e-6);
			expect(Math.abs(report.comparedAt - Date.now())).toBeLessThan(60_000);
			expect(stages).toEqual(['webgpu', 'wasm']);
		}
		// Never two networks at a time.
		expect(worker.mostLoaded()).toBe(1);
		expect(worker.loaded()).toBe(0);
	});

	it('is what two runs give: their logits and their masks', async () => {
		const fault = { value: 'logits', factor: 1.1 };
		const { client } = start([fault]);
		const report = await client.compareBackends(request());
		expect(report.agrees).toBe(false);
		expect(report.largestDifference).toBeCloseTo(0.1, 4);
		// A factor alone changes no class.
		expect(report.labelAgreement).toBeGreaterThan(0.999);
	});

	it('says so where there is no WebGPU, and the next run works', async () => {
		const { client } = start(null);
		expect(await problemOf(client.compareBackends(request()))).toEqual({
			code: 'backend.refused',
			refusal: { reason: 'noAdapter', detail: '' },
		});
		const { info } = await client.segment(request());
		expect(info.backend.name).toBe('wasm');
	});

	it('does not take WASM for WebGPU', async () => {
		const worker = inProcessWorker(undefined, { fallsBack: true });
		const client = new InferenceClient({ ...worker, startWorker: worker.start, idleMilliseconds: () => 1e9 });
		clients.push(client);
		expect(await problemOf(client.compareBackends(request()))).toEqual({
			code: 'runtime.unavailable',
			detail: 'there is wasm here, not webgpu',
		});
	});

	it('is cancelled between the runs, and lets go what it had loaded', async () => {
		const { client, worker } = start();
		const controller = new AbortController();
		const cancelled = client.compareBackends(request(), {
			signal: controller.signal,
			onProgress: (stage) => stage === 'wasm' && controller.abort(),
		});
		expect(await problemOf(cancelled)).toEqual({ code: 'cancelled' });
		expect((await client.compareBackends(request())).agrees).toBe(true);
		expect(worker.loaded()).toBe(0);
	});
});

describe('findDivergence', () => {
	it.each([
		// The first layer, one in the middle, one behind an activation, branches, the sum.
		[units[0]!.outputs[0]!, 1.5],
		[units[Math.floor(units.length / 2)]!.outputs[0]!, 1.2],
		['aspp.12', 1.05],
		['logits', 1.01],
		[units.find(({ operator }) => operator === 'Conv + Relu' || operator === 'Conv + Clip')!.outputs[0]!, Number.NaN],
	])('names the layer that makes %s, times %d', async (value, factor) => {
		const { client, worker } = start([{ value, factor }]);
		const found = await client.findDivergence(request());
		const { layer, operator } = unitOf(value);
		expect(found).toMatchObject({ layer, operator });
		if (Number.isFinite(factor)) {
			expect(found!.difference).toBeCloseTo(factor - 1, 4);
		} else {
			expect(found!.difference).toBeNull();
		}
		expect(found!.inputDifference).toBeLessThan(1e-5);
		expect(worker.mostLoaded()).toBe(1);
		expect(worker.loaded()).toBe(0);
	});

	it('of two wrong layers one after the other names the first', async () => {
		const [early, late] = [5, units.length - 8].map((index) => units[index]!);
		const { client } = start([early, late].map((unit) => ({ value: unit!.outputs[0]!, factor: 1.5 })));
		expect(await client.findDivergence(request())).toMatchObject({ layer: early!.layer });
	});

	it('names none where the logits agree', async () => {
		const { client } = start([{ value: units[3]!.outputs[0]!, factor: 1 }]);
		expect(await client.findDivergence(request({ multiScale: 'caffe' }))).toBeNull();
	});
});

describe('a run on the backend that the host has settled on', () => {
	it('changes the engine with it, and sends the model again', async () => {
		const { client, worker } = start();
		let loads = 0;
		const model = {
			...request().model,
			load: () => {
				loads++;
				return request().model.load();
			},
		};
		const ran = async (backend?: 'wasm' | 'webgpu') =>
			(await client.segment(request({ model, backend }))).info.backend.name;
		expect(await ran('webgpu')).toBe('webgpu');
		expect(await ran('webgpu')).toBe('webgpu');
		expect(loads).toBe(1);
		expect(await ran('wasm')).toBe('wasm');
		expect(await ran('wasm')).toBe('wasm');
		expect(loads).toBe(2);
		expect(await ran()).toBe('wasm');
		expect(await ran('webgpu')).toBe('webgpu');
		expect(loads).toBe(3);
		expect(worker.mostLoaded()).toBe(1);
	});

	it('also after a cancel on the way to it', async () => {
		const { client } = start();
		await client.segment(request({ backend: 'webgpu' }));
		const cancelled = client.segment(request({ backend: 'wasm' }), abortingAt('model'));
		expect(await problemOf(cancelled)).toEqual({ code: 'cancelled' });
		expect((await client.segment(request({ backend: 'wasm' }))).info.backend.name).toBe('wasm');
	});
});

function abortingAt(stage: StageName): RequestOptions {
	const controller = new AbortController();
	return {
		signal: controller.signal,
		onProgress: (progress) => {
			if (progress.stage === stage) {
				controller.abort();
			}
		},
	};
}
