import { dominantBranches } from '../../core/aspp/dominance';
import { maskChanges } from '../../core/crf/changes';
import type { FeatureMap, RunInfo } from '../../core/run';
import { upsampleLabels } from '../../core/segmentation/upsampleLabels';
import type { InspectorBranches, InspectorDominance } from '../../shared/protocol/aspp';

/** What the Inspector draws of branches that are set otherwise than the network has them. */
export interface BranchDrawing {
	/** Undefined where nothing is altered. */
	readonly branches: InspectorBranches | undefined;
	/** Undefined where it is not asked for. */
	readonly dominance: InspectorDominance | undefined;
	/** The mask of the branches that are on, one label a picture pixel. */
	readonly labels: Uint8Array;
}

/** The branches of a head as they are set. */
export interface DrawnHead {
	/** Of the branches that are on. */
	readonly sum: FeatureMap;
	/** Whether what is shown differs from the network's own. */
	readonly altered: boolean;
	/** Of the maps, one a branch. */
	readonly shownRates: readonly number[];
	readonly set: { readonly on: readonly boolean[] };
	/** One a branch, classes x grid; without any it cannot be told which contributes most. */
	readonly branches: readonly FeatureMap[];
	/** Of a mixed head: names of the branches that are on. */
	readonly shownNames?: readonly string[];
}

/**
 * The mask of the branches that are on, what it changes, and which branch contributes most.
 * @param before the network's mask, one label a picture pixel
 * @param step picture pixels a display pixel, in each direction
 */
export function drawBranches(
	state: DrawnHead,
	{ id: runId, geometry }: RunInfo,
	before: Uint8Array,
	step: number,
	withDominance: boolean,
): BranchDrawing {
	const { sum, altered, shownRates: rates, shownNames: names } = state;
	const { on } = state.set;
	const labels = altered ? upsampleLabels(sum, geometry) : before;
	const shown = (values: Uint8Array) => reduced(values, geometry.pictureWidth, geometry.pictureHeight, step);
	const branches = altered
		? {
				runId,
				labels: shown(labels),
				logits: sum,
				rates: rates.filter((_, branch) => on[branch]),
				...(names ? { names } : {}),
				...maskChanges(before, labels),
			}
		: undefined;
	if (!withDominance) {
		return { branches, dominance: undefined, labels };
	}
	const dominant = dominantBranches(state.branches, on, labels, geometry);
	const dominance = {
		runId,
		branches: shown(dominant.branches),
		rates,
		shares: dominant.shares,
	};
	return { branches, dominance, labels };
}

/** A map at the display's size: the value of each block's middle pixel, as the run's own labels are reduced. */
function reduced(values: Uint8Array, width: number, height: number, step: number): Uint8Array {
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
	}
	return out;
}
