import type { BackendName, BackendStatus, GpuAdapter } from '../../core/backend';
import { InspectorError } from '../../core/problem';
import type { ModelSource, WorkerSetup } from '../../shared/protocol/worker';
import { type RefusedGpu, refused } from '../gpu/gpu';
import type { InferenceEngine } from './engine';
import { wasmThreads } from './wasmEngine';

/** WebGPU that is ready to run networks. */
export interface OpenedGpu {
	readonly adapter: GpuAdapter;
	/** Loads what runs networks there. @throws InspectorError `runtime.*` */
	createEngine(): Promise<InferenceEngine>;
}

/** What the backends need of a thread of Node or a worker of a browser. */
export interface BackendEnvironment {
	/**
	 * The host's WebGPU. Called only where it may be used.
	 * @param allowSoftware whether an adapter that computes on the CPU will do
	 */
	openGpu(setup: WorkerSetup, allowSoftware: boolean): Promise<OpenedGpu | RefusedGpu>;
	/** Called for each network that is held at the same time as others. @throws InspectorError `runtime.unavailable` */
	createWasmEngine(setup: WorkerSetup): Promise<InferenceEngine>;
}

/** The backends of one worker: which one runs, and engines of them. */
export class Backends {
	/** What came of looking for a GPU where the setup did not let it be used. */
	private asked: Promise<OpenedGpu | RefusedGpu> | undefined;

	private constructor(
		private readonly environment: BackendEnvironment,
		private readonly setup: WorkerSetup,
		private readonly found: OpenedGpu | RefusedGpu,
		readonly status: BackendStatus,
	) {}

	/** Looks for a GPU unless the setup says WASM, or that there is none. */
	static async open(setup: WorkerSetup, environment: BackendEnvironment): Promise<Backends> {
		const chosen = setup.backend ?? 'wasm';
		const known = chosen === 'wasm' ? refused('notChosen') : setup.gpuRefused && { refused: setup.gpuRefused };
		const found = known ?? (await environment.openGpu(setup, chosen === 'webgpu'));
		const sharedMemory = typeof SharedArrayBuffer !== 'undefined';
		const status: BackendStatus =
			'refused' in found
				? {
						chosen,
						runs: { name: 'wasm', threads: wasmThreads(setup.threads) },
						sharedMemory,
						webgpuRefused: found.refused,
					}
				: { chosen, runs: { name: 'webgpu', threads: 1, adapter: found.adapter }, sharedMemory };
		return new Backends(environment, setup, found, status);
	}

	/** What a model runs on: WASM where there is no WebGPU, whatever is wanted. */
	async nameFor({ backend = this.status.runs.name }: Pick<ModelSource, 'backend'>): Promise<BackendName> {
		return backend === 'webgpu' && !('refused' in (await this.gpu())) ? backend : 'wasm';
	}

	/** @throws InspectorError `runtime.unavailable`, or `backend.refused` where there is no WebGPU */
	async createEngine(name: BackendName): Promise<InferenceEngine> {
		if (name === 'wasm') {
			return await this.environment.createWasmEngine(this.setup);
		}
		const gpu = await this.gpu();
		if ('refused' in gpu) {
			throw new InspectorError({ code: 'backend.refused', refusal: gpu.refused });
		}
		return await gpu.createEngine();
	}

	/** For who wants WebGPU expressly, also a software adapter will do. */
	private async gpu(): Promise<OpenedGpu | RefusedGpu> {
		if ('refused' in this.found) {
			this.asked ??= this.environment.openGpu(this.setup, true);
			return await this.asked;
		}
		return this.found;
	}
}
