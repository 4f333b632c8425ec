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
	/** Loads onnxruntime. Problem: `runtime.unavailable`. */
	createEngine: { params: null; result: BackendInfo };
	load: { params: { readonly bytes: Uint8Array; readonly name: string }; result: null };
	run: {
		params: { readonly feeds: Tensor | Feeds; readonly outputs: readonly string[] };
		result: Readonly<Record<string, Tensor>>;
	};
	unload: { params: null; result: null };
}
