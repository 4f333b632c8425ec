/** What the worker should compute next for a run that is looked at. Pure. */
import type { CrfKernelName, CrfSettings } from '../../shared/protocol/crf';
import type { Probe } from '../../shared/protocol/inspector';

export type CrfTask =
	| {
			readonly kind: 'mask';
			readonly settings: CrfSettings;
			readonly iteration: number;
			/** Whether the entropy is wanted with it. */
			readonly entropy: boolean;
	  }
	| { readonly kind: 'refine'; readonly settings: CrfSettings }
	| {
			readonly kind: 'probe';
			readonly settings: CrfSettings;
			readonly iteration: number;
			readonly x: number;
			readonly y: number;
	  }
	| {
			readonly kind: 'ties';
			readonly settings: CrfSettings;
			readonly kernel: CrfKernelName;
			readonly x: number;
			readonly y: number;
	  };

export interface CrfSituation {
	/** Somebody looks at the result or waits for it. */
	readonly wanted: boolean;
	/** Somebody looks: the mask is to be there first. */
	readonly looked: boolean;
	/** What is looked at is the entropy. */
	readonly entropy: boolean;
	/** As the sliders stand. */
	readonly settings: CrfSettings;
	/** What is there: its settings, and the iterations whose masks are held. */
	readonly held: { readonly settings: CrfSettings; readonly iterations: readonly number[] } | undefined;
	/** A mask that is there before the rest of its settings. */
	readonly ahead: { readonly settings: CrfSettings; readonly iteration: number } | undefined;
	/** The iteration to show; undefined for the last. */
	readonly iteration: number | undefined;
	readonly probe: Probe | undefined;
	/** The kernel whose ties are to be drawn. */
	readonly ties: CrfKernelName | undefined;
	/** Keys of what is there or need not be tried again. */
	readonly done: ReadonlySet<string>;
}

/** The mask first, for it is what is looked at; then all that it came from. */
export function nextTask(situation: CrfSituation): CrfTask | undefined {
	return candidates(situation).find((task) => !situation.done.has(taskKey(task)));
}

/** Same key = same result. */
export function taskKey(task: CrfTask): string {
	switch (task.kind) {
		case 'mask':
			return `mask ${settingsKey(task.settings)} ${task.iteration}`;
		case 'refine':
			return `refine ${settingsKey(task.settings)}`;
		case 'probe':
			return `probe ${settingsKey(task.settings)} ${task.iteration} ${task.x} ${task.y}`;
		case 'ties':
			return `ties ${settingsKey(task.settings)} ${task.kernel} ${task.x} ${task.y}`;
		default: {
			const unknown: never = task;
			throw new Error(`unknown task ${JSON.stringify(unknown)}`);
		}
	}
}

/** The task of the pinned pixel at the iteration shown; undefined where there is nothing to probe. */
export function probeTask({ held, iteration, probe }: CrfSituation): Extract<CrfTask, { kind: 'probe' }> | undefined {
	if (!held || !probe) {
		return undefined;
	}
	const shown = shownIteration(held.settings, iteration);
	return { kind: 'probe', settings: held.settings, iteration: shown, x: probe.x, y: probe.y };
}

export function tiesTask({ settings, probe, ties }: CrfSituation): Extract<CrfTask, { kind: 'ties' }> | undefined {
	return probe && ties && { kind: 'ties', settings, kernel: ties, x: probe.x, y: probe.y };
}

/** @param wanted undefined for the last */
export function shownIteration({ parameters }: CrfSettings, wanted: number | undefined): number {
	return Math.min(wanted ?? parameters.iterations, parameters.iterations);
}

/** Whether one settings' iterations are the other's, as far as both have them. */
export function sameIterations(a: CrfSettings, b: CrfSettings): boolean {
	const { iterations } = b.parameters;
	return settingsKey({ ...a, parameters: { ...a.parameters, iterations } }) === settingsKey(b);
}

/** Same key = same settings, in whatever order their fields come. */
export function settingsKey({ parameters, resolution }: CrfSettings): string {
	return `${resolution} ${JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

function candidates(situation: CrfSituation): CrfTask[] {
	if (!situation.wanted) {
		return [];
	}
	const { settings, held, ahead, entropy } = situation;
	const key = settingsKey(settings);
	const iteration = shownIteration(settings, situation.iteration);
	const isThere = held && settingsKey(held.settings) === key && held.iterations.includes(iteration);
	const hasMask = isThere || (ahead && settingsKey(ahead.settings) === key && ahead.iteration === iteration);
	return [
		hasMask || !situation.looked ? undefined : ({ kind: 'mask', settings, iteration, entropy } as const),
		isThere ? undefined : ({ kind: 'refine', settings } as const),
		probeTask(situation),
		tiesTask(situation),
	].filter((task) => task !== undefined);
}
