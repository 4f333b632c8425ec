/** What the host asks of the worker to make a model of a checkpoint. */
import type { ImportOverrides, ImportReport } from '../../core/checkpoint/importCheckpoint';
import type { TensorNote } from '../../core/checkpoint/tensorNotes';
import type { ModelSummary } from '../../core/onnx/summary';
import type { ModelSource } from './worker';

export type { ImportedBranch, ImportOverrides, ImportReport } from '../../core/checkpoint/importCheckpoint';
export type { TensorNote, TensorUse } from '../../core/checkpoint/tensorNotes';
export type { MemoryEstimate, ModelSummary } from '../../core/onnx/summary';

export interface CheckpointSource {
	/** Same key = same bytes: the worker keeps the last checkpoint until a model has been made of it. */
	readonly key: string;
	/** File name, for messages. */
	readonly name: string;
	/** May be left out where the worker already holds this key. */
	readonly bytes?: Uint8Array;
}

export interface ImportParams {
	readonly checkpoint: CheckpointSource;
	/** What the user has said so far. */
	readonly overrides: ImportOverrides;
}

/** What is found in a checkpoint, before anything is written. */
export interface CheckpointFindings {
	readonly report: ImportReport;
	/** Every tensor, in the file's order. */
	readonly tensors: readonly TensorNote[];
}

export interface BuiltModel {
	readonly report: ImportReport;
	/** The `.onnx` file. */
	readonly bytes: Uint8Array;
	readonly summary: ModelSummary;
}

/** Told when a stage begins. */
export type ImportStage = 'recognize' | 'build';

export interface ImportWorkerMethods {
	/** Key of the checkpoint that the worker holds. */
	heldCheckpoint: { params: null; result: string | null };
	/** Problems: `weights.*`. */
	examineCheckpoint: { params: ImportParams; result: CheckpointFindings; progress: ImportStage };
	/** Makes the model and lets the checkpoint go. Problems: `weights.*`. */
	buildModel: { params: ImportParams; result: BuiltModel; progress: ImportStage };
	releaseCheckpoint: { params: null; result: null };
	/** Problems: `model.*`. */
	summarizeModel: { params: ModelSource; result: ModelSummary };
}
