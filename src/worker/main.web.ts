/** Entry of the inference worker in a browser: a dedicated Web Worker. */
import { InspectorError } from '../core/problem';
import type { Message } from '../shared/rpc';
import { installCapture } from './capture.web';
import { connectGpu, type Gpu } from './gpu';
import { serveInference } from './serve';
import { createWasmCrfEngine } from './wasmCrfEngine';
import { WasmEngine } from './wasmEngine';
import { WasmProfilingEngine } from './wasmProfilingEngine';
import { createWebGpuEngine, webgpuEngineFiles } from './webgpuEngine';

declare const self: DedicatedWorkerGlobalScope;

const captureOutput = installCapture();

serveInference(
	{
		post: (message, transfer = []) => self.postMessage(message, [...transfer]),
		listen: (handler) => {
			const listener = (event: MessageEvent<Message>) => handler(event.data);
			self.addEventListener('message', listener);
			return () => self.removeEventListener('message', listener);
		},
	},
	{
		loadAsset,
		openGpu: async ({ assets }, allowSoftware) => {
			const connection = await connectGpu((self.navigator as { readonly gpu?: Gpu }).gpu, { allowSoftware });
			if ('refused' in connection) {
				return connection;
			}
			const [runtimeUrl, moduleUrl, wasm] = webgpuEngineFiles.map((file) => new URL(file, assets).href);
			const files = { runtimeUrl: runtimeUrl!, moduleUrl: moduleUrl!, wasm: wasm! };
			return { adapter: connection.adapter, createEngine: () => createWebGpuEngine(connection, files) };
		},
		createWasmEngine: async (setup) => new WasmEngine(setup),
		createProfilingEngine: async (setup) => new WasmProfilingEngine(setup, captureOutput),
		createCrfEngine: ({ assets }) =>
			createWasmCrfEngine({ loadAsset: (file) => loadAsset(new URL(file, assets).href), threads: 1 }),
	},
);

async function loadAsset(url: string): Promise<Uint8Array> {
	const response = await fetch(url);
	if (!response.ok) {
		throw new InspectorError({ code: 'runtime.unavailable', detail: `${url}: ${response.status}` });
	}
	return new Uint8Array(await response.arrayBuffer());
}
