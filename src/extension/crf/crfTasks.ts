/** What the worker should compute next for a run that is looked at. Pure. */
import type { CrfKernelName, CrfSettings } from '../../shared/protocol/crf';
import type { Probe } from '../../shared/protocol/inspector';

export type CrfTask =
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
	/** As the sliders stand. */
	readonly settings: CrfSettings;
	/** What is there: its settings, and the iterations whose masks are held. */
	readonly held: { readonly settings: CrfSettings; readonly iterations: readonly number[] } | undefined;
	/** The iteration to show; undefined for the last. */
	readonly iteration: number | undefined;
	readonly probe: Probe | undefined;
	/** The kernel whose ties are to be drawn. */
	readonly ties: CrfKernelName | undefined;
	/** Keys of what is there or need not be tried again. */
	readonly done: ReadonlySet<string>;
}

/** The refinement first: what it shows is what is looked at. */
export function nextTask(situation: CrfSituation): CrfTask | undefined {
	return candidates(situation).find((task) => !situation.done.has(taskKey(task)));
}

/** Same key = same result. */
export function taskKey(task: CrfTask): string {
	switch (task.kind) {
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

/** Same key = same settings, in whatever order their fields come. */
export function settingsKey({ parameters, resolution }: CrfSettings): string {
	return `${resolution} ${JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

function candidates(situation: CrfSituation): CrfTask[] {
	if (!situation.wanted) {
		return [];
	}
	const { settings, held, iteration } = situation;
	const isThere =
		held !== undefined &&
		settingsKey(held.settings) === settingsKey(settings) &&
		held.iterations.includes(shownIteration(settings, iteration));
	return [
		isThere ? undefined : ({ kind: 'refine', settings } as const),
		probeTask(situation),
		tiesTask(situation),
	].filter((task) => task !== undefined);
}
