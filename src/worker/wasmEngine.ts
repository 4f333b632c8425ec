import * as ort from 'onnxruntime-web';
import type { BackendInfo } from '../core/backend';
import { InspectorError } from '../core/problem';
import type { WorkerSetup } from '../shared/protocol/worker';
import { type Feeds, type InferenceEngine, isTensor, runtimeError, type Tensor } from './engine';

/** onnxruntime's files in the assets folder. */
export const wasmEngineFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'] as const;

/** onnxruntime's files where they are not read from the assets folder's URL. */
export interface WasmEngineFiles {
	/** URL of the module. */
	readonly module: string;
	/** The wasm file's bytes. */
	readonly binary: Uint8Array;
}

/** onnxruntime-web on the CPU: WASM with SIMD and, where memory can be shared, threads. */
export class WasmEngine implements InferenceEngine {
	private session: ort.InferenceSession | undefined;

	constructor(setup: WorkerSetup, files?: WasmEngineFiles) {
		ort.env.wasm.wasmPaths = files ? { mjs: files.module } : setup.assets;
		if (files) {
			ort.env.wasm.wasmBinary = files.binary;
		}
		ort.env.wasm.numThreads = wasmThreads(setup.threads);
		ort.env.wasm.proxy = false;
		ort.env.logLevel = 'error';
	}

	get backend(): BackendInfo {
		return { name: 'wasm', threads: ort.env.wasm.numThreads ?? 1 };
	}

	async load(bytes: Uint8Array, name: string): Promise<void> {
		await this.unload();
		try {
			this.session = await ort.InferenceSession.create(bytes, {
				executionProviders: ['wasm'],
				graphOptimizationLevel: 'all',
				logSeverityLevel: 3,
			});
		} catch (error) {
			throw runtimeError(error, (detail) =>
				noBackend.test(detail) ? { code: 'runtime.unavailable', detail } : { code: 'model.damaged', name, detail },
			);
		}
	}

	async unload(): Promise<void> {
		const { session } = this;
		this.session = undefined;
		await session?.release();
	}

	async run(feeds: Tensor | Feeds, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
		const session = this.session;
		const inputName = session?.inputNames[0];
		if (!session || inputName === undefined) {
			throw new InspectorError({ code: 'internal', detail: 'no network is loaded' });
		}
		const tensors = Object.entries(isTensor(feeds) ? { [inputName]: feeds } : feeds).map(
			([name, { data, dims }]) => [name, new ort.Tensor('float32', data, [...dims])] as const,
		);
		const results = await session.run(Object.fromEntries(tensors), [...outputs]).catch((error: unknown) => {
			throw runtimeError(error, (detail) => ({ code: 'runtime.failed', detail }));
		});
		return Object.fromEntries(
			Object.entries(results).map(([name, { dims, data }]) => {
				if (!(data instanceof Float32Array)) {
					throw new InspectorError({ code: 'runtime.failed', detail: `output ${name} is not float32` });
				}
				return [name, { dims, data }];
			}),
		);
	}
}

/** onnxruntime's words when its wasm files could not be loaded. */
const noBackend = /no available backend found|WebAssembly/i;

/** Threads need shared memory: always there in Node, in browsers only in cross-origin isolated pages. */
export function wasmThreads(wanted: number): number {
	return typeof SharedArrayBuffer === 'undefined' ? 1 : Math.max(1, Math.floor(wanted));
}
