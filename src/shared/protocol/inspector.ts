/** Inspector page and host. */
import type { Problem } from '../../core/problem';
import type {
	InspectorBranches,
	InspectorBranchLogits,
	InspectorDominance,
	InspectorFields,
	InspectorGradient,
} from './aspp';
import type { CrfTies, InspectorCrf, InspectorCrfUpdate, InspectorLayer, InspectorRadius } from './crf';
import type { ParityState } from './parity';
import type { InspectorProfile, ProfileRequest } from './profile';
import type { InspectorStrideMask, InspectorStrides, StrideAction } from './strides';
import type { FeatureMap, RunInfo, StageProgress } from './types';

/** What the Inspector draws of a run. */
export interface InspectorRun {
	readonly info: RunInfo;
	/**
	 * The picture to draw: RGB, 3 bytes a pixel, at the picture's size divided by `displayStep`
	 * (1 but for very large pictures).
	 */
	readonly rgb: Uint8Array;
	/** Labels at the same size as `rgb`. */
	readonly labels: Uint8Array;
	readonly displayStep: number;
	readonly displayWidth: number;
	readonly displayHeight: number;
	/** Logit grid: the page upsamples at the pointer exactly as the network does. */
	readonly logits: FeatureMap;
}

/** What the Inspector shows: exactly one of these. */
export type InspectorState =
	| { readonly kind: 'empty' }
	| {
			readonly kind: 'running';
			readonly pictureName: string;
			/** Milliseconds since the epoch. */
			readonly since: number;
			/** Undefined while the run waits for another one. */
			readonly progress: StageProgress | undefined;
	  }
	| {
			readonly kind: 'run';
			readonly run: InspectorRun;
			readonly probe: Probe | undefined;
			readonly crf: InspectorCrf | undefined;
			/** How WebGPU compares with WASM on the run's model; undefined where nothing is known. */
			readonly parity?: ParityState | undefined;
	  }
	| { readonly kind: 'failed'; readonly pictureName: string; readonly problem: Problem; readonly message: string }
	| { readonly kind: 'cancelled'; readonly pictureName: string };

/** The pinned pixel, in picture pixels. */
export interface Probe {
	readonly x: number;
	readonly y: number;
}

/** Which scale each pixel's class has its logit from. */
export interface InspectorScales {
	readonly runId: string;
	/** Index of a scale of the run's note, at the run's display size. */
	readonly scales: Uint8Array;
}

export type InspectorAction = 'cancel' | 'retry' | 'showLog' | 'segmentImage' | 'selectModel';

/** Served by the host. */
export interface InspectorHostMethods {
	/** The page is loaded or shown again and wants its whole state. */
	ready: { params: null; result: { readonly state: InspectorState; readonly opacity: number } };
	act: { params: InspectorAction; result: null };
	setProbe: { params: Probe | null; result: null };
	/** Chooses the class that the ASPP views speak of; null: the probe pixel's winner. */
	setClass: { params: number | null; result: null };
	/** A digit of the keyboard: the index of the branch that stays on alone; null: all branches on. */
	soloBranch: { params: number | null; result: null };
	/** The user chose a layer: a measured field that was drawn over it is ended. */
	endGradient: { params: null; result: null };
	/** What is done to the comparison of output strides. */
	strides: { params: StrideAction; result: null };
	/** Asked when they are drawn first. */
	winningScales: { params: { readonly runId: string }; result: InspectorScales | null };
	/** What is drawn was changed in the page. */
	reportLayer: { params: InspectorLayer; result: null };
	/** Time the page took to draw the run first. */
	reportDraw: { params: { readonly runId: string; readonly milliseconds: number }; result: null };
	/**
	 * `which`: the network's mask, the one after the CRF at the iteration shown, that of the branches as they are set, or the
	 * one at the second output stride that is compared.
	 * @returns the file's name, or null where the user changed their mind.
	 */
	saveMask: {
		params: { readonly runId: string; readonly which: 'before' | 'after' | 'branches' | 'stride' };
		result: string | null;
	};
	/** What the profile's fold wants of the run that is shown. */
	profile: { params: ProfileRequest; result: null };
	/** Saves the run's profile as a trace. @returns as `saveMask` */
	saveProfile: { params: { readonly runId: string }; result: string | null };
	/** PNG bytes of the picture as shown. */
	savePicture: { params: { readonly runId: string; readonly png: Uint8Array }; result: string | null };
	/** A message of the page for the log. */
	log: { params: { readonly level: 'error' | 'info'; readonly message: string }; result: null };
}

/** Served by the page. */
export interface InspectorPageMethods {
	show: { params: InspectorState; result: null };
	/** A stage began while running. */
	progress: { params: StageProgress; result: null };
	/** The probe was moved elsewhere. */
	probe: { params: Probe | null; result: null };
	/** The setting changed. */
	opacity: { params: number; result: null };
	/** The CRF's mask of the run that is shown; null where there is none (any more). */
	crf: { params: InspectorCrfUpdate | null; result: null };
	/** The CRF view chose what is drawn. */
	layer: { params: InspectorLayer; result: null };
	ties: { params: CrfTies | null; result: null };
	radius: { params: InspectorRadius | null; result: null };
	/** The mask of the branches that are on; null: all are, at the rates they were trained at. */
	branches: { params: InspectorBranches | null; result: null };
	branchLogits: { params: InspectorBranchLogits; result: null };
	dominance: { params: InspectorDominance | null; result: null };
	fields: { params: InspectorFields | null; result: null };
	gradient: { params: InspectorGradient | null; result: null };
	/** The comparison of output strides as it stands; null where there is none. */
	strides: { params: InspectorStrides | null; result: null };
	strideMask: { params: InspectorStrideMask; result: null };
	/** The profile of the run that is shown, which opens its fold. */
	profile: { params: InspectorProfile; result: null };
	/** How WebGPU compares with WASM on the model of the run that is shown; null where nothing is known. */
	parity: { params: ParityState | null; result: null };
	/** The class that the ASPP views speak of. */
	chosenClass: { params: number | null; result: null };
}
