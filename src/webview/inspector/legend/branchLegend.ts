/** The branches in their colours, with the share of the picture in which each contributes most. */
import * as l10n from '@vscode/l10n';
import type { InspectorDominance } from '../../../shared/protocol/aspp';
import { rateName } from '../../shared/branches';
import { h } from '../../shared/dom';
import { formatShare } from '../../shared/format';

export interface BranchLegend {
	readonly element: HTMLElement;
	/** @param places place in the colours, by branch */
	show(dominance: InspectorDominance, places: readonly number[]): void;
}

export function createBranchLegend(): BranchLegend {
	const list = h('ul', { class: 'branch-legend' });
	const element = h(
		'section',
		{ class: 'legend', 'aria-label': l10n.t('Dominant branch by area'), hidden: true },
		h('p', { class: 'branch-legend-title dim' }, l10n.t('Adds most to the winning class')),
		list,
	);
	return {
		element,
		show({ rates, shares }, places) {
			list.replaceChildren(
				...rates.map((_, branch) => {
					const swatch = h('span', { class: 'swatch' });
					swatch.style.setProperty('--color', `var(--rate-${places[branch] ?? branch})`);
					return h(
						'li',
						{},
						swatch,
						h('span', { class: 'legend-name' }, l10n.t('rate {0}', rateName(rates, branch))),
						h('span', { class: 'legend-share numbers' }, formatShare(shares[branch] ?? 0)),
					);
				}),
			);
		},
	};
}
