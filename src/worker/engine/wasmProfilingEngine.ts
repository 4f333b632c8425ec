import { InspectorError } from '../../core/problem';
import { readRuntimeTrace, type TracedRun } from '../../core/profile/runtimeTrace';
import type { WorkerSetup } from '../../shared/protocol/worker';
import type { OutputCapture, ProfilingEngine } from './profilingEngine';
import { WasmEngine, type WasmEngineFiles } from './wasmEngine';

/**
 * onnxruntime-web on the CPU with its own profiler on. Its wasm has no files: the profiler writes its trace to standard
 * output when profiling ends, at the latest when the session is let go.
 */
export class WasmProfilingEngine extends WasmEngine implements ProfilingEngine {
	constructor(
		setup: WorkerSetup,
		private readonly capture: OutputCapture,
		files?: WasmEngineFiles,
	) {
		super(setup, { enableProfiling: true, ...(files ? { files } : {}) });
	}

	async takeRuns(): Promise<readonly TracedRun[]> {
		const { session } = this;
		if (!session) {
			throw new InspectorError({ code: 'internal', detail: 'no network is loaded' });
		}
		const text = this.capture(() => session.endProfiling());
		return readRuntimeTrace(text);
	}

	override async unload(): Promise<void> {
		const { session } = this;
		if (session) {
			// Otherwise its trace ends up in the terminal. A second end writes nothing.
			this.capture(() => session.endProfiling());
		}
		await super.unload();
	}
}
