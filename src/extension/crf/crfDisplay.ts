import { ChangeCount } from '../../core/crf/changes';
import type { InspectorCrf } from '../../shared/protocol/crf';
import { nextTurn } from '../displayRaster';
import type { CrfFindings } from './crfRecord';

/** A run's CRF as it is held while it is looked at; all maps at the picture's size. */
export interface HeldCrf extends CrfFindings {
	/** By iteration; of one that comes from the disk only the last is there. */
	readonly labels: Map<number, Uint8Array>;
	readonly entropyBefore: Uint8Array;
	readonly entropyAfter: Uint8Array;
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
 * What the Inspector draws of a CRF at one iteration. Works in slices, so that the host's thread stays free.
 * @param labels of that iteration
 * @param pause lets the thread do something else
 * @throws the signal's reason where it was aborted
 */
export async function inspectorCrf(
	crf: HeldCrf,
	labels: Uint8Array,
	iteration: number,
	target: DisplayTarget,
	signal: AbortSignal,
	pause: () => Promise<void> = nextTurn,
): Promise<InspectorCrf> {
	const { runId, before } = target;
	const count = new ChangeCount(before, labels);
	for (let start = 0; start < before.length; start += slice) {
		if (start > 0) {
			await pause();
			signal.throwIfAborted();
		}
		count.add(start, Math.min(before.length, start + slice));
	}
	const { prepare, lattice, iterations } = crf.timings;
	return {
		runId,
		settings: crf.settings,
		iteration,
		labels: await reduced(labels, target, signal, pause),
		entropyBefore: await reduced(crf.entropyBefore, target, signal, pause),
		entropyAfter: await reduced(crf.entropyAfter, target, signal, pause),
		...count.result(),
		milliseconds: prepare + lattice + iterations,
	};
}

/** A map at the display's size: the value of each block's middle pixel, as the run's own labels are reduced. */
async function reduced(
	values: Uint8Array,
	{ width, height, step }: DisplayTarget,
	signal: AbortSignal,
	pause: () => Promise<void>,
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
