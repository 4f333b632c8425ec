/** Entry of the inference worker in a browser: a dedicated Web Worker, a classic one. */
import { Peer } from '../shared/rpc';
import { webCrfThreads } from './crfThreads.web';
import { serveInference } from './serve';
import { createWasmCrfEngine } from './wasmCrfEngine';
import { WasmEngine, type WasmEngineFiles, wasmEngineFiles, wasmThreads } from './wasmEngine';
import { type HostFileMethods, pathOfAsset, portOf, scriptUrl, type WebWorkerStart } from './webPorts';

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener('message', ({ data }: MessageEvent<WebWorkerStart>) => serve(data), { once: true });

function serve({ methods, files }: WebWorkerStart): void {
	const host = new Peer<Record<never, never>, HostFileMethods>(portOf(files), {});
	const readFile = (path: string) => host.call('readFile', { path });
	const loadAsset = (url: string) => readFile(pathOfAsset(url));
	const runtime = once(async (): Promise<WasmEngineFiles> => {
		const [module, binary] = await Promise.all(wasmEngineFiles.map((file) => readFile(`assets/${file}`)));
		return { module: scriptUrl(module!), binary: binary! };
	});
	const crfThreads = webCrfThreads(once(async () => scriptUrl(await readFile('web/crfThread.js'))));
	serveInference(portOf(methods), {
		loadAsset,
		createEngine: async (setup) => new WasmEngine(setup, await runtime()),
		createCrfEngine: ({ threads }) =>
			createWasmCrfEngine({
				loadAsset: (file) => readFile(`assets/${file}`),
				threads: wasmThreads(threads),
				startThread: crfThreads,
			}),
	});
}

/** Makes a thing when it is first asked for; where that fails, the next one who asks tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => {
		made ??= make().catch((error: unknown) => {
			made = undefined;
			throw error;
		});
		return made;
	};
}
