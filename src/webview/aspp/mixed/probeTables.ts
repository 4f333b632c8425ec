/** At the probe pixel: the logit without each branch, and how strongly each branch answers there. */
import * as l10n from '@vscode/l10n';
import type { MixedRunView } from '../../../shared/protocol/aspp';
import { classSwatch } from '../../shared/classSwatch';
import { h, icon, iconButton, setText, textButton } from '../../shared/dom';
import { formatNumber, formatSigned } from '../../shared/format';
import { signedBar } from '../../shared/signedBar';
import { largestChange, mixedPlaces, type WithoutRow, withoutRows } from './mixedData';

export interface ProbeTables {
	readonly element: HTMLElement;
	/** What they say, for a figure. */
	lines(): readonly string[];
	show(view: MixedRunView): void;
}

export interface ProbeTablesEvents {
	onUnpin(): void;
	/** A channel of a branch is to be drawn. */
	onChannel(branch: number, channel: number): void;
	onShowLog(): void;
	onRetry(): void;
}

export function createProbeTables(events: ProbeTablesEvents): ProbeTables {
	const place = h('span', { class: 'probe-place-text numbers' });
	const unpin = iconButton({
		icon: 'close',
		label: l10n.t('Unpin the probe'),
		key: l10n.t('Esc'),
		onClick: events.onUnpin,
	});
	const className = h('span', { class: 'group-note dim' });
	const withoutBody = h('tbody');
	const without = h(
		'table',
		{ class: 'without-table numbers' },
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				h('th', { scope: 'col' }, l10n.t('Without')),
				h('th', { scope: 'col', class: 'number' }, l10n.t('logit')),
				h('th', { scope: 'col', class: 'number' }, l10n.t('change')),
				h('td', { class: 'bar-cell', 'aria-hidden': 'true' }),
			),
		),
		withoutBody,
	);
	const note = h(
		'p',
		{ class: 'dim' },
		l10n.t(
			'The network’s own later layers, run again with the branch’s map at zero. The changes do not add up to the logit.',
		),
	);
	const problemText = h('span', { role: 'status' });
	const problem = h(
		'div',
		{ class: 'mixed-problem' },
		h('p', {}, h('span', { class: 'error' }, icon('error')), ' ', problemText),
		h(
			'div',
			{ class: 'actions' },
			textButton(l10n.t('Retry'), 'secondary', events.onRetry),
			textButton(l10n.t('Show log'), 'secondary', events.onShowLog),
		),
	);
	const norms = h('ul', { class: 'norm-list' });
	const found = h(
		'div',
		{ class: 'explanation-found' },
		h('div', { class: 'probe-place' }, place, unpin),
		h('h4', {}, l10n.t('Logit without a branch'), className),
		without,
		note,
		h('h4', {}, l10n.t('Branches here'), h('span', { class: 'group-note dim' }, l10n.t('norm, top channels'))),
		norms,
	);
	const none = h(
		'p',
		{ class: 'dim' },
		l10n.t('Pin a pixel in the picture or in a map below to see what the network says there without each branch.'),
	);
	const element = h('section', { class: 'explanation' }, h('h3', {}, l10n.t('Probe pixel')), none, problem, found);
	let lines: readonly string[] = [];

	return {
		element,
		lines: () => (found.hidden ? [] : lines),
		show(view) {
			const { atProbe, classes, label, branches } = view;
			none.hidden = view.probe !== undefined;
			found.hidden = atProbe === undefined;
			problem.hidden = view.problem === undefined;
			setText(problemText, view.problem ?? '');
			if (!atProbe) {
				return;
			}
			const name = (of: number) => classes[of]?.name ?? String(of);
			const where = l10n.t(
				'x {0}  y {1} · cell row {2}, column {3}',
				atProbe.x,
				atProbe.y,
				atProbe.row,
				atProbe.column,
			);
			setText(place, where);
			className.replaceChildren(classSwatch(classes, label), name(label));
			const rows = withoutRows(atProbe);
			const end = largestChange(rows);
			const places = mixedPlaces(branches);
			withoutBody.replaceChildren(
				h(
					'tr',
					{ class: 'without-none' },
					h('th', { scope: 'row' }, l10n.t('none: all on')),
					h('td', { class: 'number' }, formatSigned(atProbe.all.logit)),
					h('td', { class: 'number' }),
					h('td'),
				),
				...rows.map((row) => withoutRow(row, view, places[row.branch], end)),
			);
			norms.replaceChildren(...normItems(view, places, events.onChannel));
			lines = [
				where,
				l10n.t('{0}: {1} logit', name(label), formatSigned(atProbe.all.logit)),
				...rows.map(({ branch, logit, change }) =>
					l10n.t(
						'without {0}: {1} ({2})',
						branches[branch]!.name,
						logit === undefined ? '…' : formatSigned(logit),
						change === undefined ? '…' : formatSigned(change),
					),
				),
				l10n.t('These changes do not add up to the logit.'),
			];
		},
	};
}

