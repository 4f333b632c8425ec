/** The ASPP head: what the worker computes of it, and what its views and the Inspector show. */

import type { ChannelValue } from '../../core/aspp/channelMaps';
import type { EffectiveField } from '../../core/aspp/effectiveField';
import type { AsppHead, CellView, ClassExplanation, MixedBranch, TapMaps } from '../../core/aspp/types';
import type { ClassChange } from '../../core/crf/changes';
import type { Preprocessing } from '../../core/model';
import type { Probe } from './inspector';
import type { BranchMap, ClassInfo, FeatureMap, Geometry } from './types';
import type { ModelSource } from './worker';

export type { ChannelValue } from '../../core/aspp/channelMaps';
export type { EffectiveField } from '../../core/aspp/effectiveField';
export type {
	AsppHead,
	BranchShare,
	BranchView,
	CellView,
	ClassExplanation,
	MixedBranch,
	Mixing,
	PictureBox,
	SeenArea,
	TapMaps,
	TapPosition,
} from '../../core/aspp/types';

/** Dilation rates that can be chosen. */
export const lowestRate = 1;
export const highestRate = 36;

/* ------------------------------------------------------------------ worker */

/**
 * What is differentiated: the logit of a class, through all branches or one, at a cell or over an object; of a mixed
 * head's branch the mean of its channels.
 */
export interface GradientTarget {
	/** Index of a branch; undefined: the logits. */
	readonly branch: number | undefined;
	/** Undefined for a mixed head's branch, which has no classes. */
	readonly label: number | undefined;
	/** Of the branch, where that is another than the logits'. */
	readonly grid?: readonly [height: number, width: number];
	/** One cell of the grid, or the mean over all cells with `mask[row * gridWidth + column] !== 0`. */
	readonly at: { readonly row: number; readonly column: number } | { readonly mask: Uint8Array };
}

export interface GradientParams {
	readonly model: ModelSource;
	/** The picture, 3 bytes a pixel, at its own size, and how it became the network's input. */
	readonly rgb: Uint8Array;
	readonly geometry: Geometry;
	readonly target: GradientTarget;
}

export type GradientStage = 'build' | 'load' | 'run';

/** Dilation rates, one a branch; undefined for a branch that is left out. */
export type SomeRates = readonly (number | undefined)[];

/** What a mixed head is run from: a run's features, and its picture where layers behind the branches read that too. */
export interface MixedHeadParams {
	readonly model: ModelSource;
	readonly features: FeatureMap;
	/** Needed where {@link Mixing.readsPicture}. */
	readonly picture: RunPicture | undefined;
}

/** A run's picture, 3 bytes a pixel, at its own size, and how it became the network's input. */
export interface RunPicture {
	readonly rgb: Uint8Array;
	readonly geometry: Geometry;
	readonly preprocessing: Preprocessing;
}

export interface AblationParams extends MixedHeadParams {
	/** What meets in the head, in its order. */
	readonly maps: readonly FeatureMap[];
	/** A row a run of the layers behind: which maps it takes, and which are set to zero. */
	readonly on: readonly (readonly boolean[])[];
}

export interface AsppWorkerMethods {
	/** What the model's graph says of its head. @throws `model.unsupported` where no head is found */
	readHead: { params: ModelSource; result: AsppHead };
	/** @throws `model.unsupported` where the head is not linear */
	tapMaps: { params: { readonly model: ModelSource; readonly features: FeatureMap }; result: TapMaps };
	/** Runs branches of the head alone, at other rates; undefined leaves one out. For heads that are not linear. */
	runHead: {
		params: { readonly model: ModelSource; readonly features: FeatureMap; readonly rates: SomeRates };
		result: readonly (BranchMap | undefined)[];
	};
	/** Maps of a mixed head that the network has no output for; undefined for those it has. */
	mixedMaps: { params: MixedHeadParams; result: readonly (FeatureMap | undefined)[] };
	/** The network's logits of some of a mixed head's maps, one a row of `on`; told after each. */
	ablate: { params: AblationParams; result: readonly FeatureMap[]; progress: number };
	/** Key of the model whose bytes {@link GradientParams} need not have. */
	heldGradientModel: { params: null; result: string | undefined };
	/** Gradient of a logit with respect to the picture. */
	gradient: { params: GradientParams; result: EffectiveField; progress: GradientStage };
}

