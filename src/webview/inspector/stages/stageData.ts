/** The stages of a run as one bar: where each begins and ends, and where its label goes. */
import type { StageName, StageTiming } from '../../../shared/protocol/types';

export interface StageSegment extends StageTiming {
	/** Share of the whole, 0…1, at which the stage begins and ends. */
	readonly start: number;
	readonly end: number;
}

/** The timings with the page's own drawing as the last stage. */
export function withDraw(timings: readonly StageTiming[], draw: number | undefined): readonly StageTiming[] {
	const others = timings.filter(({ stage }) => stage !== 'draw');
	return draw === undefined ? timings : [...others, { stage: 'draw', milliseconds: draw }];
}

export function stageSegments(timings: readonly StageTiming[]): readonly StageSegment[] {
	const total = timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
	let before = 0;
	return timings.map((timing) => {
		const start = total > 0 ? before / total : 0;
		before += timing.milliseconds;
		return { ...timing, start, end: total > 0 ? before / total : 0 };
	});
}

/**
 * Left edges for labels in one line, each as near to where it wants to be as its neighbours allow.
 *
 * @param wanted left edges in order, px
 * @param widths of the labels, px
 * @param gap least distance between neighbours, px
 * @returns undefined where the labels do not fit in `width`
 */
export function placeLabels(
	wanted: readonly number[],
	widths: readonly number[],
	width: number,
	gap: number,
): readonly number[] | undefined {
	const needed = widths.reduce((sum, label) => sum + label, 0) + gap * Math.max(0, widths.length - 1);
	if (needed > width) {
		return undefined;
	}
	const lefts: number[] = [];
	for (const [index, label] of widths.entries()) {
		const free = index === 0 ? 0 : lefts[index - 1]! + widths[index - 1]! + gap;
		lefts.push(Math.max(free, Math.min(wanted[index] ?? 0, width - label)));
	}
	let limit = width;
	for (let index = lefts.length - 1; index >= 0; index--) {
		lefts[index] = Math.min(lefts[index]!, limit - widths[index]!);
		limit = lefts[index]! - gap;
	}
	return lefts;
}

/** How a running stage stands to the one that is under way. */
export type StageStatus = 'done' | 'current' | 'waiting';

/** The stages that a run goes through before it is drawn. */
export const runStages: readonly StageName[] = ['decode', 'model', 'network', 'upsample'];

export function stageStatus(stage: StageName, current: StageName | undefined): StageStatus {
	const at = current === undefined ? -1 : runStages.indexOf(current);
	const index = runStages.indexOf(stage);
	return index < at ? 'done' : index === at ? 'current' : 'waiting';
}
