import { ChangeCount, type MaskChanges } from '../../core/crf/changes';
import type { CrfSettings, CrfTimings, InspectorCrf, InspectorCrfUpdate } from '../../shared/protocol/crf';
import { nextTurn } from '../inspector/displayRaster';
import type { CrfFindings } from './crfRecord';

/** A run's CRF as it is held while it is looked at; all maps at the picture's size. */
export interface HeldCrf extends CrfFindings {
	/** By iteration; of one that comes from the disk only the last is there. */
	readonly labels: Map<number, Uint8Array>;
	readonly entropyBefore: Uint8Array;
	readonly entropyAfter: Uint8Array;
}

/** What of a CRF is drawn: one iteration's mask, at the picture's size. */
export interface CrfMask {
	readonly settings: CrfSettings;
	readonly iteration: number;
	readonly labels: Uint8Array;
	/** Undefined until there is any. */
	readonly entropyBefore: Uint8Array | undefined;
	readonly entropyAfter: Uint8Array | undefined;
	readonly timings: CrfTimings;
}

/** A mask, and what the Inspector draws of it. */
export interface DrawnMask {
	readonly mask: CrfMask;
	readonly crf: InspectorCrf;
}

export interface DisplayTarget {
	readonly runId: string;
	/** The network's mask, one label a picture pixel. */
	readonly before: Uint8Array;
	/** Of the picture. */
	readonly width: number;
	readonly height: number;
	/** Picture pixels a display pixel, in each direction. */
	readonly step: number;
}

const slice = 1 << 20;

/**
 * What the Inspector draws of a mask. Works in slices, so that the host's thread stays free.
 * @param former of the same target: what both have in common is taken from it
 * @param pause lets the thread do something else
 * @throws the signal's reason where it was aborted
 */
export async function inspectorCrf(
	mask: CrfMask,
	target: DisplayTarget,
	former: DrawnMask | undefined,
	signal: AbortSignal,
	pause: () => Promise<void> = nextTurn,
): Promise<InspectorCrf> {
	const { prepare, lattice, iterations } = mask.timings;
	const mapOf = async (name: 'labels' | 'entropyBefore' | 'entropyAfter') => {
		const values = mask[name];
		if (values === undefined || values === former?.mask[name]) {
			return former?.crf[name];
		}
		return await reduced(values, target, signal, pause);
	};
	const { changes, changedPixels } =
		former?.mask.labels === mask.labels ? former.crf : await changesOf(mask.labels, target, signal, pause);
	return {
		runId: target.runId,
		settings: mask.settings,
		iteration: mask.iteration,
		labels: (await mapOf('labels'))!,
		entropyBefore: await mapOf('entropyBefore'),
		entropyAfter: await mapOf('entropyAfter'),
		changes,
		changedPixels,
		milliseconds: prepare + lattice + iterations,
	};
}

/** @param told what the page has been told last @returns `crf` without the maps that it has */
export function updateOf(crf: InspectorCrf, told: InspectorCrf | undefined): InspectorCrfUpdate {
	const { labels, entropyBefore, entropyAfter, ...rest } = crf;
	return {
		...rest,
		...(labels === told?.labels ? {} : { labels }),
		...(entropyBefore === told?.entropyBefore ? {} : { entropyBefore }),
		...(entropyAfter === told?.entropyAfter ? {} : { entropyAfter }),
	};
}

/** What a mask changed against the one before, in slices. @throws the signal's reason where it was aborted */
export async function changesOf(
	labels: Uint8Array,
	{ before }: Pick<DisplayTarget, 'before'>,
	signal: AbortSignal,
	pause: () => Promise<void> = nextTurn,
): Promise<MaskChanges> {
	const count = new ChangeCount(before, labels);
	for (let start = 0; start < before.length; start += slice) {
		if (start > 0) {
			await pause();
			signal.throwIfAborted();
		}
		count.add(start, Math.min(before.length, start + slice));
	}
	return count.result();
}

/** A map at the display's size: the value of each block's middle pixel, as the run's own labels are reduced. */
export async function reduced(
	values: Uint8Array,
	{ width, height, step }: Pick<DisplayTarget, 'width' | 'height' | 'step'>,
	signal: AbortSignal,
	pause: () => Promise<void> = nextTurn,
): Promise<Uint8Array> {
	if (step === 1) {
		return values;
	}
	const middle = step >> 1;
	const columns = Math.ceil(width / step);
	const rows = Math.ceil(height / step);
	const out = new Uint8Array(columns * rows);
	for (let y = 0, to = 0; y < rows; y++) {
		const row = Math.min(height - 1, y * step + middle) * width;
		for (let x = 0; x < columns; x++, to++) {
			out[to] = values[row + Math.min(width - 1, x * step + middle)]!;
		}
		if (to % slice < columns) {
			await pause();
			signal.throwIfAborted();
		}
	}
	return out;
}
