/** What the pipeline needs of an inference runtime; one implementation a backend. */

import type { BackendInfo } from '../../core/backend';
import { InspectorError, type Problem } from '../../core/problem';

export interface Tensor {
	readonly dims: readonly number[];
	/** Owned by the receiver. */
	readonly data: Float32Array;
}

/** Tensors by the names of the graph's inputs. */
export type Feeds = Readonly<Record<string, Tensor>>;

export interface InferenceEngine {
	readonly backend: BackendInfo;
	/**
	 * Makes a network ready; the one before it is let go first.
	 * @param bytes an ONNX file
	 * @param name the file's name, for messages
	 * @throws InspectorError `model.damaged`, `runtime.unavailable` or `runtime.outOfMemory`
	 */
	load(bytes: Uint8Array, name: string): Promise<void>;
	/**
	 * One run of the loaded network.
	 * @param feeds a tensor an input; one tensor alone is the first input's
	 * @param outputs names of graph outputs
	 * @returns a tensor an output name
	 * @throws InspectorError `runtime.failed` or `runtime.outOfMemory`
	 */
	run(feeds: Tensor | Feeds, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
	/** Lets the network and its memory go; another one can be loaded. */
	unload(): Promise<void>;
}

/** Whether feeds are one tensor. */
export function isTensor(feeds: Tensor | Feeds): feeds is Tensor {
	return feeds.data instanceof Float32Array;
}

/** `otherwise`, unless the runtime's error says that memory ran out. */
export function runtimeError(error: unknown, otherwise: (detail: string) => Problem): InspectorError {
	const detail = errorText(error);
	const problem: Problem = outOfMemory.test(detail) ? { code: 'runtime.outOfMemory', detail } : otherwise(detail);
	return new InspectorError(problem, { cause: error });
}

/** Allocation failures as C++, emscripten, V8 and onnxruntime word them. */
const outOfMemory =
	/bad_alloc|out of memory|\bOOM\b|allocation failed|failed to allocate|enlarge memory|could not allocate/i;

/** emscripten throws C++ exceptions as bare numbers, others throw strings. */
function errorText(error: unknown): string {
	if (error instanceof Error) {
		return error.message;
	}
	return typeof error === 'number' ? `the runtime stopped with code ${error}` : String(error);
}
