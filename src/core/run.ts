/** A run: the immutable record of one picture through one network. */
import type { BackendInfo } from './backend';
import type { ModelMetadata } from './model';
import type { MultiScaleNote } from './segmentation/multiScale';

/** How picture pixels, network input pixels and logit cells lie over each other. */
export interface Geometry {
	/** The picture's own size, after EXIF orientation. */
	readonly pictureWidth: number;
	readonly pictureHeight: number;
	/** The picture's size inside the network input, before padding. */
	readonly resizedWidth: number;
	readonly resizedHeight: number;
	/** The network input's size, padding included. */
	readonly inputWidth: number;
	readonly inputHeight: number;
	/** The logit grid's size. */
	readonly gridWidth: number;
	readonly gridHeight: number;
	readonly alignCorners: boolean;
}

/** The stages of a run in their order; `draw` is measured by the view. */
export const stageNames = ['decode', 'model', 'network', 'upsample', 'draw'] as const;
export type StageName = (typeof stageNames)[number];

export interface StageTiming {
	readonly stage: StageName;
	readonly milliseconds: number;
}

/** A class that is present in the mask. */
export interface ClassShare {
	/** Label = class index. */
	readonly label: number;
	readonly pixels: number;
	/** Share of the picture's area, 0…1. */
	readonly share: number;
}

/** Which file a model came from, so that it can be found again. */
export interface ModelFileNote {
	/** As the setting of the model has it: a path or a URI, empty for the bundled one. */
	readonly location: string;
	/** Same key = same bytes, on the same machine. */
	readonly key: string;
}

/** Everything about a run but its tensors: plain JSON. */
export interface RunInfo {
	readonly id: string;
	readonly pictureName: string;
	/** URI of the picture, as a string. */
	readonly pictureUri: string;
	/** Of the file; `png`, `jpeg`, `webp`, `bmp` or `gif`. */
	readonly pictureFormat: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	readonly model: ModelMetadata;
	/** The file of the model; undefined in records of runs that did not note it. */
	readonly modelFile?: ModelFileNote;
	readonly geometry: Geometry;
	/** Where the logits are fused of several scales; branches and features are then the full scale's alone. */
	readonly multiScale?: MultiScaleNote;
	/** Largest share first. */
	readonly classes: readonly ClassShare[];
	readonly timings: readonly StageTiming[];
	readonly backend: BackendInfo;
}

/** A float32 map, channel-major: index = (channel * height + y) * width + x. */
export interface FeatureMap {
	readonly channels: number;
	readonly height: number;
	readonly width: number;
	readonly data: Float32Array;
}

export interface BranchMap extends FeatureMap {
	/** Dilation rate. */
	readonly rate: number;
}

export interface RunTensors {
	/** The picture, oriented, 3 bytes a pixel, at the picture's own size. */
	readonly rgb: Uint8Array;
	/** One label a picture pixel. */
	readonly labels: Uint8Array;
	/** With several scales the largest of each cell and class: then not the sum of `branches`. */
	readonly logits: FeatureMap;
	/** Index of the scale that won, one a picture pixel; undefined where there was one scale. */
	readonly winningScales?: Uint8Array;
	readonly branches: readonly BranchMap[];
	readonly features: FeatureMap;
}

export interface Run {
	readonly info: RunInfo;
	readonly tensors: RunTensors;
}
