/** WebGPU that fails with a network, with a WASM that says it is WebGPU. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BackendChoice, BackendRefusal, BackendStatus } from '../../../src/core/backend';
import { InspectorError, type Problem } from '../../../src/core/problem';
import {
	atOutputStride,
	InferenceClient,
	type ModelHandle,
	type RequestOptions,
} from '../../../src/worker/client/client';
import { inProcessWorker } from './inProcessWorker';
import { ensureBuilt, modelFile, problemOf, sample } from './support';
import { PretendedWebGpu } from './wrongEngine';

beforeAll(ensureBuilt);

let client: InferenceClient;
/** Whether WASM fails too. */
let wasmFails = false;
let fallbacks: { readonly problem: Problem; readonly name: string }[];
afterEach(() => client.dispose());

class FailingWebGpu extends PretendedWebGpu {
	override run(): Promise<never> {
		return Promise.reject(new InspectorError({ code: 'runtime.failed', detail: 'lost' }));
	}
}

function start() {
	const worker = inProcessWorker((track) => new FailingWebGpu([], track), { wasmFails: () => wasmFails });
	fallbacks = [];
	wasmFails = false;
	client = new InferenceClient({
		startWorker: worker.start,
		setup: () => ({ ...worker.setup(), backend: 'auto' }),
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
		onFallback: (problem, name) => fallbacks.push({ problem, name }),
	});
	return worker;
}

const model: ModelHandle = {
	key: 'bundled',
	name: 'net.onnx',
	load: async () => new Uint8Array(readFileSync(modelFile)),
};
const picture = { name: 'chelsea.png', bytes: sample('chelsea') };

/** A picture's run on WASM, and what is asked of it at another stride. */
async function strideRequest() {
	const { info, tensors } = await client.segment({ picture, model, backend: 'wasm', longestSide: 129 });
	const { geometry, model: metadata } = info;
	return { model: atOutputStride(model, 16), rgb: tensors.rgb, geometry, preprocessing: metadata.preprocessing };
}

const segment = () => client.segment({ picture, model, longestSide: 129 });

describe('what WebGPU failed with', () => {
	const problem = { code: 'runtime.failed', detail: 'lost' };

	it('is told once WASM has done the run', async () => {
		start();
		expect((await segment()).info.backend.name).toBe('wasm');
		await segment();
		expect(fallbacks).toEqual([{ problem, name: 'net.onnx' }]);
	});

	it('is told with what WASM failed with, and by nothing else', async () => {
		start();
		wasmFails = true;
		const wasm = { code: 'runtime.outOfMemory', detail: 'bad_alloc' };
		expect(await problemOf(segment())).toEqual({ code: 'backend.bothFailed', detail: 'lost', wasm });
		expect(await problemOf(segment())).toEqual(wasm);
		wasmFails = false;
		await segment();
		expect(fallbacks).toEqual([]);
	});

	it('is told after the next run where the one on WASM was cancelled', async () => {
		start();
		const controller = new AbortController();
		let networks = 0;
		const onProgress: RequestOptions['onProgress'] = ({ stage }) => {
			networks += stage === 'network' ? 1 : 0;
			if (networks === 2) {
				controller.abort();
			}
		};
		const { signal } = controller;
		const run = client.segment({ picture, model, longestSide: 129 }, { signal, onProgress });
		expect(await problemOf(run)).toEqual({ code: 'cancelled' });
		expect(fallbacks).toEqual([]);
		await segment();
		expect(fallbacks).toEqual([{ problem, name: 'net.onnx' }]);
	});
});

describe('at another output stride', () => {
	it('WASM takes over where WebGPU fails, once told', async () => {
		const worker = start();
		const request = await strideRequest();
		expect((await client.segmentAtStride(request)).rates).toEqual([3, 6, 9, 12]);
		expect((await client.segmentAtStride(request)).rates).toEqual([3, 6, 9, 12]);
		expect(fallbacks).toEqual([{ problem: { code: 'runtime.failed', detail: 'lost' }, name: 'net.onnx' }]);
		expect(worker.made.filter((name) => name === 'webgpu')).toHaveLength(1);
	});

	it('the network runs on what the host has settled on', async () => {
		const worker = start();
		await client.segmentAtStride({ ...(await strideRequest()), backend: 'wasm' });
		expect(fallbacks).toEqual([]);
		expect(worker.made).not.toContain('webgpu');
	});
});

describe('a GPU that is not there', () => {
	/** Of a client whose workers end between two requests: what the runs tell of WebGPU, and how often it was looked for. */
	async function lookedFor(refusal: BackendRefusal, settings: readonly BackendChoice[]) {
		const worker = inProcessWorker(undefined, { refusal });
		const statuses: BackendStatus[] = [];
		let backend: BackendChoice = 'auto';
		client = new InferenceClient({
			startWorker: worker.start,
			setup: () => ({ ...worker.setup(), backend }),
			idleMilliseconds: () => 0,
			onBackend: (status) => statuses.push(status),
		});
		for (const setting of settings) {
			backend = setting;
			await client.segment({ picture, model, longestSide: 65 });
			await vi.waitFor(() => expect(client.running).toBe(false));
		}
		return { asked: worker.asked(), reasons: statuses.map(({ webgpuRefused }) => webgpuRefused?.reason) };
	}

	it.each([
		['noAdapter', '', 1],
		['blocklisted', 'llvmpipe', 1],
		['nodeTooOld', 'v20', 1],
		['notInBuild', 'linux-x64', 1],
		// A driver that was busy may answer the next time.
		['noAdapter', 'no answer within 15 s', 3],
		['noDevice', 'lost', 3],
	] as const)('for %s %s is looked for by %i of three workers', async (reason, detail, times) => {
		const { asked, reasons } = await lookedFor({ reason, detail }, ['auto', 'auto', 'auto']);
		expect(reasons).toEqual([reason, reason, reason]);
		expect(asked).toBe(times);
	});

	it('is looked for again after another choice', async () => {
		const refusal = { reason: 'noAdapter', detail: '' } as const;
		const { asked, reasons } = await lookedFor(refusal, ['auto', 'webgpu', 'webgpu', 'wasm', 'webgpu']);
		expect(reasons).toEqual(['noAdapter', 'noAdapter', 'noAdapter', 'notChosen', 'noAdapter']);
		expect(asked).toBe(3);
	});

	it('restarts no worker when it is known', async () => {
		const worker = inProcessWorker(undefined);
		const begun = vi.fn(worker.start);
		client = new InferenceClient({
			startWorker: begun,
			setup: () => ({ ...worker.setup(), backend: 'auto' }),
			idleMilliseconds: () => Number.POSITIVE_INFINITY,
		});
		await client.describeModel(model);
		await client.describeModel(model);
		expect(begun).toHaveBeenCalledOnce();
	});
});
