/** What the inference worker asks of the process that WebGPU runs in, where the host is Node. */
import type { BackendInfo, BackendRefusal, GpuAdapter } from '../../core/backend';
import type { WorkerSetup } from '../../shared/protocol/worker';
import type { Feeds, Tensor } from '../engine/engine';

export interface GpuProcessMethods {
	/** Sent once, before anything else. */
	connect: {
		params: { readonly setup: WorkerSetup; readonly allowSoftware: boolean };
		result: { readonly adapter: GpuAdapter } | { readonly refused: BackendRefusal };
	};
	/** Loads onnxruntime. Each engine holds a network of its own. Problem: `runtime.unavailable`. */
	createEngine: { params: null; result: { readonly engine: number; readonly backend: BackendInfo } };
	load: { params: { readonly engine: number; readonly bytes: Uint8Array; readonly name: string }; result: null };
	run: {
		params: { readonly engine: number; readonly feeds: Tensor | Feeds; readonly outputs: readonly string[] };
		result: Readonly<Record<string, Tensor>>;
	};
	unload: { params: { readonly engine: number }; result: null };
}
