import * as ort from 'onnxruntime-web';
import type { BackendInfo } from '../../core/backend';
import type { Problem } from '../../core/problem';
import type { WorkerSetup } from '../../shared/protocol/worker';
import { OrtEngine } from './ortEngine';

/** onnxruntime's files in the assets folder. */
export const wasmEngineFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'] as const;

/** onnxruntime's files where they are not read from the assets folder's URL. */
export interface WasmEngineFiles {
	/** URL of the module. */
	readonly module: string;
	/** The wasm file's bytes. */
	readonly binary: Uint8Array;
}

export interface WasmEngineOptions {
	/** Undefined: read from the assets folder's URL. */
	readonly files?: WasmEngineFiles;
	readonly enableProfiling?: boolean;
}

/** onnxruntime-web on the CPU: WASM with SIMD and, where memory can be shared, threads. */
export class WasmEngine extends OrtEngine {
	constructor(setup: WorkerSetup, { files, enableProfiling = false }: WasmEngineOptions = {}) {
		super(ort, 'wasm', { enableProfiling });
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

	protected override loadProblem(detail: string, name: string): Problem {
		return noBackend.test(detail) ? { code: 'runtime.unavailable', detail } : { code: 'model.damaged', name, detail };
	}
}

/** onnxruntime's words when its wasm files could not be loaded. */
const noBackend = /no available backend found|WebAssembly/i;

/** Threads need shared memory: always there in Node, in browsers only in cross-origin isolated pages. */
export function wasmThreads(wanted: number): number {
	return typeof SharedArrayBuffer === 'undefined' ? 1 : Math.max(1, Math.floor(wanted));
}
