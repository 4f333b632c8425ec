/** The worker in the test's own thread, with engines of the test's choice. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BackendRefusal } from '../../../src/core/backend';
import { InspectorError } from '../../../src/core/problem';
import type { WorkerSetup } from '../../../src/shared/protocol/worker';
import type { Message, Port } from '../../../src/shared/rpc';
import type { WorkerHandle } from '../../../src/worker/client/client';
import type { InferenceEngine } from '../../../src/worker/engine/engine';
import { WasmEngine } from '../../../src/worker/engine/wasmEngine';
import { serveInference } from '../../../src/worker/serve';
import { assets } from './support';
import { fakeAdapter } from './wrongEngine';

type Track = (event: 'load' | 'unload') => void;

export interface InProcessWorker {
	start(): WorkerHandle;
	setup(): WorkerSetup;
	/** Networks that are loaded now, and were at most. */
	loaded(): number;
	mostLoaded(): number;
	/** Backends of the engines that were made. */
	readonly made: string[];
	/** How often a GPU was looked for. */
	asked(): number;
}

/** @param webgpu undefined: there is no WebGPU, and what asks for it is refused, or gets WASM with `fallsBack` */
export function inProcessWorker(
	webgpu: ((track: Track) => InferenceEngine) | undefined,
	{
		fallsBack = false,
		refusal = { reason: 'noAdapter', detail: '' },
		wasmFails = () => false,
	}: {
		readonly fallsBack?: boolean;
		readonly refusal?: BackendRefusal;
		/** Asked when WASM is to run a network. */
		readonly wasmFails?: () => boolean;
	} = {},
): InProcessWorker {
	let most = 0;
	let asked = 0;
	const loaded = new Set<object>();
	const made: string[] = [];
	const trackOf = (): Track => {
		const engine = {};
		return (event) => {
			if (event === 'load') {
				loaded.add(engine);
			} else {
				loaded.delete(engine);
			}
			most = Math.max(most, loaded.size);
		};
	};
	return {
		start: () => {
			const [host, worker] = connected();
			let exited: (detail: string) => void = () => undefined;
			const peer = serveInference(worker, {
				loadAsset: async (url) => new Uint8Array(await readFile(fileURLToPath(url))),
				openGpu: async () => {
					asked++;
					if (!webgpu && !fallsBack) {
						return { refused: refusal };
					}
					return {
						adapter: fakeAdapter,
						createEngine: async () => {
							made.push('webgpu');
							return webgpu?.(trackOf()) ?? new WasmEngine({ assets, threads: 1 });
						},
					};
				},
				createWasmEngine: async (setup) => {
					made.push('wasm');
					return tracked(new WasmEngine(setup), trackOf(), wasmFails);
				},
				createProfilingEngine: () => Promise.reject(new Error('no profile here')),
				createCrfEngine: () => Promise.reject(new Error('no CRF here')),
			});
			return {
				port: host,
				onExit: (callback) => {
					exited = callback;
				},
				terminate: async () => {
					peer.close();
					exited('terminated');
				},
			};
		},
		setup: () => ({ assets, threads: 1 }),
		loaded: () => loaded.size,
		mostLoaded: () => most,
		made,
		asked: () => asked,
	};
}

function tracked(engine: InferenceEngine, track: Track, fails: () => boolean): InferenceEngine {
	return {
		backend: engine.backend,
		load: async (bytes, name) => {
			track('load');
			await engine.load(bytes, name);
		},
		run: (feeds, outputs) =>
			fails()
				? Promise.reject(new InspectorError({ code: 'runtime.outOfMemory', detail: 'bad_alloc' }))
				: engine.run(feeds, outputs),
		unload: async () => {
			track('unload');
			await engine.unload();
		},
	};
}

/** Two ends of a channel; messages are copied and come later, as between threads. */
function connected(): readonly [Port, Port] {
	const handlers: [((message: Message) => void)[], ((message: Message) => void)[]] = [[], []];
	const end = (own: 0 | 1): Port => ({
		post: (message, transfer = []) => {
			const copy = structuredClone(message, { transfer: [...new Set(transfer)] });
			setTimeout(() => {
				for (const handler of handlers[own === 0 ? 1 : 0]) {
					handler(copy);
				}
			}, 0);
		},
		listen: (handler) => {
			handlers[own].push(handler);
			return () => {
				handlers[own] = handlers[own].filter((each) => each !== handler);
			};
		},
	});
	return [end(0), end(1)];
}
