/** Boxes, taps and rings for a picture that is saved. */
import type { EffectiveField, InspectorFields } from '../../../shared/protocol/aspp';
import type { Geometry } from '../../../shared/protocol/types';
import { marksSvg } from '../../shared/figure';
import { createFieldMarks } from './fieldMarks';
import { createRingMarks } from './ringMarks';

/** Largest width of the marks in their own pixels: large pictures are looked at reduced, and marked for that. */
const largestWidth = 1000;

export interface SavedMarks {
	readonly fields: InspectorFields | undefined;
	readonly gradient: EffectiveField | undefined;
	/** Place in the colours, by branch. */
	readonly places: readonly number[];
}

/**
 * The marks as they lie over the whole picture.
 *
 * @param page an element of the page, whose styles they take
 * @returns an SVG document; undefined where nothing is marked
 */
export function savedMarks(
	page: HTMLElement,
	{ pictureWidth, pictureHeight }: Geometry,
	{ fields, gradient, places }: SavedMarks,
): string | undefined {
	if (!fields && !gradient) {
		return undefined;
	}
	const k = Math.min(1, largestWidth / pictureWidth);
	const size = { width: pictureWidth * k, height: pictureHeight * k };
	const [boxes, rings] = [createFieldMarks(), createRingMarks()];
	page.append(boxes.element, rings.element);
	boxes.place(fields, places, { k, x: 0, y: 0 }, size);
	rings.place(gradient, { k, x: 0, y: 0 }, size);
	const svg = marksSvg([boxes.element, rings.element], size.width, size.height);
	boxes.element.remove();
	rings.element.remove();
	return svg;
}
