/** Entry of the inference worker in a browser: a dedicated Web Worker, a classic one. */
import { Peer } from '../shared/rpc';
import { type HostFileMethods, pathOfAsset, portOf, scriptUrl, type WebWorkerStart } from './client/webPorts';
import { webCrfThreads } from './crf/crfThreads.web';
import { createWasmCrfEngine } from './crf/wasmCrfEngine';
import { installCapture } from './engine/capture.web';
import { WasmEngine, type WasmEngineFiles, wasmEngineFiles, wasmThreads } from './engine/wasmEngine';
import { WasmProfilingEngine } from './engine/wasmProfilingEngine';
import { createWebGpuEngine, type WebGpuEngineFiles, webgpuEngineFiles } from './engine/webgpuEngine';
import { connectGpu, type Gpu } from './gpu/gpu';
import { serveInference } from './serve';

declare const self: DedicatedWorkerGlobalScope;

const captureOutput = installCapture();

self.addEventListener('message', ({ data }: MessageEvent<WebWorkerStart>) => serve(data), { once: true });

function serve({ methods, files }: WebWorkerStart): void {
	const host = new Peer<Record<never, never>, HostFileMethods>(portOf(files), {});
	const readFile = (path: string) => host.call('readFile', { path });
	const loadAsset = (url: string) => readFile(pathOfAsset(url));
	const runtime = once(async (): Promise<WasmEngineFiles> => {
		const [module, binary] = await Promise.all(wasmEngineFiles.map((file) => readFile(`assets/${file}`)));
		return { module: scriptUrl(module!), binary: binary! };
	});
	const webgpuRuntime = once(async (): Promise<WebGpuEngineFiles> => {
		const [runtimeScript, module, wasm] = await Promise.all(
			webgpuEngineFiles.map((file) => readFile(`assets/${file}`)),
		);
		return { runtimeUrl: scriptUrl(runtimeScript!), moduleUrl: scriptUrl(module!), wasm: wasm! };
	});
	const crfThreads = webCrfThreads(once(async () => scriptUrl(await readFile('web/crfThread.js'))));
	serveInference(portOf(methods), {
		loadAsset,
		openGpu: async (_setup, allowSoftware) => {
			const connection = await connectGpu((self.navigator as { readonly gpu?: Gpu }).gpu, { allowSoftware });
			return 'refused' in connection
				? connection
				: {
						adapter: connection.adapter,
						createEngine: async () => createWebGpuEngine(connection, await webgpuRuntime()),
					};
		},
		createWasmEngine: async (setup) => new WasmEngine(setup, { files: await runtime() }),
		createProfilingEngine: async (setup) => new WasmProfilingEngine(setup, captureOutput, await runtime()),
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