/* --------------------------------------------------------------- Inspector */

/** The mask of the branches that are on, at the rates that are set. */
export interface InspectorBranches {
	readonly runId: string;
	/** At the run's display size. */
	readonly labels: Uint8Array;
	/** For what is read out at the pointer; undefined where they follow, once the mask stays. */
	readonly logits: FeatureMap | undefined;
	/** In words of the view, e.g. rates that are on: `[6, 18]`. */
	readonly rates: readonly number[];
	/** Of a mixed head, instead of rates: the names of the branches that are on. */
	readonly names?: readonly string[];
	readonly changes: readonly ClassChange[];
	readonly changedPixels: number;
}

/** The logits of the mask that was told last. */
export interface InspectorBranchLogits {
	readonly runId: string;
	readonly logits: FeatureMap;
}

/** At every pixel the branch that adds most to the winning class. */
export interface InspectorDominance {
	readonly runId: string;
	/** Index of the branch, at the run's display size. */
	readonly branches: Uint8Array;
	/** Rate of each branch. */
	readonly rates: readonly number[];
	/** Pixels of the picture by branch, as shares, 0…1. */
	readonly shares: readonly number[];
}

/** Boxes and taps over the picture. */
export interface InspectorFields {
	readonly runId: string;
	readonly cell: CellView;
	/** Index of the branch that is pointed at: the others fade. */
	readonly highlighted: number | undefined;
	/** Index of the tap that is pointed at, of the branch highlighted. */
	readonly tap: number | undefined;
	/** Branches by nine shares for the chosen class; undefined where they are not known. */
	readonly tapShares: readonly (readonly number[] | undefined)[] | undefined;
	/** Largest |share| of a tap over all branches: the scale's end. */
	readonly largestTapShare: number;
}

/** A measured receptive field as a heat map over the picture. */
export interface InspectorGradient {
	readonly runId: string;
	readonly field: EffectiveField;
}

/* -------------------------------------------------------- ASPP Branches view */

/** Score maps of one class on the raw grid. */
export interface AsppMaps {
	readonly runId: string;
	readonly label: number;
	readonly height: number;
	readonly width: number;
	/** branches x height x width: each branch's logits of the class. */
	readonly branches: Float32Array;
	/** End of the scale, symmetric about zero; fixed for a run and class. */
	readonly scale: number;
}

/** Why the probe pixel has its class. */
export interface AsppExplanation {
	readonly x: number;
	readonly y: number;
	/** The nearest cell of the grid. */
	readonly cell: CellView;
	/** The chosen class, at the pixel: interpolated as the network upsamples, so that it is what the Inspector reads out. */
	readonly chosen: ClassExplanation;
	/** The best other class: the winner where the chosen class is not; undefined with one class. */
	readonly runnerUp: ClassExplanation | undefined;
	/** Index of the branch that is on and adds most to the difference between the two, in its direction. */
	readonly deciding: number | undefined;
}

export interface AsppRunView {
	readonly runId: string;
	readonly pictureName: string;
	readonly geometry: Geometry;
	readonly classes: readonly ClassInfo[];
	readonly head: AsppHead;
	/** The run fused several scales: all that is said of the branches is of the full scale alone, not of the run's logits. */
	readonly fullScaleAlone?: boolean;
	/** Dilation rates as they are set, one a branch. */
	readonly rates: readonly number[];
	/** Whether a branch is on. */
	readonly on: readonly boolean[];
	/** The class chosen. */
	readonly label: number;
	/** Whether the user chose it; else it is the probe pixel's winner (without a probe, the largest class). */
	readonly labelIsChosen: boolean;
	/** Labels of the mask, largest first, for choosing. */
	readonly present: readonly number[];
	readonly probe: Probe | undefined;
	readonly explanation: AsppExplanation | undefined;
	/** What the branches and rates as set change in the mask; undefined where nothing is altered. */
	readonly effect: { readonly changedPixels: number; readonly changes: readonly ClassChange[] } | undefined;
	/** Whether the Inspector draws which branch contributes most. */
	readonly dominance: InspectorDominance['shares'] | undefined;
	/** A head that is not linear is being run again at other rates. */
	readonly busy: boolean;
	readonly problem: string | undefined;
}

