/** How WebGPU compares with WASM: a mark, and all of it in its tooltip. */
import { parityMark } from '../../shared/describeParity';
import type { ParityState } from '../../shared/protocol/parity';
import { h, icon } from './dom';

/** The icon in its colour; decorative, so that a text beside it says the same. */
export function parityIcon(state: ParityState): HTMLElement {
	const mark = parityMark(state);
	const classes = `parity-icon ${mark.icon}${mark.icon === 'loading' ? ' codicon-modifier-spin' : ''}`;
	return icon(mark.icon, classes);
}

export interface ParityBadge {
	readonly element: HTMLElement;
	/** @param state undefined: nothing is known, and nothing is shown */
	show(state: ParityState | undefined): void;
}

/** The icon with a word or two; the whole finding is its tooltip, which screen readers read. */
export function createParityBadge(): ParityBadge {
	const element = h('span', { class: 'parity', role: 'status', hidden: true });
	return {
		element,
		show(state) {
			element.hidden = state === undefined;
			if (!state) {
				element.replaceChildren();
				element.removeAttribute('title');
				return;
			}
			const { text, detail } = parityMark(state);
			element.title = detail;
			element.replaceChildren(
				parityIcon(state),
				...(text === '' ? [] : [h('span', { class: 'parity-text', 'aria-hidden': 'true' }, text)]),
				h('span', { class: 'sr-only' }, detail),
			);
		},
	};
}
