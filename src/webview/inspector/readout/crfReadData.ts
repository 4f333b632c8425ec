/** What the CRF made of a pixel. */
import type { InspectorCrf, InspectorCrfUpdate, InspectorLayer } from '../../../shared/protocol/crf';
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import type { ClassInfo } from '../../../shared/protocol/types';

export interface CrfReading {
	readonly before: number;
	readonly after: number;
	/** Entropy of Q in nats, to the 255 steps it comes in; undefined until there is any. */
	readonly entropyBefore: number | undefined;
	readonly entropyAfter: number | undefined;
}

/**
 * What the page knows of a run's CRF after an update, which leaves out the maps that it has.
 * @returns undefined where it lacks the mask all the same
 */
export function updatedCrf(crf: InspectorCrf | undefined, update: InspectorCrfUpdate): InspectorCrf | undefined {
	const former = crf?.runId === update.runId ? crf : undefined;
	const labels = update.labels ?? former?.labels;
	return (
		labels && {
			...update,
			labels,
			entropyBefore: update.entropyBefore ?? former?.entropyBefore,
			entropyAfter: update.entropyAfter ?? former?.entropyAfter,
		}
	);
}

/** Undefined where the run has no pixel there. */
export function crfReading(run: InspectorRun, crf: InspectorCrf, { x, y }: Probe): CrfReading | undefined {
	const column = Math.min(run.displayWidth - 1, Math.floor(x / run.displayStep));
	const row = Math.min(run.displayHeight - 1, Math.floor(y / run.displayStep));
	const at = row * run.displayWidth + column;
	const before = run.labels[at];
	const after = crf.labels[at];
	if (before === undefined || after === undefined) {
		return undefined;
	}
	const nats = (values: Uint8Array | undefined) =>
		values && ((values[at] ?? 0) / 255) * largestEntropy(run.info.model.classes);
	return { before, after, entropyBefore: nats(crf.entropyBefore), entropyAfter: nats(crf.entropyAfter) };
}

/** ln(classes): of a pixel that every class claims alike, in nats. */
export function largestEntropy(classes: readonly ClassInfo[]): number {
	return Math.log(Math.max(1, classes.length));
}

/** What is said of a pixel's CRF on a layer. */
export type CrfTopic = 'label' | 'entropyBefore' | 'entropyAfter';

/** Undefined for layers that show nothing of the CRF. */
export function crfTopic(layer: InspectorLayer): CrfTopic | undefined {
	switch (layer) {
		case 'picture':
		case 'mask':
		case 'branches':
		case 'dominance':
		case 'winningScale':
		case 'strideSwipe':
		case 'strideChanged':
			return undefined;
		case 'after':
		case 'swipe':
		case 'changed':
			return 'label';
		case 'entropyBefore':
		case 'entropyAfter':
			return layer;
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}
