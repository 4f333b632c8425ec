import type { BackendChoice, BackendName, BackendRefusal, BackendStatus, GpuAdapter } from '../../core/backend';
import type { Problem, ProblemCode } from '../../core/problem';
import type { WorkerSetup } from '../../shared/protocol/worker';

/** What WASM may do better. A picture or a model that is wrong is wrong on both. */
const failuresOfRuntime: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
	'runtime.unavailable',
	'runtime.failed',
	'runtime.outOfMemory',
	'worker.crashed',
	'internal',
]);

/**
 * Where WebGPU has failed since this was made: it is not tried again there. The user's choosing another backend makes all
 * of it forgotten.
 */
export class GpuFailures {
	private chosen: BackendChoice | undefined;
	/** Details by model and adapter. */
	private readonly models = new Map<string, string>();
	/** The worker did not even come up. */
	private start: string | undefined;

	/** The setup that a worker is started with: without WebGPU where that kept it from starting. */
	setup(wanted: WorkerSetup): WorkerSetup {
		if (this.chosen !== wanted.backend) {
			this.chosen = wanted.backend;
			this.models.clear();
			this.start = undefined;
		}
		return this.start === undefined ? wanted : { ...wanted, backend: 'wasm' };
	}

	/** What a model is to run on; undefined: as the worker is set up. */
	backendOf(model: string, status: BackendStatus, wanted: BackendName | undefined): BackendName | undefined {
		return this.models.has(keyOf(model, status.runs.adapter)) ? 'wasm' : wanted;
	}

	/** What would run a model, for who tells the user. */
	statusOf(model: string, status: BackendStatus): BackendStatus {
		const detail = this.start ?? this.models.get(keyOf(model, status.runs.adapter));
		return detail === undefined ? status : { ...status, ...this.refusal(detail) };
	}

	/**
	 * Notes a failure.
	 * @param status of the worker; undefined where it did not start
	 * @returns whether it was one of WebGPU, so that the same is to be run again
	 */
	note(problem: Problem, model: string, status: BackendStatus | undefined, wanted: BackendName | undefined): boolean {
		if (!failuresOfRuntime.has(problem.code)) {
			return false;
		}
		const detail = 'detail' in problem ? problem.detail : '';
		if (!status) {
			const tried = this.start === undefined && this.chosen !== undefined && this.chosen !== 'wasm';
			if (tried) {
				this.start = detail;
			}
			return tried;
		}
		const key = keyOf(model, status.runs.adapter);
		const onGpu = wanted === 'webgpu' || (wanted === undefined && status.runs.name === 'webgpu');
		if (!onGpu || this.models.has(key)) {
			return false;
		}
		this.models.set(key, detail);
		return true;
	}

	private refusal(detail: string): { readonly chosen: BackendChoice; readonly webgpuRefused: BackendRefusal } {
		return { chosen: this.chosen ?? 'wasm', webgpuRefused: { reason: 'failed', detail } };
	}
}

function keyOf(model: string, adapter: GpuAdapter | undefined): string {
	return JSON.stringify([model, adapter]);
}
