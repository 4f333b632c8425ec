/** Entry of the inference worker in Node: a `worker_threads` thread. */
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { InspectorError } from '../core/problem';
import type { Message } from '../shared/rpc';
import { nodeCrfThreads } from './crfThreads.node';
import { openNodeGpu } from './gpu.node';
import { serveInference } from './serve';
import { createWasmCrfEngine } from './wasmCrfEngine';
import { WasmEngine, wasmEngineFiles } from './wasmEngine';
import { createWebGpuEngine, webgpuEngineFiles } from './webgpuEngine';

const parent = parentPort;
if (!parent) {
	throw new Error('worker.mjs runs in a worker thread');
}

serveInference(
	{
		post: (message, transfer = []) => parent.postMessage(message, transfer),
		listen: (handler) => {
			const listener = (message: Message) => handler(message);
			parent.on('message', listener);
			return () => parent.off('message', listener);
		},
	},
	{
		loadAsset,
		openGpu: openNodeGpu,
		createWasmEngine: async (setup) => {
			await present(wasmEngineFiles, setup.assets);
			return new WasmEngine(setup);
		},
		createWebGpuEngine: async ({ assets }, connection) => {
			const [runtimeUrl, moduleUrl, wasm] = await present(webgpuEngineFiles, assets);
			return await createWebGpuEngine(connection, { runtimeUrl: runtimeUrl!, moduleUrl: moduleUrl!, wasm: wasm! });
		},
		createCrfEngine: ({ assets, threads }) =>
			createWasmCrfEngine({
				loadAsset: (file) => loadAsset(new URL(file, assets).href),
				threads,
				startThread: nodeCrfThreads(new URL('./crfThread.mjs', import.meta.url)),
			}),
	},
);

/**
 * onnxruntime writes to standard error when its files are missing; look first.
 * @returns the files' URLs
 */
async function present(files: readonly string[], assets: string): Promise<readonly string[]> {
	const urls = files.map((file) => new URL(file, assets));
	for (const path of urls.map((url) => fileURLToPath(url))) {
		await access(path).catch((error: unknown) => Promise.reject(unavailable(path, error)));
	}
	return urls.map((url) => url.href);
}

async function loadAsset(url: string): Promise<Uint8Array> {
	const path = fileURLToPath(url);
	return await readFile(path).catch((error: unknown) => Promise.reject(unavailable(path, error)));
}

function unavailable(path: string, cause: unknown): InspectorError {
	const detail = `${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
	return new InspectorError({ code: 'runtime.unavailable', detail }, { cause });
}
