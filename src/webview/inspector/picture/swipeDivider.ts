/** The divider between two masks: a line over the picture, moved by pointer and by key. */
import * as l10n from '@vscode/l10n';
import { h, icon, setAttribute, setText } from '../../shared/dom';
import { movedDivider } from '../toolbar/layerData';
import type { SideNames } from './sideNames';
import type { Size, Transform } from './viewportData';

export interface SwipeDivider {
	readonly element: HTMLElement;
	/**
	 * @param divider share of the picture's width; undefined takes the divider away.
	 * @param names of what lies left and right of it
	 */
	place(divider: number | undefined, names: SideNames, transform: Transform, picture: Size, view: Size): void;
}

/** Screen pixels: a picture lower than this is flat; a label with its distance is this high. */
const flatHeight = 96;
const labelHeight = 28;

/** @param onMove the new place, as a share of the picture's width */
export function createSwipeDivider(onMove: (divider: number) => void): SwipeDivider {
	const handle = h(
		'div',
		{
			class: 'divider',
			role: 'slider',
			tabindex: 0,
			'aria-orientation': 'horizontal',
			'aria-valuemin': 0,
			'aria-valuemax': 100,
		},
		h('span', { class: 'divider-grip' }, icon('arrow-both')),
	);
	const before = h('span', { class: 'side-label side-before' });
	const after = h('span', { class: 'side-label side-after' });
	const element = h('div', { class: 'swipe', hidden: true }, before, after, handle);
	let at = 0.5;
	let pictureLeft = 0;
	let pictureWidth = 1;
	/** From the line to where the pointer took hold of it. */
	let grip: number | undefined;

	const place = (event: PointerEvent) => event.clientX - element.getBoundingClientRect().left;
	handle.addEventListener('pointerdown', (event) => {
		if (event.button === 0) {
			grip = place(event) - (pictureLeft + at * pictureWidth);
			handle.setPointerCapture(event.pointerId);
		}
	});
	handle.addEventListener('pointermove', (event) => {
		if (grip !== undefined) {
			onMove(Math.min(1, Math.max(0, (place(event) - grip - pictureLeft) / pictureWidth)));
		}
	});
	for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
		handle.addEventListener(end, () => {
			grip = undefined;
		});
	}
	// A drag of the divider neither pans the picture nor pins a pixel.
	for (const name of ['mousedown', 'touchstart', 'click', 'dblclick'] as const) {
		handle.addEventListener(name, (event) => event.stopPropagation());
	}
	handle.addEventListener('keydown', (event) => {
		const next = event.ctrlKey || event.metaKey || event.altKey ? undefined : movedDivider(at, event);
		if (next !== undefined) {
			event.preventDefault();
			// The next key may come before the next frame.
			at = next;
			onMove(next);
		}
	});

	return {
		element,
		place(divider, names, { k, x, y }, picture, view) {
			element.hidden = divider === undefined;
			if (divider === undefined) {
				return;
			}
			setText(before, names.before);
			setText(after, names.after);
			setAttribute(handle, 'aria-label', names.divider);
			at = divider;
			pictureLeft = x;
			pictureWidth = picture.width * k;
			const percent = String(Math.round(divider * 100));
			setAttribute(handle, 'aria-valuenow', percent);
			setAttribute(handle, 'aria-valuetext', l10n.t('{0} % of the width before, the rest after', percent));
			const line = x + divider * pictureWidth;
			const top = Math.max(0, y);
			const bottom = Math.min(view.height, y + picture.height * k);
			handle.style.transform = `translate(${line}px, ${top}px)`;
			handle.style.height = `${Math.max(0, bottom - top)}px`;
			// A flat picture would be covered by its labels: they stand above it where there is room.
			const labels = bottom - top < flatHeight && top >= labelHeight ? top - labelHeight : top + 8;
			before.style.transform = `translate(calc(${line - 12}px - 100%), ${labels}px)`;
			after.style.transform = `translate(${line + 12}px, ${labels}px)`;
		},
	};
}
