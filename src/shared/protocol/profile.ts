/** What the host asks the worker of where a run's time goes, and what it tells the Inspector page of it. */
import type { RunProfile } from '../../core/profile/runProfile';
import type { SegmentParams } from './worker';

export type { OperatorTime, ProfileMemory, RunProfile } from '../../core/profile/runProfile';

export interface ProfileProgress {
	/** `load`: the runtime and the network; `plain`, `timed`: a pass without, with the operators being timed. */
	readonly step: 'load' | 'plain' | 'timed';
	/** From 1, within the step; the first warms up. */
	readonly pass: number;
	/** Passes of the step; undefined while it is not known how many are worth their time. */
	readonly of?: number;
}

export interface ProfileWorkerMethods {
	/**
	 * Takes a picture through the network several times, the last ones with the operators being timed. The network is
	 * loaded for this alone and let go at the end; one that is held stays. @throws as `segment`
	 */
	profile: { params: SegmentParams; result: RunProfile; progress: ProfileProgress };
}

/** The profile of the run that the Inspector shows. */
export interface InspectorProfile {
	readonly runId: string;
	readonly state: ProfileState;
}

export type ProfileState =
	/** The one that is kept is being looked for. */
	| { readonly kind: 'reading' }
	| {
			readonly kind: 'running';
			/** Milliseconds since the epoch. */
			readonly since: number;
			readonly progress: ProfileProgress | undefined;
	  }
	| { readonly kind: 'failed'; readonly message: string }
	| { readonly kind: 'cancelled' }
	| { readonly kind: 'measured'; readonly profile: RunProfile };

export interface ProfileRequest {
	readonly runId: string;
	/** `open` shows the one that is kept, and measures where there is none; `measure` measures anew. */
	readonly action: 'open' | 'close' | 'measure' | 'cancel';
}
