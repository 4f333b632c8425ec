/** Entry of the inference worker in a browser: a dedicated Web Worker. */
import { InspectorError } from '../core/problem';
import type { Message } from '../shared/rpc';
import { serveInference } from './serve';
import { createWasmCrfEngine } from './wasmCrfEngine';
import { refuseWebGpu, WasmEngine } from './wasmEngine';

declare const self: DedicatedWorkerGlobalScope;

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
		createEngine: async (setup, backend) => {
			refuseWebGpu(backend);
			return new WasmEngine(setup);
		},
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
