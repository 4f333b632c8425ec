/** The dense CRF: what the worker computes of it, and what its view and the Inspector show. */
import type { ClassChange } from '../../core/crf/changes';
import type { CrfResolution } from '../../core/crf/grid';
import type { CrfParameters } from '../../core/crf/parameters';
import type { ClassInfo, FeatureMap, Geometry } from './types';

export type { CrfResolution } from '../../core/crf/grid';

export interface CrfSettings {
	readonly parameters: CrfParameters;
	readonly resolution: CrfResolution;
}

/** One mean-field iteration in figures; iteration 0 is the start, Q = softmax(−U). */
export interface CrfStepFigures {
	readonly iteration: number;
	/** Pixels of the CRF's grid whose label differs from the iteration before; 0 at iteration 0. */
	readonly changedPixels: number;
	/** Mean over the pixels of the entropy of Q, in nats. */
	readonly meanEntropy: number;
	/**
	 * KL divergence of the Q before from the iteration's, KL(before ‖ now), summed over the pixels and divided by their
	 * number, in nats; 0 at iteration 0.
	 */
	readonly klDivergence: number;
	/** Classes that were still filtered one by one. */
	readonly activeClasses: number;
	readonly milliseconds: number;
}

export type CrfClassChange = ClassChange;

/** Milliseconds of one computation; `lattice` is 0 where the lattices were still there. */
export interface CrfTimings {
	readonly prepare: number;
	readonly lattice: number;
	readonly iterations: number;
}

export interface CrfProbeClass {
	readonly label: number;
	/** −log of the network's probability. */
	readonly unary: number;
	/** What the other pixels add to the score −U: the weighted, normalised messages of the two kernels. */
	readonly bilateral: number;
	readonly spatial: number;
	/** softmax(−unary + bilateral + spatial), the messages being those of the iteration before. */
	readonly q: number;
}

/** The mean field at one pixel at one iteration. */
export interface CrfProbe {
	readonly x: number;
	readonly y: number;
	readonly iteration: number;
	/** All classes, by label. */
	readonly classes: readonly CrfProbeClass[];
	/** The picture's colour there. */
	readonly color: readonly [red: number, green: number, blue: number];
}

export type CrfKernelName = 'bilateral' | 'spatial';

/** How strongly one pixel is tied to every other one by one kernel: w·n_i·k(i, j)·n_j as the lattice has it. */
export interface CrfTies {
	readonly kernel: CrfKernelName;
	readonly x: number;
	readonly y: number;
	/** Size of `values`, that of the CRF's grid. */
	readonly width: number;
	readonly height: number;
	/** 0…255 of `largest`. */
	readonly values: Uint8Array;
	/** The largest tie to another pixel, in units of the score; it bounds the scale. */
	readonly largest: number;
}

/* ------------------------------------------------------------------ worker */

/** What a CRF starts from. */
export interface CrfSource {
	/** The picture, 3 bytes a pixel, at its own size. */
	readonly rgb: Uint8Array;
	readonly logits: FeatureMap;
	readonly geometry: Geometry;
}

export interface RefineParams {
	/** Of the run: same id = same source. */
	readonly runId: string;
	readonly settings: CrfSettings;
	/** May be left out where the worker already holds this run's. */
	readonly source?: CrfSource;
}

export interface RefineResult {
	readonly settings: CrfSettings;
	/** Labels at the picture's size after iteration 0 … n. */
	readonly labels: readonly Uint8Array[];
	readonly steps: readonly CrfStepFigures[];
	/** Entropy of Q at the picture's size, 0…255 of log(classes), at iteration 0 and at the last. */
	readonly entropyBefore: Uint8Array;
	readonly entropyAfter: Uint8Array;
	readonly timings: CrfTimings;
	readonly threads: number;
	/** Size of the CRF's grid. */
	readonly width: number;
	readonly height: number;
}

/** One iteration's mask, without what it came from: what can be had soonest. */
export interface CrfMaskResult {
	readonly settings: CrfSettings;
	readonly iteration: number;
	/** Labels at the picture's size. */
	readonly labels: Uint8Array;
	/** Entropy of Q at that iteration as in {@link RefineResult}, where it was asked for. */
	readonly entropy: Uint8Array | undefined;
	readonly timings: CrfTimings;
}

export interface CrfWorkerMethods {
	/** Id of the run whose source the worker holds. */
	heldCrfSource: { params: null; result: string | undefined };
	refine: { params: RefineParams; result: RefineResult; progress: CrfStepFigures };
	/** @param x, y in picture pixels. */
	crfMask: {
		params: RefineParams & { readonly iteration: number; readonly entropy: boolean };
		result: CrfMaskResult;
	};
	probeCrf: {
		params: RefineParams & { readonly iteration: number; readonly x: number; readonly y: number };
		result: CrfProbe;
	};
	crfTies: {
		params: RefineParams & { readonly kernel: CrfKernelName; readonly x: number; readonly y: number };
		result: CrfTies;
	};
}

/* --------------------------------------------------------------- Inspector */

/**
 * What is drawn in the Inspector: `branches` and `dominance` need them to be told, `winningScale` a run of several scales,
 * the next two a comparison of output strides, those from `after` on a CRF result.
 */
