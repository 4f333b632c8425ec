/** What the host asks of the inference worker. */
import type { BackendChoice, BackendName, BackendRefusal, BackendStatus } from '../../core/backend';
import type { NetworkDescription, Preprocessing } from '../../core/model';
import type { AdoptOptions, AdoptReport } from '../../core/onnx/discover/adopt';
import type { OutputStride } from '../../core/onnx/networks/outputStride';
import type { RunInfo, RunTensors, StageName, StageTiming } from '../../core/run';
import type { MultiScaleRule } from '../../core/segmentation/multiScale';
import type { AsppWorkerMethods } from './aspp';
import type { CrfWorkerMethods } from './crf';
import type { ImportWorkerMethods } from './import';
import type { ParityWorkerMethods } from './parity';
import type { ProfileWorkerMethods } from './profile';
import type { StrideWorkerMethods } from './strides';

/** Sent once, before anything else. */
export interface WorkerSetup {
	/** Base URL (or `file:` URL in Node) of the folder with onnxruntime's and the codecs' wasm files; ends in `/`. */
	readonly assets: string;
	/** Threads for the network; 1 where there is no shared memory. */
	readonly threads: number;
	/** Undefined: WASM. */
	readonly backend?: BackendChoice;
	/** URL of the module that brings WebGPU to Node; undefined where this build carries none, and in browsers. */
	readonly gpuModule?: string;
	/** Why there is no WebGPU, where an earlier worker has found that: it is not looked for. */
	readonly gpuRefused?: BackendRefusal;
}

export interface PictureSource {
	/** File name, for messages. */
	readonly name: string;
	readonly bytes: Uint8Array;
}

export interface ModelSource {
	/** Same key = same bytes: the worker keeps the last model's session. */
	readonly key: string;
	/** File name, for messages. */
	readonly name: string;
	/** May be left out where the worker already holds this key. */
	readonly bytes?: Uint8Array;
	/**
	 * What the host has settled on for this model, such as after a disagreement; undefined: as the worker was set up. With
	 * `webgpu` a software adapter will do; where there is none, WASM runs.
	 */
	readonly backend?: BackendName;
	/** The network is run at this output stride instead of its own; undefined: as the file has it. Part of `key`. */
	readonly outputStride?: OutputStride;
}

export interface SegmentParams {
	readonly picture: PictureSource;
	readonly model: ModelSource;
	/** Overrides the model's own longest side; undefined keeps it. */
	readonly longestSide?: number;
	/** Instead of the model's own. */
	readonly preprocessing?: Preprocessing;
	/** Several scales, fused; undefined: the full scale alone. */
	readonly multiScale?: MultiScaleRule;
}

/** A run without what only the host knows (id, URI, time). */
export interface SegmentResult {
	readonly info: Omit<RunInfo, 'id' | 'pictureUri' | 'createdAt' | 'modelFile'>;
	readonly tensors: RunTensors;
}

export interface AdoptedModel {
	readonly report: AdoptReport;
	/** An ONNX file. */
	readonly bytes: Uint8Array;
}

export interface StageProgress {
	readonly stage: StageName;
	/** Timings of the stages that are done. */
	readonly done: readonly StageTiming[];
}

export interface WorkerMethods
	extends CrfWorkerMethods,
		AsppWorkerMethods,
		ImportWorkerMethods,
		StrideWorkerMethods,
		ProfileWorkerMethods,
		ParityWorkerMethods {
	setup: { params: WorkerSetup; result: BackendStatus };
	/**
	 * Keys of the models the worker holds on a backend, so that the host need not send bytes again. Null: the backend that
	 * the worker was set up for.
	 */
	heldModels: { params: BackendName | null; result: readonly string[] };
	segment: { params: SegmentParams; result: SegmentResult; progress: StageProgress };
	describeModel: {
		params: ModelSource & { readonly inputSize?: readonly [number, number] };
		result: NetworkDescription;
	};
	/** Makes an ONNX model of another tool one that can be opened. @throws `model.unsupported` */
	adoptModel: {
		params: { readonly model: ModelSource; readonly options: AdoptOptions };
		result: AdoptedModel;
	};
	/** The model's file with another preprocessing in its metadata. */
	replacePreprocessing: {
		params: { readonly model: ModelSource; readonly preprocessing: Preprocessing };
		result: Uint8Array;
	};
}

/** The worker calls nothing of the host. */
export type WorkerCallsHost = Record<never, never>;
