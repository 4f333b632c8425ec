/** Side-panel pages and host. */
import type { ParityState } from './parity';
import type { NetworkDescription } from './types';

export interface RunListItem {
	readonly id: string;
	readonly pictureName: string;
	/** Folder of the picture, relative to the workspace where it can be, for telling namesakes apart. */
	readonly pictureFolder: string;
	readonly modelName: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	/** Decode to upsample, in milliseconds. */
	readonly duration: number;
	/** `data:` URL of a small PNG of the picture with its mask. */
	readonly thumbnail: string;
	/** The largest classes by name, background left out. */
	readonly classes: readonly string[];
}

/** A picture that is being segmented or waits for it. */
export interface RunInProgress {
	readonly pictureName: string;
	readonly stage: string;
	/** Milliseconds since the epoch. */
	readonly since: number;
}

export interface RunsState {
	readonly runs: readonly RunListItem[];
	readonly activeId: string | undefined;
	readonly inProgress: readonly RunInProgress[];
}

/** Served by the host. */
export interface RunsHostMethods {
	ready: { params: null; result: RunsState };
	/** `keep`: in a tab of its own, not in the one that the next run is shown in as well. */
	open: { params: { readonly id: string; readonly keep: boolean }; result: null };
	remove: { params: string; result: null };
	segmentImage: { params: null; result: null };
}

/** Served by the page. */
export interface RunsPageMethods {
	show: { params: RunsState; result: null };
}

export type ModelState =
	| { readonly kind: 'loading'; readonly modelName: string }
	| {
			readonly kind: 'model';
			readonly network: NetworkDescription;
			readonly source: string;
			/** How WebGPU compares with WASM; undefined where nothing is known. */
			readonly parity?: ParityState | undefined;
	  }
	| { readonly kind: 'failed'; readonly modelName: string; readonly message: string };

export interface ModelHostMethods {
	ready: { params: null; result: ModelState };
	act: { params: 'selectModel' | 'showLog' | 'retry'; result: null };
}

export interface ModelPageMethods {
	show: { params: ModelState; result: null };
}
