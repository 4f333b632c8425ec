/** The mean field at the probe pixel: the terms of each class's score, who wins and by which term; and the ties. */
import * as l10n from '@vscode/l10n';
import type { CrfKernelName, CrfProbe, CrfRunView } from '../../shared/protocol/crf';
import type { ClassInfo } from '../../shared/protocol/types';
import { classSwatch } from '../shared/classSwatch';
import { clearTies, cssColor } from '../shared/colors';
import { h, setAttribute, setText } from '../shared/dom';
import { formatNumber, formatProbability, formatSigned } from '../shared/format';
import { createSequentialBar } from '../shared/sequentialBar';
import { signedBar } from '../shared/signedBar';
import { largestTerm, type ProbeLine, probeLines, type TermName, verdict } from './probeData';

export interface ProbePanel {
	readonly element: HTMLElement;
	/** @param ties the kernel whose ties are drawn: the page may be ahead of its host. */
	show(view: CrfRunView, ties: CrfKernelName | undefined): void;
}

/** So many classes are listed. */
const listedClasses = 5;
/** Milliseconds that a pixel's numbers stay, greyed, while those of the next one are computed. */
const patience = 600;

export function createProbePanel(onTies: (kernel: CrfKernelName | null) => void): ProbePanel {
	const place = h('p', { class: 'probe-place numbers' });
	const sentence = h('p', { class: 'probe-verdict numbers' });
	const body = h('tbody');
	const scale = h('p', { class: 'probe-scale dim numbers' });
	const head = (text: string, title: string) => h('th', { scope: 'col', class: 'number', title }, text);
	const table = h(
		'table',
		{ class: 'probe-table numbers' },
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				h('th', { scope: 'col' }, l10n.t('Class')),
				head('−U', l10n.t('Network: log of its probability')),
				head(l10n.t('colour'), l10n.t('Message of pixels near in place and in colour')),
				head(l10n.t('place'), l10n.t('Message of pixels near in place')),
				head(l10n.t('score'), l10n.t('The sum of the three')),
				head('Q', l10n.t('Probability: softmax of the scores')),
			),
		),
		body,
	);
	const none = h('p', { class: 'dim' }, l10n.t('No probe: click a pixel in the Inspector.'));
	const tiesScale = h('div', { class: 'ties-scale numbers', hidden: true });
	const tieButton = (kernel: CrfKernelName, text: string) => {
		const button = h('button', { type: 'button', class: 'button secondary toggle', 'aria-pressed': 'false' }, text);
		button.addEventListener('click', () => onTies(shownTies === kernel ? null : kernel));
		return { kernel, button };
	};
	const buttons = [
		tieButton('bilateral', l10n.t('Ties by colour and place')),
		tieButton('spatial', l10n.t('Ties by place')),
	];
	const found = h(
		'div',
		{ class: 'probe-found' },
		place,
		sentence,
		table,
		scale,
		h('div', { class: 'actions' }, ...buttons.map(({ button }) => button)),
		tiesScale,
	);
	const element = h('section', { class: 'probe' }, h('h3', {}, l10n.t('Probe pixel')), none, found);
	let shownTies: CrfKernelName | undefined;
	let shownRun: string | undefined;
	let timer: number | undefined;

	const showNone = () => {
		none.hidden = false;
		found.hidden = true;
	};
	const showProbe = (probe: CrfProbe, classes: readonly ClassInfo[]) => {
		none.hidden = true;
		found.hidden = false;
		const swatch = h('span', { class: 'swatch', title: l10n.t('The picture’s colour there') });
		swatch.style.setProperty('--color', cssColor(probe.color));
		place.replaceChildren(
			swatch,
			h('span', {}, `x ${probe.x}  y ${probe.y}`),
			h('span', { class: 'dim' }, l10n.t('iteration {0}', probe.iteration)),
		);
		setText(sentence, verdictText(probe, classes));
		const lines = probeLines(probe, listedClasses);
		const largest = largestTerm(lines);
		body.replaceChildren(...lines.map((line) => probeRow(line, largest, classes)));
		const end = formatNumber(Number(largest.toPrecision(2)));
		setText(scale, l10n.t('Bars: −{0} to +{0} in score, zero in the middle.', end));
	};

	return {
		element,
		show(view, ties) {
			const { probe, classes, activity, iteration, largestTie } = view;
			window.clearTimeout(timer);
			if (probe) {
				showProbe(probe, classes);
			} else if (found.hidden || shownRun !== view.runId) {
				showNone();
			} else {
				timer = window.setTimeout(showNone, activity.kind === 'running' ? 10 * patience : patience);
			}
			shownRun = view.runId;
			found.classList.toggle('waiting', !probe || probe.iteration !== iteration);
			shownTies = ties;
			for (const { kernel, button } of buttons) {
				setAttribute(button, 'aria-pressed', String(kernel === ties));
			}
			tiesScale.hidden = ties === undefined || largestTie === undefined;
			if (largestTie !== undefined && ties !== undefined) {
				tiesScale.replaceChildren(
					h('span', {}, '0'),
					createSequentialBar(clearTies),
					h('span', {}, l10n.t('{0} of score', formatNumber(largestTie))),
				);
			}
		},
	};
}

function probeRow(line: ProbeLine, largest: number, classes: readonly ClassInfo[]): HTMLElement {
	const name = classes[line.label]?.name ?? String(line.label);
	const term = (value: number, kind = '') =>
		h(
			'td',
			{ class: `number ${kind}`.trim() },
			formatSigned(value, Math.abs(value) < 9.995 ? 2 : 1),
			h('span', { class: 'term-bar', 'aria-hidden': 'true' }, signedBar(value / largest)),
		);
	return h(
		'tr',
		{},
		h('th', { scope: 'row', title: name }, classSwatch(classes, line.label), h('span', { class: 'class-name' }, name)),
		term(line.network),
		term(line.bilateral),
		term(line.spatial),
		term(line.score, 'score'),
		h('td', { class: 'number' }, formatProbability(line.q)),
	);
}

function verdictText(probe: CrfProbe, classes: readonly ClassInfo[]): string {
	const found = verdict(probe);
	const name = (label: number) => classes[label]?.name ?? String(label);
	if (!found) {
		return l10n.t('There is only one class.');
	}
	const { winner, runnerUp, lead, terms, decisive, networkChoice } = found;
	const wins = l10n.t(
		'{0} wins over {1} by {2} in score, most of it ({3}) by {4}.',
		name(winner),
		name(runnerUp),
		lead.toFixed(2),
		formatSigned(terms[decisive]),
		termText(decisive),
	);
	return networkChoice === undefined ? wins : `${wins} ${l10n.t('The network alone says {0}.', name(networkChoice))}`;
}

function termText(term: TermName): string {
	switch (term) {
		case 'network':
			return l10n.t('the network');
		case 'bilateral':
			return l10n.t('colour and place');
		case 'spatial':
			return l10n.t('place');
		default: {
			const unknown: never = term;
			throw new Error(`unknown term ${String(unknown)}`);
		}
	}
}
