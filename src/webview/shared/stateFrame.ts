/** What stands in the place of a page's contents while there are none: a symbol, what is the case, more of it, what to do. */
import { h, icon, setText } from './dom';

export interface StateFrame {
	readonly element: HTMLElement;
	readonly body: HTMLElement;
	/** Of the buttons. */
	readonly actions: HTMLElement;
	/** @param kind for the style sheet */
	show(kind: string, symbol: string, title: string): void;
	hide(): void;
}

export function createStateFrame(bodyTag: 'div' | 'p'): StateFrame {
	const symbol = h('span', { class: 'state-symbol', 'aria-hidden': 'true' });
	const title = h('h1', { class: 'state-title' });
	const body = h(bodyTag, { class: 'state-body' });
	const actions = h('div', { class: 'state-actions' });
	const element = h(
		'main',
		{ class: 'state', hidden: true },
		symbol,
		h('div', { role: 'status' }, title),
		body,
		actions,
	);
	return {
		element,
		body,
		actions,
		show(kind, sign, heading) {
			element.hidden = false;
			element.dataset.kind = kind;
			symbol.replaceChildren(icon(sign));
			setText(title, heading);
		},
		hide() {
			element.hidden = true;
		},
	};
}
