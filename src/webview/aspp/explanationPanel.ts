/** Why the probe pixel has its logit: the waterfall of the chosen class beside its rival's, and what decided. */
import * as l10n from '@vscode/l10n';
import type { AsppExplanation, AsppRunView } from '../../shared/protocol/aspp';
import type { ClassInfo } from '../../shared/protocol/types';
import { branchPlaces } from '../shared/branches';
import { classSwatch } from '../shared/classSwatch';
import { h, iconButton, setText } from '../shared/dom';
import { formatSigned } from '../shared/format';
import { createWaterfallChart } from './waterfall';
import { verdict, type WaterfallRow, waterfall } from './waterfallData';
import { rowDetail, verdictText } from './waterfallText';

export interface ExplanationPanel {
	readonly element: HTMLElement;
	/** The waterfall as it is drawn, for a figure; undefined without a probe. */
	chart(): SVGSVGElement | undefined;
	/** What it says, for a figure. */
	lines(): readonly string[];
	/** @param on, rates as the page has them: it may be ahead of its host. */
	show(view: AsppRunView, on: readonly boolean[], rates: readonly number[]): void;
}

export function createExplanationPanel(onUnpin: () => void): ExplanationPanel {
	const place = h('span', { class: 'probe-place-text numbers' });
	const unpin = iconButton({ icon: 'close', label: l10n.t('Unpin the probe'), key: l10n.t('Esc'), onClick: onUnpin });
	const chosenKey = h('p', { class: 'waterfall-key numbers' });
	const rivalKey = h('p', { class: 'waterfall-key numbers' });
	const chart = createWaterfallChart();
	const sentence = h('p', { class: 'verdict numbers', role: 'status' });
	const detail = h('p', { class: 'waterfall-detail dim numbers' });
	const found = h(
		'div',
		{ class: 'explanation-found' },
		h('div', { class: 'probe-place' }, place, unpin),
		sentence,
		chosenKey,
		rivalKey,
		chart.element,
		detail,
	);
	const none = h(
		'p',
		{ class: 'dim' },
		l10n.t('Pin a pixel in the picture or in a map below to see what each branch adds to its logit.'),
	);
	const element = h('section', { class: 'explanation' }, h('h3', {}, l10n.t('Probe pixel')), none, found);
	new ResizeObserver(() => chart.resize(found.clientWidth)).observe(found);
	let shown:
		| {
				readonly explanation: AsppExplanation;
				readonly rates: readonly number[];
				readonly classes: readonly ClassInfo[];
		  }
		| undefined;
	let row: WaterfallRow | undefined;

	const describe = () => setText(detail, shown ? rowDetail(row, shown.explanation, shown.rates, shown.classes) : '');
	chart.onRow((pointed) => {
		row = pointed;
		describe();
	});

	return {
		element,
		lines: () =>
			found.hidden
				? []
				: [place, chosenKey, ...(rivalKey.hidden ? [] : [rivalKey]), sentence].map(
						(part) => part.dataset.text ?? part.textContent ?? '',
					),
		chart: () => (found.hidden ? undefined : chart.element),
		show({ explanation, classes, probe, head }, on, rates) {
			none.hidden = probe !== undefined;
			found.hidden = probe === undefined || explanation === undefined;
			if (!explanation || !probe) {
				shown = undefined;
				return;
			}
			shown = { explanation, rates, classes };
			const { chosen, runnerUp, cell } = explanation;
			const data = waterfall(explanation, on);
			const name = (label: number) => classes[label]?.name ?? String(label);
			setText(
				place,
				l10n.t('x {0}  y {1} · cell row {2}, column {3}', explanation.x, explanation.y, cell.row, cell.column),
			);
			const names = {
				chosen: name(chosen.label),
				rival: runnerUp ? name(runnerUp.label) : '',
				rates,
				places: branchPlaces(head.branches.map(({ rate }) => rate)),
			};
			showKey(chosenKey, 'chosen', classes, chosen.label, data.chosen);
			rivalKey.hidden = data.rival === undefined;
			if (runnerUp && data.rival !== undefined) {
				showKey(rivalKey, 'rival', classes, runnerUp.label, data.rival);
			}
			chart.show(data, names);
			setText(sentence, verdictText(verdict(data), names.chosen, names.rival, rates));
			row = undefined;
			describe();
		},
	};
}

function showKey(
	target: HTMLElement,
	kind: 'chosen' | 'rival',
	classes: readonly ClassInfo[],
	label: number,
	logit: number,
): void {
	const name = classes[label]?.name ?? String(label);
	const logitText = l10n.t('{0} logit', formatSigned(logit));
	target.dataset.text =
		kind === 'chosen' ? l10n.t('thick: {0} {1}', name, logitText) : l10n.t('thin: {0} {1}', name, logitText);
	target.replaceChildren(
		h('span', { class: `key-bar ${kind}`, 'aria-hidden': 'true' }),
		classSwatch(classes, label),
		h('span', { class: 'class-name' }, name),
		h('span', { class: 'waterfall-logit' }, formatSigned(logit)),
		h('span', { class: 'dim' }, l10n.t('logit')),
	);
}
