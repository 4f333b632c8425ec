/** What is shown of a mixed head's branches: which channel of each, and what the network says without one. */
import type { MapReading, MixedMaps, MixedProbe, MixedRunView } from '../../../shared/protocol/aspp';
import { branchPlaces } from '../../shared/branches';

/** Channels that the user chose, by branch; undefined: the strongest one. */
export type PickedChannels = readonly (number | undefined)[];

/** The channel of each branch that is shown: chosen, else the strongest at the probe, without one that over the picture. */
export function shownChannels({ branches, atProbe }: MixedRunView, picked: PickedChannels): readonly number[] {
	return branches.map(({ channels, strongest }, branch) => {
		const wanted = picked[branch] ?? atProbe?.branches[branch]?.strongest[0]?.channel ?? strongest;
		return Math.min(channels - 1, Math.max(0, wanted));
	});
}

export function readingOf(view: MixedRunView, kind: MapReading['kind'], picked: PickedChannels): MapReading {
	return kind === 'channels' ? { kind, channels: shownChannels(view, picked) } : { kind };
}

/** Same key = same maps. */
export function readingKey(reading: MapReading): string {
	return reading.kind === 'channels' ? `channels ${reading.channels.join(' ')}` : reading.kind;
}

/** Whether maps are those that are asked for. */
export function isOf(maps: MixedMaps, runId: string, reading: MapReading): boolean {
	return maps.runId === runId && readingKey(maps.reading) === readingKey(reading);
}

/** Colour of each branch: that of its rate; undefined for those without one. */
export function mixedPlaces(branches: MixedRunView['branches']): readonly (number | undefined)[] {
	const rates = branches.flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
	const places = branchPlaces(rates);
	let next = 0;
	return branches.map(({ rate }) => (rate === undefined ? undefined : places[next++]));
}

export interface WithoutRow {
	readonly branch: number;
	/** Undefined while it is still to be run. */
	readonly logit: number | undefined;
	/** Logit without the branch less that with all. */
	readonly change: number | undefined;
	/** The class that wins without it, where that is another one. */
	readonly winner: number | undefined;
}

export function withoutRows({ all, without }: MixedProbe): readonly WithoutRow[] {
	return without.map((pixel, branch) => ({
		branch,
		logit: pixel?.logit,
		change: pixel && pixel.logit - all.logit,
		winner: pixel && pixel.winner !== all.winner ? pixel.winner : undefined,
	}));
}

/** End of the scale of the changes; 0 while none is known. */
export function largestChange(rows: readonly WithoutRow[]): number {
	return Math.max(0, ...rows.map(({ change }) => Math.abs(change ?? 0)));
}
