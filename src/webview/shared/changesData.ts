/** What each class gained and lost, as bars. */
import type { ClassChange } from '../../core/crf/changes';

export interface ChangeBar extends ClassChange {
	/** Length of the two bars, as a share of half the width, 0…1. */
	readonly gainedLength: number;
	readonly lostLength: number;
}

/** The classes that gained or lost pixels, in the given order, on one scale symmetric about zero. */
export function changeBars(changes: readonly ClassChange[]): readonly ChangeBar[] {
	const changed = changes.filter(({ gained, lost }) => gained > 0 || lost > 0);
	const largest = Math.max(1, ...changed.flatMap(({ gained, lost }) => [gained, lost]));
	return changed.map((change) => ({
		...change,
		gainedLength: change.gained / largest,
		lostLength: change.lost / largest,
	}));
}

/** Those that gained and lost most, in the order they are in. */
export function largestChanges(bars: readonly ChangeBar[], count: number): readonly ChangeBar[] {
	const size = ({ gained, lost }: ChangeBar) => gained + lost;
	const chosen = new Set([...bars].sort((a, b) => size(b) - size(a)).slice(0, count));
	return bars.filter((bar) => chosen.has(bar));
}