export const inspectorLayers = [
	'picture',
	'mask',
	'branches',
	'dominance',
	'winningScale',
	'strideSwipe',
	'strideChanged',
	'after',
	'swipe',
	'changed',
	'entropyBefore',
	'entropyAfter',
] as const;
export type InspectorLayer = (typeof inspectorLayers)[number];

/** A run's mask after the CRF, as far as the Inspector draws it. */
export interface InspectorCrf {
	readonly runId: string;
	readonly settings: CrfSettings;
	/** The iteration shown, 0 … `settings.parameters.iterations`. */
	readonly iteration: number;
	/** At the display size of the run, as the next two. */
	readonly labels: Uint8Array;
	/** 0…255 of log(classes); undefined until there is any. They may be a moment behind the labels. */
	readonly entropyBefore: Uint8Array | undefined;
	readonly entropyAfter: Uint8Array | undefined;
	/** All classes that are in either mask, largest after first; for the iteration shown. */
	readonly changes: readonly CrfClassChange[];
	/** Pixels of the picture whose label differs from the mask before. */
	readonly changedPixels: number;
	readonly milliseconds: number;
}

type InspectorCrfMap = 'labels' | 'entropyBefore' | 'entropyAfter';

/** {@link InspectorCrf} without those of its maps that the page has. */
export type InspectorCrfUpdate = Omit<InspectorCrf, InspectorCrfMap> & Partial<Pick<InspectorCrf, InspectorCrfMap>>;

/** A mark of a size in picture pixels around the probe pixel (else the picture's middle): what a σ means. */
export interface InspectorRadius {
	readonly kernel: CrfKernelName;
	/** One σ, in picture pixels. */
	readonly pixels: number;
}

/* ---------------------------------------------------------------- CRF view */

export interface CrfPresetItem {
	readonly id: string;
	readonly name: string;
	readonly parameters: CrfParameters;
	/** The user's own can be removed. */
	readonly own: boolean;
}

/** What the last finished computation found. */
export interface CrfOutcome {
	readonly settings: CrfSettings;
	readonly steps: readonly CrfStepFigures[];
	/** For the iteration shown, as in {@link InspectorCrf}. */
	readonly changes: readonly CrfClassChange[];
	readonly changedPixels: number;
	readonly timings: CrfTimings;
	readonly threads: number;
	readonly width: number;
	readonly height: number;
}

/** The mask that is shown, where it is ahead of the last {@link CrfOutcome}: that of its settings is on its way. */
export interface CrfAhead {
	readonly settings: CrfSettings;
	/** As in {@link InspectorCrf}. */
	readonly changes: readonly CrfClassChange[];
	readonly changedPixels: number;
}

export type CrfActivity =
	| { readonly kind: 'idle' }
	/** It begins in a moment, by itself. */
	| { readonly kind: 'pending' }
	/**
	 * `stage`: the mask alone comes first, then all iterations; `since`: milliseconds since the epoch; `iteration`: the last
	 * one done, undefined before the first.
	 */
	| {
			readonly kind: 'running';
			readonly stage: 'mask' | 'iterations';
			readonly since: number;
			readonly iteration: number | undefined;
	  }
	| { readonly kind: 'failed'; readonly message: string };

export interface CrfRunView {
	readonly runId: string;
	readonly pictureName: string;
	readonly geometry: Geometry;
	readonly classes: readonly ClassInfo[];
	/** As the sliders stand; `outcome` may still be of others. */
	readonly settings: CrfSettings;
	readonly presets: readonly CrfPresetItem[];
	readonly outcome: CrfOutcome | undefined;
	readonly ahead: CrfAhead | undefined;
	readonly activity: CrfActivity;
	/** The iteration shown. */
	readonly iteration: number;
	/** What the Inspector draws. */
	readonly layer: InspectorLayer;
	/** Of the pinned pixel at the iteration shown; undefined without a probe or while it is computed. */
	readonly probe: CrfProbe | undefined;
	/** The kernel whose ties to the probe pixel the Inspector draws. */
	readonly ties: CrfKernelName | undefined;
	/** Largest tie to another pixel of what is drawn. */
	readonly largestTie: number | undefined;
}

export type CrfViewState = { readonly kind: 'noRun' } | { readonly kind: 'run'; readonly view: CrfRunView };

/** Served by the host. */
export interface CrfHostMethods {
	ready: { params: null; result: CrfViewState };
	/** The sliders moved: the newest settings win, those between are dropped. */
	setSettings: { params: CrfSettings; result: null };
	/** The scrubber moved. */
	setIteration: { params: number; result: null };
	setLayer: { params: InspectorLayer; result: null };
	/** Draws a kernel's ties of the probe pixel in the Inspector; null ends it. */
	showTies: { params: CrfKernelName | null; result: null };
	/** Draws what a σ means in the Inspector; null ends it. */
	showRadius: { params: InspectorRadius | null; result: null };
	/** Asks for a name and keeps the settings under it. */
	savePreset: { params: null; result: null };
	removePreset: { params: string; result: null };
	act: { params: 'cancel' | 'retry' | 'showLog' | 'segmentImage' | 'saveMask'; result: null };
}

/** Served by the page. */
export interface CrfPageMethods {
	show: { params: CrfViewState; result: null };
}
