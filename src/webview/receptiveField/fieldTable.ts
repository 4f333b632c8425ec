/** The theoretical receptive fields as a table: the backbone alone, then each branch. */
import * as l10n from '@vscode/l10n';
import type { ReceptiveFieldRunView } from '../../shared/protocol/aspp';
import { branchPlaces } from '../shared/branches';
import { h } from '../shared/dom';
import { formatShare } from '../shared/format';
import { type FieldRow, fieldRows, sizeText } from './fieldData';
import { branchText } from './fieldText';
import type { PointedTap } from './schematic';

export interface FieldTable {
	readonly element: HTMLElement;
	show(view: ReceptiveFieldRunView): void;
	highlight(pointed: PointedTap | undefined): void;
}

export function createFieldTable(onPoint: (branch: PointedTap | undefined) => void): FieldTable {
	const body = h('tbody');
	const head = (text: string, title: string) => h('th', { scope: 'col', class: 'number', title }, text);
	const element = h(
		'table',
		{ class: 'field-table numbers' },
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				h('th', { scope: 'col' }, l10n.t('Rate')),
				head(l10n.t('kernel'), l10n.t('Effective kernel size in cells of the feature grid: k + (k − 1)(r − 1)')),
				head(l10n.t('px'), l10n.t('Theoretical receptive field in px of the network’s input')),
				head(l10n.t('picture'), l10n.t('Share of the picture that it covers')),
				head(l10n.t('outside'), l10n.t('Share of it that lies outside the picture')),
			),
		),
		body,
	);
	let rows: readonly HTMLElement[] = [];
	return {
		element,
		show(view) {
			const places = branchPlaces(view.head.branches.map(({ rate }) => rate));
			rows = fieldRows(view.head, view.rates, view.explanation?.cell).map((row) => {
				const element = rowElement(row, view.rates, places);
				const { branch } = row;
				if (branch !== undefined) {
					element.addEventListener('pointerenter', () => onPoint({ branch, tap: undefined }));
					element.addEventListener('pointerleave', () => onPoint(undefined));
				}
				return element;
			});
			body.replaceChildren(...rows);
		},
		highlight(pointed) {
			for (const [index, row] of rows.entries()) {
				row.classList.toggle('pointed', pointed?.branch === index - 1);
			}
		},
	};
}

function rowElement(
	{ branch, effectiveKernel, size, seen }: FieldRow,
	rates: readonly number[],
	places: readonly number[],
): HTMLElement {
	const mark = h('span', { class: 'rate-mark', 'aria-hidden': 'true' });
	if (branch !== undefined) {
		mark.style.backgroundColor = `var(--rate-${places[branch]})`;
	}
	return h(
		'tr',
		{},
		h(
			'th',
			{ scope: 'row' },
			branch !== undefined && mark,
			branch === undefined ? l10n.t('backbone') : branchText(branch, rates),
		),
		h('td', { class: 'number' }, effectiveKernel === undefined ? '–' : String(effectiveKernel)),
		h('td', { class: 'number' }, sizeText(size)),
		h('td', { class: 'number' }, seen ? formatShare(seen.shareOfPicture) : '–'),
		h('td', { class: 'number' }, seen ? formatShare(seen.outside) : '–'),
	);
}
