/** An inference runtime that times its operators; one implementation a backend. */
import type { TracedRun } from '../../core/profile/runtimeTrace';
import type { InferenceEngine } from './engine';

export interface ProfilingEngine extends InferenceEngine {
	/**
	 * Ends the timing of the network that is loaded.
	 * @returns each `run` since it was loaded, in their order
	 * @throws InspectorError `runtime.failed`
	 */
	takeRuns(): Promise<readonly TracedRun[]>;
}

/** Collects what onnxruntime's wasm writes to standard output while `work` runs. */
export type OutputCapture = (work: () => void) => string;
