/** Where an effective receptive field is measured, and what it is compared with. */
import { nearestCell, pixelOfCell } from '../../core/aspp/cellView';
import { objectCells } from '../../core/aspp/objectCells';
import type { FeatureMap, Geometry } from '../../core/run';
import type { AsppHead, GradientTarget, MeasuredField } from '../../shared/protocol/aspp';
import type { Probe } from '../../shared/protocol/inspector';

/**
 * The cells whose logit is differentiated: the probe's, or those of the class's object at the probe (without a probe,
 * all that the class has).
 * @param logits the network's own
 * @returns undefined where there is no such cell
 */
export function gradientPlace(
	over: MeasuredField['over'],
	logits: FeatureMap,
	geometry: Geometry,
	label: number,
	probe: Probe | undefined,
): GradientTarget['at'] | undefined {
	const cell = probe && nearestCell(geometry, probe.x, probe.y);
	switch (over) {
		case 'cell':
			return cell;
		case 'object': {
			const mask = objectCells(logits, label, cell && cell.row * logits.width + cell.column);
			return mask && { mask };
		}
		default: {
			const unknown: never = over;
			throw new Error(`unknown place ${String(unknown)}`);
		}
	}
}

/** A mask of one grid's cells on another: where the middles of its cells lie. */
export function maskOnGrid(mask: Uint8Array, from: Geometry, to: Geometry): Uint8Array {
	const out = new Uint8Array(to.gridWidth * to.gridHeight);
	for (const [index, value] of mask.entries()) {
		if (value !== 0) {
			const { x, y } = pixelOfCell(from, Math.floor(index / from.gridWidth), index % from.gridWidth);
			const { row, column } = nearestCell(to, x, y);
			out[row * to.gridWidth + column] = 1;
		}
	}
	return out;
}

/**
 * Side of the theoretical receptive field of one cell, in picture pixels; where it is no square, of the square of its
 * area.
 * @param branch its index; undefined for the sum, which sees what its widest branch sees
 * @returns undefined where a branch has no fixed window
 */
export function theoreticalSide(
	{ branches, mixing }: AsppHead,
	branch: number | undefined,
	{ pictureWidth, pictureHeight, resizedWidth, resizedHeight }: Geometry,
): number | undefined {
	if (branch === undefined && mixing) {
		// Beside the branches may be one that pools, and the layers behind them widen what is seen.
		return undefined;
	}
	const sides = branches
		.filter((_, index) => branch === undefined || index === branch)
		.map(({ receptiveField }) => {
			const [height, width] = receptiveField?.size ?? [Number.NaN, Number.NaN];
			return Math.sqrt(((height * pictureHeight) / resizedHeight) * ((width * pictureWidth) / resizedWidth));
		});
	const widest = Math.max(...sides);
	return Number.isFinite(widest) ? widest : undefined;
}
