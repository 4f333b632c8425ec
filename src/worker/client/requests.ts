/** What can be asked of the inference client. */
import type { BackendName } from '../../core/backend';
import type { Preprocessing } from '../../core/model';
import type { OutputStride } from '../../core/onnx/networks/outputStride';
import type { FeatureMap } from '../../core/run';
import type { MultiScaleRule } from '../../core/segmentation/multiScale';
import type { AblationParams, GradientParams, MixedHeadParams, SomeRates } from '../../shared/protocol/aspp';
import type { CrfKernelName, CrfSettings, CrfSource } from '../../shared/protocol/crf';
import type { ImportOverrides } from '../../shared/protocol/import';
import type { StrideRunParams } from '../../shared/protocol/strides';
import type { PictureSource, StageProgress } from '../../shared/protocol/worker';

export interface ModelHandle {
	/** Same key = same bytes. */
	readonly key: string;
	/** File name, for messages. */
	readonly name: string;
	/** Called only when the worker lacks the bytes. They move to the worker: return fresh ones. */
	load(): Promise<Uint8Array>;
	/** Pictures go through the network at this output stride; undefined: as the file has it. */
	readonly outputStride?: OutputStride;
}

/** A model that pictures go through at another output stride than its file's. */
export function atOutputStride({ key, name, load }: ModelHandle, outputStride: OutputStride): ModelHandle {
	return { key: `${key}@${outputStride}`, name, load, outputStride };
}

export interface SegmentRequest {
	readonly picture: PictureSource;
	readonly model: ModelHandle;
	/** What the host has settled on for this model; undefined: as the worker is set up. */
	readonly backend?: BackendName | undefined;
	/** Overrides the model's own longest side. */
	readonly longestSide?: number;
	/** Instead of the model's own. */
	readonly preprocessing?: Preprocessing;
	/** Several scales, fused; undefined: the full scale alone. */
	readonly multiScale?: MultiScaleRule;
}

export interface RequestOptions<Progress = StageProgress> {
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: Progress) => void;
}

export interface RefineRequest {
	/** Same id = same source. */
	readonly runId: string;
	readonly settings: CrfSettings;
	/** Called only when the worker lacks the source. Its buffers move to the worker: return fresh ones. */
	loadSource(): Promise<CrfSource>;
}

export interface CrfMaskRequest extends RefineRequest {
	readonly iteration: number;
	/** Whether the entropy at that iteration is wanted as well. */
	readonly entropy: boolean;
}

export interface ProbeCrfRequest extends RefineRequest {
	readonly iteration: number;
	/** In picture pixels. */
	readonly x: number;
	readonly y: number;
}

export interface CrfTiesRequest extends RefineRequest {
	readonly kernel: CrfKernelName;
	/** In picture pixels. */
	readonly x: number;
	readonly y: number;
}

export interface HeadRequest {
	readonly model: ModelHandle;
	/** What the branches read; a copy is sent. */
	readonly features: FeatureMap;
}

export interface RunHeadRequest extends HeadRequest {
	readonly rates: SomeRates;
}

export interface GradientRequest extends Omit<GradientParams, 'model'> {
	readonly model: ModelHandle;
}

export interface ImportRequest {
	/** A handle as of a model: its `load` gives the checkpoint's bytes. */
	readonly checkpoint: ModelHandle;
	readonly overrides: ImportOverrides;
}

/** Its maps and features are copied. */
export interface MixedHeadRequest extends Omit<MixedHeadParams, 'model'> {
	readonly model: ModelHandle;
}

export interface AblationRequest extends Omit<AblationParams, 'model'> {
	readonly model: ModelHandle;
}

export interface StrideRequest extends Omit<StrideRunParams, 'model'> {
	/** Of {@link atOutputStride}. */
	readonly model: ModelHandle;
	/** As of {@link SegmentRequest}. */
	readonly backend?: BackendName | undefined;
}
