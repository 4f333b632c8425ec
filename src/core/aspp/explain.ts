/** Why a class has its logit at one place: what each branch, and each tap of it, adds. */
import type { FeatureMap, Geometry } from '../run';
import { gridPosition, horizontalAxis, verticalAxis } from '../segmentation/gridAxis';
import { logitsAt } from '../segmentation/probabilities';
import { type BranchShare, type ClassExplanation, type TapMaps, tapCount } from './types';

/** Where the shares come from: tap maps where the head is linear, else a map of logits a branch. */
export type ShareSource =
	| { readonly kind: 'taps'; readonly taps: TapMaps; readonly rates: readonly number[] }
	| { readonly kind: 'maps'; readonly maps: readonly FeatureMap[]; readonly rates: readonly number[] };

export interface ClassAndBranches {
	readonly label: number;
	/** One a branch. */
	readonly on: readonly boolean[];
}

/**
 * At one cell of the logit grid. From maps, a branch's bias is not known apart: it is 0 and its share is all of it.
 */
export function explainCell(
	source: ShareSource,
	{ row, column, label, on }: ClassAndBranches & { readonly row: number; readonly column: number },
): ClassExplanation {
	return explain(source, [{ row, column, weight: 1 }], label, on);
}

/**
 * At a picture pixel: everything is interpolated from the same cells with the same weights as the logits are when the
 * network upsamples them, so that shares still add up, to the logit that is read out there.
 *
 * @param x picture column, 0 … pictureWidth - 1; `y` likewise
 */
export function explainPixel(
	source: ShareSource,
	geometry: Geometry,
	{ x, y, label, on }: ClassAndBranches & { readonly x: number; readonly y: number },
): ClassExplanation {
	return explain(source, cornersOf(geometry, x, y), label, on);
}

/** The class that is best at a picture pixel apart from `label`; undefined with one class. */
export function runnerUpAt(
	logits: FeatureMap,
	geometry: Geometry,
	{ x, y, label }: { readonly x: number; readonly y: number; readonly label: number },
): number | undefined {
	return bestLabel(logitsAt(logits, geometry, x, y), label);
}

/** All classes' logits at one cell of the grid. */
export function logitsOfCell(logits: FeatureMap, row: number, column: number): Float64Array {
	const plane = logits.height * logits.width;
	const at = row * logits.width + column;
	return Float64Array.from({ length: logits.channels }, (_, label) => logits.data[label * plane + at]!);
}

/** Label of the largest value, of equal ones the lowest; `except` is left out. */
export function bestLabel(values: ArrayLike<number>, except?: number): number | undefined {
	let best: number | undefined;
	for (let label = 0; label < values.length; label++) {
		if (label !== except && (best === undefined || values[label]! > values[best]!)) {
			best = label;
		}
	}
	return best;
}

/**
 * The branch that decided between two classes: of those that are on, the one that adds most to the difference of their
 * logits, in its direction.
 *
 * @returns its index; undefined where none is on or the logits are equal
 */
export function decidingBranch(
	chosen: ClassExplanation,
	runnerUp: ClassExplanation,
	on: readonly boolean[],
): number | undefined {
	const direction = Math.sign(chosen.logit - runnerUp.logit);
	let deciding: number | undefined;
	let largest = 0;
	for (const [index, { share }] of chosen.branches.entries()) {
		const push = direction * (share - runnerUp.branches[index]!.share);
		if (on[index] && push > largest) {
			deciding = index;
			largest = push;
		}
	}
	return deciding;
}

/** A cell and what it counts for. */
interface WeightedCell {
	readonly row: number;
	readonly column: number;
	readonly weight: number;
}

/** The four cells around a picture pixel; their weights add up to 1. */
function cornersOf(geometry: Geometry, x: number, y: number): readonly WeightedCell[] {
	const across = gridPosition(horizontalAxis(geometry), x);
	const down = gridPosition(verticalAxis(geometry), y);
	return [
		{ row: down.cell, column: across.cell, weight: (1 - down.fraction) * (1 - across.fraction) },
		{ row: down.cell, column: across.next, weight: (1 - down.fraction) * across.fraction },
		{ row: down.next, column: across.cell, weight: down.fraction * (1 - across.fraction) },
		{ row: down.next, column: across.next, weight: down.fraction * across.fraction },
	];
}

function explain(
	source: ShareSource,
	cells: readonly WeightedCell[],
	label: number,
	on: readonly boolean[],
): ClassExplanation {
	const branches = source.rates.map((rate, branch): BranchShare => {
		if (source.kind === 'maps') {
			const share = weighted(cells, ({ row, column }) => mapValue(source.maps[branch]!, label, row, column));
			return { rate, bias: 0, share, taps: undefined };
		}
		const { taps } = source;
		const bias = taps.bias[branch * taps.classes + label]!;
		const shares = Array.from({ length: tapCount }, (_, tap) =>
			weighted(cells, (cell) => tapValue(taps, branch, tap, label, rate, cell)),
		);
		return { rate, bias, share: shares.reduce((sum, value) => sum + value, bias), taps: shares };
	});
	const logit = branches.reduce((sum, { share }, index) => (on[index] ? sum + share : sum), 0);
	return { label, logit, branches };
}

function weighted(cells: readonly WeightedCell[], value: (cell: WeightedCell) => number): number {
	return cells.reduce((sum, cell) => (cell.weight === 0 ? sum : sum + cell.weight * value(cell)), 0);
}

function mapValue({ height, width, data }: FeatureMap, label: number, row: number, column: number): number {
	return data[(label * height + row) * width + column]!;
}

/** What a tap adds at a cell: the tap map's value where the tap looks, 0 in the padding. */
function tapValue(
	{ classes, height, width, taps }: TapMaps,
	branch: number,
	tap: number,
	label: number,
	rate: number,
	cell: WeightedCell,
): number {
	const row = cell.row + (Math.floor(tap / 3) - 1) * rate;
	const column = cell.column + ((tap % 3) - 1) * rate;
	return row < 0 || row >= height || column < 0 || column >= width
		? 0
		: taps[(((branch * tapCount + tap) * classes + label) * height + row) * width + column]!;
}
