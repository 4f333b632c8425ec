/** Where receptive fields lie on the screen, and where their names find room. */
import type { InspectorFields, PictureBox } from '../../../shared/protocol/aspp';
import type { Size, Transform } from './viewportData';

export interface ScreenBox {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** A box of the picture in screen pixels. */
export function screenBox({ left, top, right, bottom }: PictureBox, { k, x, y }: Transform): ScreenBox {
	return { x: left * k + x, y: top * k + y, width: (right - left) * k, height: (bottom - top) * k };
}

export interface LabelPlace {
	readonly x: number;
	/** Of the baseline. */
	readonly y: number;
}

const lineHeight = 18;
const margin = 8;

/**
 * A place for each box's name: over its upper left corner, or as near to it as the view and the names placed before
 * allow.
 *
 * @param widths of the names, in screen pixels
 */
export function placeLabels(boxes: readonly ScreenBox[], widths: readonly number[], view: Size): readonly LabelPlace[] {
	const placed: (LabelPlace & { readonly width: number })[] = [];
	for (const [index, box] of boxes.entries()) {
		const width = widths[index] ?? 0;
		const x = Math.max(margin, Math.min(view.width - width - margin, box.x + 4));
		let y = Math.max(lineHeight, Math.min(view.height - margin, box.y - 5));
		const meets = (other: (typeof placed)[number]) =>
			Math.abs(other.y - y) < lineHeight && other.x < x + width + 4 && x < other.x + other.width + 4;
		for (let tries = 0; tries < boxes.length && placed.some(meets); tries++) {
			const blocking = placed.find(meets)!;
			y = blocking.y + lineHeight;
		}
		placed.push({ x, y, width });
	}
	return placed.map(({ x, y }) => ({ x, y }));
}

export interface FieldTap {
	readonly branch: number;
	readonly tap: number;
	/** In picture pixels. */
	readonly x: number;
	readonly y: number;
	readonly padding: boolean;
	readonly share: number | undefined;
	readonly pointed: boolean;
}

const middleTap = 4;

/** The taps that are drawn: all, but of those in the middle, which share a place, only that of the branch pointed at. */
export function drawnTaps({ cell, highlighted, tap: pointedTap, tapShares }: InspectorFields): readonly FieldTap[] {
	return cell.branches.flatMap(({ taps }, branch) =>
		taps.flatMap(({ x, y, padding }, tap) =>
			tap === middleTap && highlighted !== branch
				? []
				: [
						{
							branch,
							tap,
							x,
							y,
							padding,
							share: tapShares?.[branch]?.[tap],
							pointed: highlighted === branch && pointedTap === tap,
						},
					],
		),
	);
}
