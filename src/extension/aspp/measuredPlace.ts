/** Where an effective receptive field is measured, and what it is compared with. */
import { nearestCell } from '../../core/aspp/cellView';
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

/**
 * Side of the theoretical receptive field of one cell, in picture pixels; where it is no square, of the square of its
 * area.
 * @param branch its index; undefined for the sum, which sees what its widest branch sees
 * @returns undefined where a branch has no fixed window
 */
export function theoreticalSide(
	{ branches }: AsppHead,
	branch: number | undefined,
	{ pictureWidth, pictureHeight, resizedWidth, resizedHeight }: Geometry,
): number | undefined {
	const sides = branches
		.filter((_, index) => branch === undefined || index === branch)
		.map(({ receptiveField }) => {
			const [height, width] = receptiveField?.size ?? [Number.NaN, Number.NaN];
			return Math.sqrt(((height * pictureHeight) / resizedHeight) * ((width * pictureWidth) / resizedWidth));
		});
	const widest = Math.max(...sides);
	return Number.isFinite(widest) ? widest : undefined;
}
