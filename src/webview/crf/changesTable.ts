/** What the CRF gave to and took from each class: bars around zero, with the numbers beside them. */
import * as l10n from '@vscode/l10n';
import type { CrfOutcome } from '../../shared/protocol/crf';
import type { ClassInfo, Geometry } from '../../shared/protocol/types';
import { h, setText, textButton } from '../shared/dom';
import { formatCount, formatShare, formatSignedCount } from '../shared/format';
import { classSwatch } from './classSwatch';
import { type ChangeBar, changeBars, largestChanges } from './outcomeData';
import { signedBar } from './signedBar';

export interface ChangesTable {
	readonly element: HTMLElement;
	/** @param outcome of the mask that is shown */
	show(outcome: Pick<CrfOutcome, 'changes' | 'changedPixels'>, classes: readonly ClassInfo[], geometry: Geometry): void;
}

/** So many classes are listed at first. */
const listedClasses = 10;

export function createChangesTable(): ChangesTable {
	const total = h('p', { class: 'changes-total numbers' });
	const body = h('tbody');
	const table = h(
		'table',
		{ class: 'changes-table numbers' },
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				h('th', { scope: 'col' }, l10n.t('Class')),
				h('th', { scope: 'col', class: 'number' }, l10n.t('Lost')),
				h('td', {}),
				h('th', { scope: 'col', class: 'number' }, l10n.t('Gained')),
			),
		),
		body,
	);
	let all = false;
	let draw = () => {};
	const more = textButton('', 'secondary', () => {
		all = !all;
		draw();
	});
	const element = h(
		'section',
		{ class: 'changes' },
		h('h3', {}, l10n.t('What changed'), h('span', { class: 'group-note dim' }, l10n.t('in px of the picture'))),
		total,
		table,
		more,
	);
	return {
		element,
		show(outcome, classes, geometry) {
			const area = geometry.pictureWidth * geometry.pictureHeight;
			setText(
				total,
				outcome.changedPixels === 0
					? l10n.t('No pixel has another class than before the CRF.')
					: l10n.t(
							'{0} px have another class than before, {1} of the picture.',
							formatCount(outcome.changedPixels),
							formatShare(outcome.changedPixels / area),
						),
			);
			draw = () => {
				const bars = changeBars(outcome.changes);
				const listed = all ? bars : largestChanges(bars, listedClasses);
				table.hidden = bars.length === 0;
				body.replaceChildren(...listed.map((bar) => changeRow(bar, classes)));
				more.hidden = bars.length <= listedClasses;
				setText(more, all ? l10n.t('Only the largest changes') : l10n.t('All {0} classes that changed', bars.length));
			};
			draw();
		},
	};
}

function changeRow({ label, gained, lost, gainedLength, lostLength }: ChangeBar, classes: readonly ClassInfo[]) {
	const name = classes[label]?.name ?? String(label);
	return h(
		'tr',
		{},
		h('th', { scope: 'row', title: name }, classSwatch(classes, label), h('span', { class: 'class-name' }, name)),
		h('td', { class: 'number' }, lost === 0 ? '0' : formatSignedCount(-lost)),
		h('td', { class: 'change-bars', 'aria-hidden': 'true' }, signedBar(-lostLength), signedBar(gainedLength)),
		h('td', { class: 'number' }, formatSignedCount(gained)),
	);
}
