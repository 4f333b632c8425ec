/** Comparing WebGPU with WASM: what the host asks of a worker, and what pages show of it. */
import type { DivergentLayer, ParityReport } from '../../core/parity/report';
import type { SegmentParams } from './worker';

export type { DivergentLayer, ParityReport } from '../../core/parity/report';

/** What is being done: a run on one of the backends, or the search for the layer. */
export type ParityStage = 'webgpu' | 'wasm' | 'search';

export interface ParityWorkerMethods {
	/** A run on each backend, one after the other. Problems: `picture.*`, `model.*`, `runtime.*`, `cancelled`. */
	compareBackends: { params: SegmentParams; result: ParityReport; progress: ParityStage };
	/** Null where no layer is over the limit. Problems: as of `compareBackends`. */
	findDivergence: { params: SegmentParams; result: DivergentLayer | null; progress: ParityStage };
}

/** What is known of a model on this machine's WebGPU. */
export type ParityState =
	| { readonly kind: 'comparing'; readonly stage: ParityStage }
	| { readonly kind: 'compared'; readonly report: ParityReport }
	/** `message`: of the problem. */
	| { readonly kind: 'failed'; readonly message: string };
