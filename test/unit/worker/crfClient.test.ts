/** The client's CRF requests, on a worker in this thread whose kernel computes by the definition. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InspectorError } from '../../../src/core/problem';
import type { CrfSource } from '../../../src/shared/protocol/crf';
import type { Message, Port } from '../../../src/shared/rpc';
import { InferenceClient, type WorkerHandle } from '../../../src/worker/client/client';
import { serveInference } from '../../../src/worker/serve';
import { halves, smallSettings } from './crfSource';
import { type FakeCrf, fakeCrf } from './fakeCrf';
import { problemOf } from './support';

let engines: FakeCrf[];
let handles: (WorkerHandle & { crash(): void })[];
let client: InferenceClient;
let terminated: number;

function portOf(port: MessagePort): Port {
	return {
		post: (message, transfer = []) => port.postMessage(message, [...transfer]),
		listen: (handler) => {
			const listener = (message: Message) => handler(message);
			port.on('message', listener);
			return () => port.off('message', listener);
		},
	};
}

function startWorker() {
	const { port1, port2 } = new MessageChannel();
	const exits: ((detail: string) => void)[] = [];
	serveInference(portOf(port2), {
		loadAsset: () => Promise.reject(new Error('no assets')),
		openGpu: async () => ({ refused: { reason: 'noWebGpu', detail: '' } }),
		createWasmEngine: () => Promise.reject(new InspectorError({ code: 'runtime.unavailable', detail: 'none' })),
		createProfilingEngine: () => Promise.reject(new InspectorError({ code: 'runtime.unavailable', detail: 'none' })),
		createCrfEngine: async () => {
			engines.push(fakeCrf());
			return engines.at(-1)!;
		},
	});
	const end = (detail: string) => {
		port1.close();
		for (const callback of exits) {
			callback(detail);
		}
	};
	const handle = {
		port: portOf(port1),
		onExit: (callback: (detail: string) => void) => void exits.push(callback),
		terminate: async () => {
			terminated++;
			end('terminated');
		},
		crash: () => end('gone'),
	};
	handles.push(handle);
	return handle;
}

beforeEach(() => {
	engines = [];
	handles = [];
	terminated = 0;
	client = new InferenceClient({
		startWorker,
		setup: () => ({ assets: 'file:///none/', threads: 1 }),
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
	});
});
afterEach(() => client.dispose());

const request = (runId = 'a') => ({
	runId,
	settings: smallSettings(),
	loadSource: vi.fn(async (): Promise<CrfSource> => halves()),
});

describe('InferenceClient', () => {
	it('sends a run’s source once, for all kinds of requests', async () => {
		const a = request();
		const steps: number[] = [];
		const { labels } = await client.refine(a, { onProgress: ({ iteration }) => steps.push(iteration) });
		expect(labels).toHaveLength(4);
		expect(steps).toEqual([0, 1, 2, 3]);
		const mask = await client.crfMask({ ...a, iteration: 1, entropy: true });
		expect([mask.labels.length, mask.entropy?.length]).toEqual([96, 96]);
		const probe = await client.probeCrf({ ...a, iteration: 3, x: 1, y: 1 });
		expect(probe.classes).toHaveLength(3);
		const ties = await client.crfTies({ ...a, kernel: 'spatial', x: 1, y: 1 });
		expect(ties.values).toHaveLength(96);
		expect(a.loadSource).toHaveBeenCalledTimes(1);
		const b = request('b');
		await client.refine(b);
		expect(b.loadSource).toHaveBeenCalledTimes(1);
		await client.refine(a);
		expect(a.loadSource).toHaveBeenCalledTimes(2);
		expect(engines[0]!.calls.setInput).toBe(3);
	});

	it('a cancelled refinement ends at once; the worker stays, with its source', async () => {
		const a = request();
		const controller = new AbortController();
		const run = client.refine(a, {
			signal: controller.signal,
			onProgress: ({ iteration }) => iteration === 1 && controller.abort(),
		});
		expect(await problemOf(run)).toEqual({ code: 'cancelled' });
		expect((await client.refine(a)).labels).toHaveLength(4);
		expect(a.loadSource).toHaveBeenCalledTimes(1);
		expect([handles.length, terminated]).toEqual([1, 0]);
	});

	it('of many that are superseded only the last is computed', async () => {
		const a = request();
		const controllers = Array.from({ length: 5 }, () => new AbortController());
		const runs = controllers.map(({ signal }) => problemOf(client.refine(a, { signal })));
		for (const controller of controllers) {
			controller.abort();
		}
		await client.refine(a);
		expect(new Set((await Promise.all(runs)).map(({ code }) => code))).toEqual(new Set(['cancelled']));
		expect(engines[0]!.calls.step).toBeLessThanOrEqual(4);
	});

	it('a worker that ends in between fails that request alone', async () => {
		const a = request();
		const run = client.refine(a, { onProgress: ({ iteration }) => iteration === 1 && handles[0]!.crash() });
		expect(await problemOf(run)).toEqual({ code: 'worker.crashed', detail: 'gone' });
		expect((await client.refine(a)).labels).toHaveLength(4);
		expect(a.loadSource).toHaveBeenCalledTimes(2);
		expect(handles).toHaveLength(2);
	});

	it('too little memory leaves the worker, an unknown failure ends it', async () => {
		const a = request();
		await client.refine(a);
		engines[0]!.failure = new RangeError('Array buffer allocation failed');
		expect(await problemOf(client.refine(a))).toMatchObject({ code: 'crf.tooLarge' });
		expect(terminated).toBe(0);
		await client.refine(a);
		engines.at(-1)!.failure = new Error('unreachable');
		expect(await problemOf(client.refine(a))).toMatchObject({ code: 'internal' });
		expect(terminated).toBe(1);
		expect((await client.refine(a)).labels).toHaveLength(4);
	});

	it('a source that cannot be loaded is told by its loader’s problem, and the next request works', async () => {
		const gone = new InspectorError({ code: 'run.notFound', name: 'cat.png' });
		const run = client.refine({ ...request(), loadSource: () => Promise.reject(gone) });
		expect(await problemOf(run)).toMatchObject({ code: 'run.notFound' });
		expect((await client.refine(request())).labels).toHaveLength(4);
		expect(handles).toHaveLength(1);
	});
});
