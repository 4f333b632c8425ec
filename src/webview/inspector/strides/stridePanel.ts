/** The comparison of output strides beside the picture: which ones, their figures, how far it is. */
import * as l10n from '@vscode/l10n';
import {
	type InspectorStrides,
	type StrideAction,
	type StridePair,
	stridePairs,
} from '../../../shared/protocol/strides';
import type { Geometry } from '../../../shared/protocol/types';
import { h, icon, iconButton, setAttribute, setText, textButton } from '../../shared/dom';
import { formatElapsed } from '../../shared/format';
import { stageLabel } from '../stages/stageText';
import { effectText, roundingText, type StrideRow, strideRows } from './strideData';

export interface StridePanel {
	readonly element: HTMLElement;
	show(strides: InspectorStrides, geometry: Geometry): void;
	/** Nothing is compared any more: its clock stands still. */
	rest(): void;
}

export function createStridePanel(act: (action: StrideAction) => void): StridePanel {
	let shown: InspectorStrides | undefined;
	let timer: number | undefined;

	const segments = stridePairs.map((pair: StridePair) => {
		const button = h(
			'button',
			{ type: 'button', class: 'segment numbers', title: l10n.t('Compare output strides {0} and {1}', ...pair) },
			`${pair[0]} | ${pair[1]}`,
		);
		button.addEventListener('click', () => act({ kind: 'compare', pair }));
		return { pair, button };
	});
	const body = h('tbody');
	const table = h(
		'table',
		{ class: 'stride-table numbers' },
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				...[l10n.t('Stride'), l10n.t('Grid'), l10n.t('Rates'), l10n.t('Network')].map((text) =>
					h('th', { scope: 'col' }, text),
				),
			),
		),
		body,
	);
	const effect = h('p', { class: 'stride-effect numbers', role: 'status' });
	const rounding = h('p', { class: 'dim' });
	const symbol = h('span', { 'aria-hidden': 'true' });
	const text = h('span', { class: 'stride-status-text', role: 'status' });
	const elapsed = h('span', { class: 'dim numbers', role: 'timer', 'aria-live': 'off' });
	const again = () => shown && act({ kind: 'compare', pair: shown.pair });
	const buttons = {
		cancel: textButton(l10n.t('Cancel'), 'secondary', () => act({ kind: 'cancel' })),
		compare: textButton(l10n.t('Compare'), 'primary', again),
		retry: textButton(l10n.t('Retry'), 'primary', again),
		log: textButton(l10n.t('Show log'), 'secondary', () => act({ kind: 'showLog' })),
	};
	const actions = h('div', { class: 'stride-actions' }, ...Object.values(buttons));
	const status = h('div', { class: 'stride-status' }, h('p', {}, symbol, text, elapsed), actions);
	const element = h(
		'section',
		{ class: 'stride-panel', 'aria-label': l10n.t('Output strides compared') },
		h(
			'header',
			{},
			h('h2', {}, l10n.t('Output strides')),
			iconButton({ icon: 'close', label: l10n.t('End the comparison'), onClick: () => act({ kind: 'close' }) }),
		),
		h(
			'div',
			{ class: 'segments', role: 'group', 'aria-label': l10n.t('Which are compared') },
			...segments.map(({ button }) => button),
		),
		table,
		effect,
		rounding,
		status,
	);

	const offer = (...offered: readonly HTMLButtonElement[]) => {
		const hadFocus = actions.contains(document.activeElement);
		for (const button of Object.values(buttons)) {
			button.hidden = !offered.includes(button);
		}
		actions.hidden = offered.length === 0;
		if (hadFocus) {
			(offered[0] ?? segments.find(({ button }) => button.getAttribute('aria-pressed') === 'true')?.button)?.focus();
		}
	};
	const showStatus = ({ activity, effect: found }: InspectorStrides) => {
		window.clearInterval(timer);
		setText(elapsed, '');
		status.dataset.kind = activity.kind;
		status.hidden = activity.kind === 'idle' && found !== undefined;
		switch (activity.kind) {
			case 'idle':
				symbol.replaceChildren();
				setText(text, found ? '' : l10n.t('Not compared yet.'));
				offer(...(found ? [] : [buttons.compare]));
				return;
			case 'running': {
				symbol.replaceChildren(icon('loading', 'codicon-modifier-spin'));
				const doing = activity.stage === undefined ? l10n.t('waiting') : stageLabel(activity.stage);
				setText(text, l10n.t('Stride {0}: {1}', activity.stride, doing));
				const tick = () => setText(elapsed, formatElapsed(activity.since, Date.now()));
				tick();
				timer = window.setInterval(tick, 1000);
				offer(buttons.cancel);
				return;
			}
			case 'failed':
				symbol.replaceChildren(icon('error'));
				setText(text, activity.message);
				offer(buttons.retry, buttons.log);
				return;
			default: {
				const unknown: never = activity;
				throw new Error(`unknown activity ${JSON.stringify(unknown)}`);
			}
		}
	};

	return {
		element,
		show(strides, geometry) {
			shown = strides;
			for (const { pair, button } of segments) {
				setAttribute(button, 'aria-pressed', String(pair.join() === strides.pair.join()));
			}
			body.replaceChildren(...strideRows(strides).map(tableRow));
			const said = effectText(strides, geometry);
			effect.hidden = said === undefined;
			setText(effect, said ?? '');
			const rounded = roundingText(strides.sides);
			rounding.hidden = rounded === undefined;
			setText(rounding, rounded ?? '');
			showStatus(strides);
		},
		rest() {
			window.clearInterval(timer);
		},
	};
}

function tableRow({ stride, grid, rates, time, title }: StrideRow): HTMLElement {
	return h(
		'tr',
		{},
		h('th', { scope: 'row' }, String(stride)),
		...[grid, rates].map((text) => h('td', {}, text ?? '…')),
		h('td', { title }, time ?? '…'),
	);
}
