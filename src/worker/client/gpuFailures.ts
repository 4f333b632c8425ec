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
 * Where WebGPU has failed since this was made, and why there is none: it is not tried again there. The user's choosing
 * another backend makes all of it forgotten.
 */
export class GpuFailures {
	private chosen: BackendChoice | undefined;
	/** Details by model and adapter. */
	private readonly models = new Map<string, string>();
	/** Problems by model, of which nobody has been told yet. */
	private readonly untold = new Map<string, Problem>();
	/** The worker did not even come up. */
	private start: string | undefined;
	private refused: BackendRefusal | undefined;

	/** The setup that a worker is started with: without WebGPU where that kept it from starting. */
	setup(wanted: WorkerSetup): WorkerSetup {
		if (this.chosen !== wanted.backend) {
			this.chosen = wanted.backend;
			this.models.clear();
			this.untold.clear();
			this.start = undefined;
			this.refused = undefined;
		}
		return this.start === undefined ? wanted : { ...wanted, backend: 'wasm' };
	}

	/** With the answer of an earlier worker, where looking for a GPU once more would give the same. */
	startSetup(setup: WorkerSetup): WorkerSetup {
		return this.refused && setup.backend === this.chosen ? { ...setup, gpuRefused: this.refused } : setup;
	}

	/** @param status of a worker that has just been started */
	noteStart({ chosen, webgpuRefused }: BackendStatus): void {
		if (chosen === this.chosen && webgpuRefused && lasts(webgpuRefused)) {
			this.refused = webgpuRefused;
		}
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
				this.untold.set(model, problem);
			}
			return tried;
		}
		const key = keyOf(model, status.runs.adapter);
		const onGpu = wanted === 'webgpu' || (wanted === undefined && status.runs.name === 'webgpu');
		if (!onGpu || this.models.has(key)) {
			return false;
		}
		this.models.set(key, detail);
		this.untold.set(model, problem);
		return true;
	}

	/** The failure that the user is to be told of, now that WASM has done a run of the model. */
	takeUntold(model: string): Problem | undefined {
		const problem = this.untold.get(model);
		this.untold.delete(model);
		return problem;
	}

	/** What is to be told where WASM has not done in its place what WebGPU failed with: of one problem, or of both. */
	onBoth(model: string, onGpu: Problem, onWasm: Problem): Problem {
		if (!failuresOfRuntime.has(onWasm.code)) {
			return onWasm;
		}
		this.untold.delete(model);
		return { code: 'backend.bothFailed', detail: 'detail' in onGpu ? onGpu.detail : '', wasm: onWasm };
	}

	private refusal(detail: string): { readonly chosen: BackendChoice; readonly webgpuRefused: BackendRefusal } {
		return { chosen: this.chosen ?? 'wasm', webgpuRefused: { reason: 'failed', detail } };
	}
}

function keyOf(model: string, adapter: GpuAdapter | undefined): string {
	return JSON.stringify([model, adapter]);
}

/** Whether there is no WebGPU for as long as this process runs. A driver that failed or did not answer may do so later. */
function lasts({ reason, detail }: BackendRefusal): boolean {
	switch (reason) {
		case 'blocklisted':
		case 'notInBuild':
		case 'nodeTooOld':
			return true;
		case 'noAdapter':
			return detail === '';
		case 'notChosen':
		case 'noWebGpu':
		case 'noDevice':
		case 'disagrees':
		case 'failed':
			return false;
		default: {
			const unknown: never = reason;
			throw new Error(`unknown reason ${String(unknown)}`);
		}
	}
}
