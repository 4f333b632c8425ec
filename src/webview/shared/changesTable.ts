/** What each class gained and lost against another mask: bars around zero, with the numbers beside them. */
import * as l10n from '@vscode/l10n';
import type { ClassChange } from '../../core/crf/changes';
import type { ClassInfo, Geometry } from '../../shared/protocol/types';
import { type ChangeBar, changeBars, largestChanges } from './changesData';
import { classSwatch } from './classSwatch';
import { h, setText, textButton } from './dom';
import { formatShare, formatSignedCount } from './format';
import { signedBar } from './signedBar';

export interface MaskEffect {
	readonly changes: readonly ClassChange[];
	/** Pixels of the picture. */
	readonly changedPixels: number;
}

export interface ChangesTable {
	readonly element: HTMLElement;
	show(effect: MaskEffect, classes: readonly ClassInfo[], geometry: Geometry): void;
}

export interface ChangesTexts {
	/** Said where no pixel changed. */
	readonly none: string;
	/** @param pixels that changed, @param share of the picture, with its unit */
	some(pixels: number, share: string): string;
}

/** So many classes are listed at first. */
const listedClasses = 10;

export function createChangesTable(texts: ChangesTexts): ChangesTable {
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
		show({ changes, changedPixels }, classes, geometry) {
			const area = geometry.pictureWidth * geometry.pictureHeight;
			setText(total, changedPixels === 0 ? texts.none : texts.some(changedPixels, formatShare(changedPixels / area)));
			draw = () => {
				const bars = changeBars(changes);
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
