/** One picture at two output strides: what the worker computes of it, and what the Inspector shows. */
import type { ClassChange } from '../../core/crf/changes';
import type { Preprocessing } from '../../core/model';
import type { OutputStride } from '../../core/onnx/networks/outputStride';
import type { StageName, StageTiming } from '../../core/run';
import type { MultiScaleRule } from '../../core/segmentation/multiScale';
import type { Geometry } from './types';
import type { ModelSource, StageProgress } from './worker';

export type { OutputStride } from '../../core/onnx/networks/outputStride';

/** The finer grid first: its mask is drawn on the left. */
export type StridePair = readonly [finer: OutputStride, coarser: OutputStride];

/** What can be compared. */
export const stridePairs = [
	[8, 16],
	[8, 32],
	[16, 32],
] as const satisfies readonly StridePair[];

/* ------------------------------------------------------------------ worker */

export interface StrideRunParams {
	/** With the output stride wanted. */
	readonly model: ModelSource;
	/** The picture of a run, 3 bytes a pixel, at its own size. */
	readonly rgb: Uint8Array;
	/** Of that run: the picture reaches the network as it did there, but for the padding that the stride wants. */
	readonly geometry: Geometry;
	readonly preprocessing: Preprocessing;
	readonly multiScale?: MultiScaleRule;
}

export interface StrideRun {
	/** One label a picture pixel. */
	readonly labels: Uint8Array;
	readonly gridWidth: number;
	readonly gridHeight: number;
	/** Dilation rates of the branches, in cells of that grid. */
	readonly rates: readonly number[];
	readonly timings: readonly StageTiming[];
}

export interface StrideWorkerMethods {
	/** @throws `model.fixedStride` where the model cannot be taken to that stride */
	segmentAtStride: { params: StrideRunParams; result: StrideRun; progress: StageProgress };
}

/* --------------------------------------------------------------- Inspector */

/** One of the two networks, once its mask is there. */
export interface StrideSide {
	readonly stride: OutputStride;
	readonly gridWidth: number;
	readonly gridHeight: number;
	readonly rates: readonly number[];
	/** Rates of the run's own model that do not divide at this stride. */
	readonly rounded: readonly number[];
	/** What the network took. */
	readonly milliseconds: number;
	/** Its mask is the run's own. */
	readonly own: boolean;
}

export type StrideActivity =
	/** Done, or cancelled: then a side is missing. */
	| { readonly kind: 'idle' }
	/** `since`: milliseconds since the epoch; `stage`: undefined while it waits for its turn. */
	| {
			readonly kind: 'running';
			readonly stride: OutputStride;
			readonly stage: StageName | undefined;
			readonly since: number;
	  }
	| { readonly kind: 'failed'; readonly message: string };

/** The comparison as it stands, without its masks. */
export interface InspectorStrides {
	readonly runId: string;
	readonly pair: StridePair;
	/** In the order of the pair. */
	readonly sides: readonly (StrideSide | undefined)[];
	/** Of the second mask against the first; undefined until both are there. */
	readonly effect: StrideEffect | undefined;
	readonly activity: StrideActivity;
}

export interface StrideEffect {
	/** All classes that are in either mask. */
	readonly changes: readonly ClassChange[];
	/** Pixels of the picture whose label differs. */
	readonly changedPixels: number;
}

/** A mask that the page has not been told yet. */
export interface InspectorStrideMask {
	readonly runId: string;
	readonly stride: OutputStride;
	/** At the run's display size. */
	readonly labels: Uint8Array;
}

/** What a user does to the comparison in the Inspector. */
export type StrideAction =
	| { readonly kind: 'compare'; readonly pair: StridePair }
	| { readonly kind: 'cancel' | 'close' | 'showLog' };