/** What is drawn of the branches of a mixed head, whose channels are no classes. */
export type MapReading =
	/** L2 norm over the channels. */
	| { readonly kind: 'norm' }
	| { readonly kind: 'mean' }
	/** A channel of each branch. */
	| { readonly kind: 'channels'; readonly channels: readonly number[] };

/** Maps of a mixed head's branches on the raw grid. */
export interface MixedMaps {
	readonly runId: string;
	readonly reading: MapReading;
	readonly height: number;
	readonly width: number;
	/** branches x height x width. */
	readonly branches: Float32Array;
	/** End of the scale of all of them: the largest magnitude. */
	readonly scale: number;
	/** Whether some values are below zero. */
	readonly signed: boolean;
}

/** A branch of a mixed head. */
export interface MixedBranchInfo extends MixedBranch {
	readonly name: string;
	readonly channels: number;
	/** The channel with the largest mean over the picture. */
	readonly strongest: number;
}

/** The network's answer at the probe pixel with some branches set to zero. */
export interface AblatedPixel {
	/** Of the chosen class. */
	readonly logit: number;
	/** Label of the class that wins there. */
	readonly winner: number;
}

export interface MixedProbe {
	readonly x: number;
	readonly y: number;
	/** Nearest cell of the branches' grid. */
	readonly row: number;
	readonly column: number;
	readonly branches: readonly {
		readonly norm: number;
		/** Of the largest magnitude, the largest first. */
		readonly strongest: readonly ChannelValue[];
	}[];
	/** With all branches, as the network has it. */
	readonly all: AblatedPixel;
	/** Without each branch; undefined where that is still to be run. */
	readonly without: readonly (AblatedPixel | undefined)[];
}

/** A head whose branches later layers mix: there are maps, and what the network says without a branch, but no shares. */
export interface MixedRunView {
	readonly runId: string;
	readonly pictureName: string;
	readonly geometry: Geometry;
	readonly classes: readonly ClassInfo[];
	/** All that meets in the head, in its order. */
	readonly branches: readonly MixedBranchInfo[];
	/** As in {@link AsppRunView}. */
	readonly fullScaleAlone?: boolean;
	readonly on: readonly boolean[];
	readonly label: number;
	readonly labelIsChosen: boolean;
	readonly present: readonly number[];
	readonly probe: Probe | undefined;
	readonly atProbe: MixedProbe | undefined;
	readonly effect: AsppRunView['effect'];
	/** The mask of the branches that are on is on its way. */
	readonly busy: boolean;
	/** Why the layers behind the branches could not be run. */
	readonly problem: string | undefined;
}

export type AsppViewState =
	| { readonly kind: 'noRun' }
	| { readonly kind: 'loading'; readonly pictureName: string }
	/** The model has no ASPP head, or it cannot be read: `message` says why. */
	| { readonly kind: 'failed'; readonly pictureName: string; readonly message: string }
	| { readonly kind: 'run'; readonly view: AsppRunView }
	| { readonly kind: 'mixed'; readonly view: MixedRunView };

/** Served by the host to both ASPP views. */
export interface AsppHostMethods {
	ready: { params: null; result: AsppViewState };
	/** The maps of the class that is chosen, at the rates as set. */
	maps: { params: { readonly runId: string; readonly label: number }; result: AsppMaps | null };
	/** The maps of a mixed head. */
	mixedMaps: { params: { readonly runId: string; readonly reading: MapReading }; result: MixedMaps | null };
	/** Null: back to the winner. */
	setClass: { params: number | null; result: null };
	setOn: { params: readonly boolean[]; result: null };
	/** The sliders moved: the newest rates win. */
	setRates: { params: readonly number[]; result: null };
	/** Moves the probe, in picture pixels; null unpins it. */
	setProbe: { params: Probe | null; result: null };
	/** Draws which branch contributes most, or the mask again. */
	showDominance: { params: boolean; result: null };
	act: { params: 'segmentImage' | 'selectModel' | 'showLog' | 'retry'; result: null };
	/** @returns the file's name, or null where the user changed their mind. */
	saveFile: { params: SavedFigure; result: string | null };
}

