/** Which branch contributes most: the switch that draws it in the Inspector, and its shares of the picture. */
import * as l10n from '@vscode/l10n';
import type { AsppRunView } from '../../shared/protocol/aspp';
import { branchPlaces, rateName } from '../shared/branches';
import { h, setAttribute } from '../shared/dom';
import { formatShare } from '../shared/format';

export interface DominancePanel {
	readonly element: HTMLElement;
	/** @param shown whether it is drawn: the page may be ahead of its host. */
	show(view: AsppRunView, rates: readonly number[], shown: boolean): void;
}

export function createDominancePanel(onShow: (shown: boolean) => void): DominancePanel {
	let pressed = false;
	const button = h(
		'button',
		{ type: 'button', class: 'button secondary toggle', 'aria-pressed': 'false' },
		l10n.t('Which branch contributes most'),
	);
	button.addEventListener('click', () => onShow(!pressed));
	const bar = h('div', { class: 'dominance-bar', 'aria-hidden': 'true' });
	const list = h('ul', { class: 'dominance-list numbers' });
	const note = h(
		'p',
		{ class: 'dim' },
		l10n.t('Share of the picture in which a branch adds most to the winning class; drawn in the Inspector.'),
	);
	const found = h('div', { class: 'dominance-found' }, note, bar, list);
	const element = h('section', { class: 'dominance' }, button, found);
	return {
		element,
		show({ dominance, head }, rates, shown) {
			pressed = shown;
			setAttribute(button, 'aria-pressed', String(shown));
			found.hidden = !shown || dominance === undefined;
			if (!dominance) {
				return;
			}
			const places = branchPlaces(head.branches.map(({ rate }) => rate));
			bar.replaceChildren(
				...dominance.map((share, branch) => {
					const part = h('span', {
						class: 'dominance-part',
						title: `${rateName(rates, branch)}: ${formatShare(share)}`,
					});
					part.style.flexGrow = String(share);
					part.style.backgroundColor = `var(--rate-${places[branch]})`;
					return part;
				}),
			);
			list.replaceChildren(
				...dominance.map((share, branch) => {
					const mark = h('span', { class: 'rate-mark', 'aria-hidden': 'true' });
					mark.style.backgroundColor = `var(--rate-${places[branch]})`;
					return h(
						'li',
						{},
						mark,
						h('span', {}, l10n.t('rate {0}', rateName(rates, branch))),
						h('span', { class: 'dominance-share' }, formatShare(share)),
					);
				}),
			);
		},
	};
}
