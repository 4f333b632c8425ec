/** Entry of the inference worker in Node: a `worker_threads` thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Message } from '../shared/rpc';
import { loadAsset, presentAssets } from './assets.node';
import type { InferenceThreadData } from './client/startWorker.node';
import { nodeCrfThreads } from './crf/crfThreads.node';
import { createWasmCrfEngine } from './crf/wasmCrfEngine';
import { captureOutput } from './engine/capture.node';
import { WasmEngine, wasmEngineFiles } from './engine/wasmEngine';
import { WasmProfilingEngine } from './engine/wasmProfilingEngine';
import { openProcessGpu } from './gpu/processGpu.node';
import { serveInference } from './serve';

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
		openGpu: (setup, allowSoftware) => {
			const process = new URL('./gpu.mjs', import.meta.url);
			const keeper = new URL('./gpuKeeper.mjs', import.meta.url);
			const { keepers } = workerData as InferenceThreadData;
			return openProcessGpu({ process, keeper, keepers }, setup, allowSoftware);
		},
		createWasmEngine: async (setup) => {
			await presentAssets(wasmEngineFiles, setup.assets);
			return new WasmEngine(setup);
		},
		createProfilingEngine: async (setup) => {
			await presentAssets(wasmEngineFiles, setup.assets);
			return new WasmProfilingEngine(setup, captureOutput);
		},
		// In kibibytes.
		processPeak: () => process.resourceUsage().maxRSS * 1024,
		createCrfEngine: ({ assets, threads }) =>
			createWasmCrfEngine({
				loadAsset: (file) => loadAsset(new URL(file, assets).href),
				threads,
				startThread: nodeCrfThreads(new URL('./crfThread.mjs', import.meta.url)),
			}),
	},
);
