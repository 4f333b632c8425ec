/** The chart over the iterations: three rows of values with one common axis. */
import { scaleLinear } from 'd3';
import type { CrfStepFigures } from '../../shared/protocol/crf';

export type ChartKey = 'changed' | 'entropy' | 'divergence';

export interface ChartRow {
	readonly key: ChartKey;
	/** By iteration; undefined where there is none: nothing has changed before the first. */
	readonly values: readonly (number | undefined)[];
	/** End of the axis that starts at zero, a round number. */
	readonly top: number;
}

export function chartRows(steps: readonly CrfStepFigures[]): readonly ChartRow[] {
	const row = (key: ChartKey, value: (step: CrfStepFigures) => number | undefined): ChartRow => {
		const values = steps.map(value);
		const largest = Math.max(0, ...values.filter((entry) => entry !== undefined));
		return { key, values, top: largest > 0 ? scaleLinear([0, largest], [0, 1]).nice(4).domain()[1]! : 1 };
	};
	return [
		row('changed', ({ iteration, changedPixels }) => (iteration > 0 ? changedPixels : undefined)),
		row('entropy', ({ meanEntropy }) => meanEntropy),
		row('divergence', ({ iteration, klDivergence }) => (iteration > 0 ? klDivergence : undefined)),
	];
}

/** The iterations that get a tick with a number: as many as fit, the first and the last among them. */
export function iterationTicks(last: number, width: number): readonly number[] {
	const room = Math.max(1, Math.floor(width / 28));
	const step = [1, 2, 5, 10, 20, 50, 100].find((candidate) => last / candidate <= room) ?? last;
	const ticks = Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
	const end = ticks.at(-1)!;
	// The last one has its number always; a tick just before it gives way.
	return end === last ? ticks : [...(last - end < step / 2 && end > 0 ? ticks.slice(0, -1) : ticks), last];
}

/** The iteration nearest to a place between two ends of the axis. */
export function nearestIteration(at: number, start: number, end: number, last: number): number {
	return end > start ? Math.min(last, Math.max(0, Math.round(((at - start) / (end - start)) * last))) : 0;
}
