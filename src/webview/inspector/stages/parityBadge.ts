/** Beside the backend's name: how WebGPU compares with WASM, and the figures behind it, unfolded by a button. */
import * as l10n from '@vscode/l10n';
import { parityFacts, parityMark } from '../../../shared/describeParity';
import type { ParityState } from '../../../shared/protocol/parity';
import { h } from '../../shared/dom';
import { parityIcon } from '../../shared/parityMark';

export interface ParityBadge {
	readonly element: HTMLElement;
	/** @param state undefined: nothing is known, and nothing is shown */
	show(state: ParityState | undefined): void;
}

/** An icon with a word or two; the whole finding is its tooltip, which screen readers read. */
export function createParityBadge(): ParityBadge {
	const details = h('div', {
		class: 'parity-details',
		id: 'parity-details',
		popover: 'auto',
		role: 'group',
		// It may scroll in a low page.
		tabindex: 0,
		'aria-label': l10n.t('WebGPU and WASM compared'),
	});
	const button = h('button', { type: 'button', class: 'icon-button parity-button', popovertarget: details.id });
	const element = h('div', { class: 'parity', role: 'status', hidden: true }, button);
	details.addEventListener('beforetoggle', () => {
		const { top } = button.getBoundingClientRect();
		details.style.setProperty('--above', `${Math.round(window.innerHeight - top + gap)}px`);
	});
	const container = h('div', { class: 'parity-place' }, element, details);
	return {
		element: container,
		show(state) {
			element.hidden = state === undefined;
			if (!state) {
				details.hidePopover();
				button.replaceChildren();
				element.removeAttribute('title');
				return;
			}
			const { text, detail } = parityMark(state);
			element.title = detail;
			button.replaceChildren(
				parityIcon(state),
				...(text === '' ? [] : [h('span', { class: 'parity-text', 'aria-hidden': 'true' }, text)]),
				h('span', { class: 'sr-only' }, detail),
			);
			details.replaceChildren(...detailsOf(state));
		},
	};
}

/** Between the button and what it unfolds, in pixels. */
const gap = 4;

function detailsOf(state: ParityState): readonly HTMLElement[] {
	return state.kind === 'compared'
		? [
				h(
					'dl',
					{ class: 'parity-facts numbers' },
					...parityFacts(state.report).flatMap(([title, value]) => [
						h('dt', { class: 'dim' }, title),
						h('dd', {}, value),
					]),
				),
			]
		: [h('p', { class: 'parity-sentence' }, parityMark(state).detail)];
}