/** @param place in the colours of the rates; undefined for a branch without one */
export function branchMark(place: number | undefined): HTMLElement {
	const mark = h('span', { class: place === undefined ? 'rate-mark plain' : 'rate-mark', 'aria-hidden': 'true' });
	if (place !== undefined) {
		mark.style.backgroundColor = `var(--rate-${place})`;
	}
	return mark;
}

function withoutRow(
	{ branch, logit, change, winner }: WithoutRow,
	{ branches, classes, problem }: MixedRunView,
	place: number | undefined,
	end: number,
): HTMLElement {
	const pending = problem === undefined ? '…' : '–';
	return h(
		'tr',
		{},
		h(
			'th',
			{ scope: 'row' },
			h('span', { class: 'without-name' }, branchMark(place), h('span', {}, branches[branch]!.name)),
			winner !== undefined &&
				h(
					'span',
					{ class: 'without-winner dim' },
					classSwatch(classes, winner),
					l10n.t('{0} wins', classes[winner]?.name ?? winner),
				),
		),
		h('td', { class: 'number' }, logit === undefined ? pending : formatSigned(logit)),
		h('td', { class: 'number' }, change === undefined ? '' : formatSigned(change)),
		h(
			'td',
			{ class: 'bar-cell', 'aria-hidden': 'true' },
			h('span', { class: 'change-track' }, change !== undefined && signedBar(end > 0 ? change / end : 0)),
		),
	);
}

function normItems(
	{ branches, atProbe }: MixedRunView,
	places: readonly (number | undefined)[],
	onChannel: ProbeTablesEvents['onChannel'],
): HTMLElement[] {
	const largest = Math.max(1e-9, ...(atProbe?.branches.map(({ norm }) => norm) ?? []));
	return (atProbe?.branches ?? []).map(({ norm, strongest }, branch) => {
		const bar = h('span', { class: places[branch] === undefined ? 'norm-bar plain' : 'norm-bar' });
		bar.style.width = `${(100 * norm) / largest}%`;
		if (places[branch] !== undefined) {
			bar.style.backgroundColor = `var(--rate-${places[branch]})`;
		}
		const name = branches[branch]!.name;
		return h(
			'li',
			{},
			h('span', { class: 'norm-name numbers' }, branchMark(places[branch]), h('span', {}, name)),
			h('span', { class: 'norm-track', 'aria-hidden': 'true' }, bar),
			h('span', { class: 'norm-value numbers' }, formatNumber(norm)),
			h(
				'span',
				{ class: 'norm-channels numbers' },
				...strongest.map(({ channel, value }) => {
					const text = l10n.t('Draw channel {0} of {1}', channel, name);
					const button = h(
						'button',
						{
							type: 'button',
							class: 'icon-button channel',
							title: text,
							'aria-label': `#${channel} ${formatNumber(value)}: ${text}`,
						},
						h('span', { class: 'dim' }, `#${channel}`),
						` ${formatNumber(value)}`,
					);
					button.addEventListener('click', () => onChannel(branch, channel));
					return button;
				}),
			),
		);
	});
}
