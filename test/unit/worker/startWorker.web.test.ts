/** How the host starts a worker in a browser, with a browser's `Worker` that is played. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InspectorError } from '../../../src/core/problem';
import { type Message, Peer } from '../../../src/shared/rpc';
import { startWebWorker } from '../../../src/worker/client/startWorker.web';
import { type HostFileMethods, portOf, type WebWorkerStart } from '../../../src/worker/client/webPorts';

class PlayedWorker extends EventTarget {
	static last: PlayedWorker | undefined;
	start: WebWorkerStart | undefined;
	terminated = false;
	constructor(readonly url: string) {
		super();
		PlayedWorker.last = this;
	}
	postMessage(start: WebWorkerStart): void {
		this.start = start;
	}
	terminate(): void {
		this.terminated = true;
	}
}

beforeEach(() => {
	PlayedWorker.last = undefined;
	vi.stubGlobal('Worker', PlayedWorker);
});
afterEach(() => vi.unstubAllGlobals());

const request: Message = { kind: 'request', id: 1, method: 'setup', params: null };
const bytes = () => Promise.resolve(Uint8Array.of(1, 2, 3));

async function started(): Promise<PlayedWorker & { start: WebWorkerStart }> {
	await vi.waitFor(() => expect(PlayedWorker.last?.start).toBeDefined());
	return PlayedWorker.last as PlayedWorker & { start: WebWorkerStart };
}

it('delivers what was posted before the script was there, and serves the host’s files', async () => {
	const asked: string[] = [];
	const handle = startWebWorker({
		script: async () => 'blob:script',
		readFile: (path) => {
			asked.push(path);
			return bytes();
		},
	});
	handle.port.post(request);
	const worker = await started();
	expect(worker.url).toBe('blob:script');
	const first = new Promise((resolve) => portOf(worker.start.methods).listen(resolve));
	expect(await first).toEqual(request);
	const host = new Peer<Record<never, never>, HostFileMethods>(portOf(worker.start.files), {});
	expect([...(await host.call('readFile', { path: 'assets/a.wasm' }))]).toEqual([1, 2, 3]);
	expect(asked).toEqual(['assets/a.wasm']);
	host.close();
	await handle.terminate();
});

it('tells once that it ended: when it was ended, and when it failed', async () => {
	const handle = startWebWorker({ script: async () => 'blob:script', readFile: bytes });
	const told: string[] = [];
	handle.onExit((detail) => told.push(detail));
	const worker = await started();
	worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
	await handle.terminate();
	expect(told).toEqual(['out of memory']);
	expect(worker.terminated).toBe(true);
	handle.onExit((detail) => told.push(detail));
	expect(told).toEqual(['out of memory', 'out of memory']);
});

it('says what is missing where the script cannot be read', async () => {
	const handle = startWebWorker({
		script: () =>
			Promise.reject(new InspectorError({ code: 'runtime.unavailable', detail: 'dist/web/worker.js: gone' })),
		readFile: bytes,
	});
	expect(await new Promise((resolve) => handle.onExit(resolve))).toBe('dist/web/worker.js: gone');
	expect(PlayedWorker.last).toBeUndefined();
});

it('ended before its script was read, starts no worker', async () => {
	let give: (url: string) => void = () => undefined;
	const handle = startWebWorker({
		script: () =>
			new Promise((resolve) => {
				give = resolve;
			}),
		readFile: bytes,
	});
	await handle.terminate();
	give('blob:script');
	await new Promise((resolve) => setTimeout(resolve, 10));
	expect(PlayedWorker.last).toBeUndefined();
});