/** A figure or its numbers, to be written where the user says. */
export interface SavedFigure {
	/** Suggested file name with its extension. */
	readonly name: string;
	readonly kind: 'png' | 'svg' | 'csv';
	readonly bytes: Uint8Array;
}

/** Served by the page. */
export interface AsppPageMethods {
	show: { params: AsppViewState; result: null };
	/** The maps of the class shown have changed: rates moved. */
	mapsChanged: { params: AsppMaps; result: null };
}

/* ------------------------------------------------------ Receptive Field view */

export type GradientActivity =
	| { readonly kind: 'idle' }
	/** `since`: milliseconds since the epoch. */
	| {
			readonly kind: 'running';
			readonly branch: number | undefined;
			readonly stage: GradientStage;
			readonly since: number;
	  }
	| { readonly kind: 'failed'; readonly message: string };

/** A field that was measured, without its picture. */
export interface MeasuredField {
	/** Index of a branch; undefined: the sum. */
	readonly branch: number | undefined;
	readonly over: 'cell' | 'object';
	/** Undefined for a mixed head's branch, which has no classes. */
	readonly label: number | undefined;
	/** Radii in picture pixels that hold half and nine tenths of |gradient|. */
	readonly radius50: number;
	readonly radius90: number;
	/** Diameter of the 90 % circle over the side of the theoretical receptive field. */
	readonly ratio: number | undefined;
	readonly milliseconds: number;
}

/** What the probe's cell sees, and why it has its class. */
export interface FieldExplanation {
	readonly x: number;
	readonly y: number;
	readonly cell: CellView;
	/** Undefined for a mixed head: no tap has a share of a logit. */
	readonly chosen: ClassExplanation | undefined;
}

export interface ReceptiveFieldRunView {
	readonly runId: string;
	readonly pictureName: string;
	/** Its grid is that of the branches. */
	readonly geometry: Geometry;
	readonly classes: readonly ClassInfo[];
	readonly head: AsppHead;
	/** As in {@link AsppRunView}. */
	readonly fullScaleAlone?: boolean;
	readonly rates: readonly number[];
	readonly on: readonly boolean[];
	readonly label: number;
	readonly probe: Probe | undefined;
	readonly explanation: FieldExplanation | undefined;
	/** Whether boxes and taps are drawn in the Inspector. */
	readonly drawn: boolean;
	readonly measured: readonly MeasuredField[];
	/** Index into `measured` of what the Inspector draws. */
	readonly shownField: number | undefined;
	readonly activity: GradientActivity;
}

export type ReceptiveFieldState =
	| { readonly kind: 'noRun' }
	| { readonly kind: 'loading'; readonly pictureName: string }
	| { readonly kind: 'failed'; readonly pictureName: string; readonly message: string }
	| { readonly kind: 'run'; readonly view: ReceptiveFieldRunView };

/** Served by the host. */
export interface ReceptiveFieldHostMethods {
	ready: { params: null; result: ReceptiveFieldState };
	setProbe: { params: Probe | null; result: null };
	setClass: { params: number | null; result: null };
	/** Draws boxes and taps in the Inspector or not. */
	showFields: { params: boolean; result: null };
	/** A branch or one of its taps is pointed at; null: none. */
	highlight: { params: { readonly branch: number; readonly tap: number | undefined } | null; result: null };
	/** Measures the effective receptive field of the chosen class, at the probe's cell or over its object. */
	measure: { params: { readonly branch: number | undefined; readonly over: 'cell' | 'object' }; result: null };
	/** Draws one that was measured; null ends it. */
	showMeasured: { params: number | null; result: null };
	act: { params: 'cancel' | 'retry' | 'segmentImage' | 'selectModel' | 'showLog'; result: null };
	saveFile: { params: SavedFigure; result: string | null };
}

/** Served by the page. */
export interface ReceptiveFieldPageMethods {
	show: { params: ReceptiveFieldState; result: null };
}
