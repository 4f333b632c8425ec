/** What stands over the picture in words: which side or mask it is, and the scales of what is drawn. */
import { h, setText } from '../../shared/dom';
import type { OverlayScale } from './overlayScale';
import { createScaleLegend } from './scaleLegend';
import { createTapScale } from './tapScale';

export interface PictureNotes {
	readonly elements: readonly HTMLElement[];
	show(notes: Notes): void;
}

/** Undefined: not there. */
export interface Notes {
	/** Name of the mask that is drawn while blinking. */
	readonly side: string | undefined;
	/** Of the mask that is drawn. */
	readonly title: string | undefined;
	readonly scale: OverlayScale | undefined;
	/** End of the scale of the taps' shares. */
	readonly largestTapShare: number | undefined;
}

export function createPictureNotes(): PictureNotes {
	const scale = createScaleLegend();
	const tapScale = createTapScale();
	const side = h('span', { class: 'side-label blink-label', hidden: true, 'aria-hidden': 'true' });
	const title = h('span', { class: 'side-label layer-title', hidden: true });
	return {
		elements: [h('div', { class: 'scales' }, tapScale.element, scale.element), side, title],
		show(notes) {
			scale.show(notes.scale);
			tapScale.show(notes.largestTapShare);
			side.hidden = notes.side === undefined;
			setText(side, notes.side ?? '');
			title.hidden = notes.title === undefined;
			setText(title, notes.title ?? '');
		},
	};
}
