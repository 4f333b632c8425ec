import type { BackendName, BackendRefusal, BackendStatus } from '../core/backend';
import { InspectorError } from '../core/problem';
import type { ModelSource, WorkerSetup } from '../shared/protocol/worker';
import type { InferenceEngine } from './engine';
import { connectGpu, type Gpu, type GpuConnection, type GpuResult, refused } from './gpu';
import { wasmThreads } from './wasmEngine';

/** What the backends need of a thread of Node or a worker of a browser. */
export interface BackendEnvironment {
	/** The host's WebGPU. Asked only where it may be used. */
	openGpu(setup: WorkerSetup): Promise<Gpu | undefined | { readonly refused: BackendRefusal }>;
	/** @throws InspectorError `runtime.unavailable` */
	createWasmEngine(setup: WorkerSetup): Promise<InferenceEngine>;
	/** @throws InspectorError `runtime.unavailable` */
	createWebGpuEngine(setup: WorkerSetup, connection: GpuConnection): Promise<InferenceEngine>;
}

/** The backends of one worker: which one runs, and engines of them. */
export class Backends {
	/** What came of looking for a GPU where the setup did not let it be used. */
	private asked: Promise<GpuResult> | undefined;

	private constructor(
		private readonly environment: BackendEnvironment,
		private readonly setup: WorkerSetup,
		private readonly found: GpuResult,
		readonly status: BackendStatus,
	) {}

	/** Looks for a GPU unless the setup says WASM. */
	static async open(setup: WorkerSetup, environment: BackendEnvironment): Promise<Backends> {
		const chosen = setup.backend ?? 'wasm';
		const found = chosen === 'wasm' ? refused('notChosen') : await connect(setup, environment, chosen === 'webgpu');
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

	/** @throws InspectorError `runtime.unavailable`, also where there is no WebGPU */
	async createEngine(name: BackendName): Promise<InferenceEngine> {
		if (name === 'wasm') {
			return await this.environment.createWasmEngine(this.setup);
		}
		const gpu = await this.gpu();
		if ('refused' in gpu) {
			const { reason, detail } = gpu.refused;
			throw new InspectorError({ code: 'runtime.unavailable', detail: `WebGPU: ${reason} ${detail}` });
		}
		return await this.environment.createWebGpuEngine(this.setup, gpu);
	}

	/** For who wants WebGPU expressly, also a software adapter will do. */
	private async gpu(): Promise<GpuResult> {
		if ('refused' in this.found) {
			this.asked ??= connect(this.setup, this.environment, true);
			return await this.asked;
		}
		return this.found;
	}
}

async function connect(
	setup: WorkerSetup,
	environment: BackendEnvironment,
	allowSoftware: boolean,
): Promise<GpuResult> {
	const gpu = await environment.openGpu(setup);
	return gpu && 'refused' in gpu ? gpu : await connectGpu(gpu, { allowSoftware });
}
