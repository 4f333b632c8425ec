/** The effective receptive field: what to measure, how far that is, and what was found. */
import * as l10n from '@vscode/l10n';
import type { MeasuredField, ReceptiveFieldHostMethods, ReceptiveFieldRunView } from '../../shared/protocol/aspp';
import { branchPlaces } from '../shared/branches';
import { h, icon, setAttribute, setText, textButton } from '../shared/dom';
import { formatElapsed, formatMilliseconds, formatNumber } from '../shared/format';
import { branchText, gradientStageText, measuredText } from './fieldText';

export interface Measuring {
	readonly element: HTMLElement;
	show(view: ReceptiveFieldRunView): void;
}

export interface MeasuringEvents {
	onMeasure(params: ReceptiveFieldHostMethods['measure']['params']): void;
	onShow(index: number | null): void;
	onAct(action: ReceptiveFieldHostMethods['act']['params']): void;
}

export function createMeasuring(events: MeasuringEvents): Measuring {
	let over: MeasuredField['over'] = 'cell';
	let shown: ReceptiveFieldRunView | undefined;
	const places = (['cell', 'object'] as const).map((place) => {
		const button = h(
			'button',
			{ type: 'button', class: 'segment', 'aria-pressed': String(place === over) },
			place === 'cell' ? l10n.t('This cell') : l10n.t('The object'),
		);
		setAttribute(
			button,
			'title',
			place === 'cell'
				? l10n.t('Gradient of the logit at the probe’s cell')
				: l10n.t('Mean over the cells of the object at the probe'),
		);
		button.addEventListener('click', () => {
			over = place;
			for (const other of places) {
				setAttribute(other.button, 'aria-pressed', String(other.place === over));
			}
		});
		return { place, button };
	});
	const buttons = h('div', { class: 'actions measure-buttons', role: 'group', 'aria-label': l10n.t('Measure') });
	let madeFor = '';
	const symbol = h('span', { class: 'status-symbol' });
	const text = h('span', { class: 'status-text numbers', role: 'status' });
	const elapsed = h('span', { class: 'status-elapsed dim numbers' });
	const cancel = textButton(l10n.t('Cancel'), 'secondary', () => events.onAct('cancel'));
	const retry = textButton(l10n.t('Retry'), 'primary', () => events.onAct('retry'));
	const log = textButton(l10n.t('Show log'), 'secondary', () => events.onAct('showLog'));
	const status = h(
		'div',
		{ class: 'status' },
		h('p', { class: 'status-line' }, symbol, text, elapsed),
		h('div', { class: 'actions' }, cancel, retry, log),
	);
	const body = h('tbody');
	const head = (label: string, title: string) => h('th', { scope: 'col', class: 'number', title }, label);
	const table = h(
		'table',
		{ class: 'measured-table numbers' },
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				h('th', { scope: 'col' }, l10n.t('Measured')),
				head('r50', l10n.t('Radius in px of the picture that holds half of |gradient|')),
				head('r90', l10n.t('Radius in px of the picture that holds nine tenths of |gradient|')),
				head(l10n.t('ratio'), l10n.t('Diameter of the 90 % circle over the side of the theoretical receptive field')),
			),
		),
		body,
	);
	const note = h('p', { class: 'dim' }, l10n.t('Choose a row to draw its heat map in the Inspector.'));
	const element = h(
		'section',
		{ class: 'measuring' },
		h('h3', {}, l10n.t('Effective receptive field'), h('span', { class: 'group-note dim' }, l10n.t('radii in px'))),
		h(
			'p',
			{ class: 'dim' },
			l10n.t('Gradient of the logit of the class with respect to the picture: where the network really looks.'),
		),
		h(
			'div',
			{ class: 'segments', role: 'group', 'aria-label': l10n.t('Measured over') },
			...places.map(({ button }) => button),
		),
		buttons,
		status,
		table,
		note,
	);
	let timer: number | undefined;

	const build = (view: ReceptiveFieldRunView) => {
		const rates = trainedRates(view);
		const mixed = isMixed(view);
		const key = `${mixed} ${rates.join()}`;
		if (key === madeFor) {
			return;
		}
		madeFor = key;
		const marks = branchPlaces(rates);
		buttons.replaceChildren(
			...[undefined, ...rates.keys()].map((branch) => {
				const mark = h('span', { class: 'rate-mark', 'aria-hidden': 'true' });
				if (branch !== undefined) {
					mark.style.backgroundColor = `var(--rate-${marks[branch]})`;
				}
				const name = branchText(branch, rates);
				const whole = mixed ? l10n.t('Measure the logit') : l10n.t('Measure the sum');
				const button = h(
					'button',
					{ type: 'button', class: 'button secondary measure' },
					branch !== undefined && mark,
					branch === undefined ? whole : name,
				);
				setAttribute(button, 'aria-label', branch === undefined ? whole : l10n.t('Measure {0}', name));
				if (mixed && branch !== undefined) {
					setAttribute(button, 'title', l10n.t('Gradient of the mean of its channels: they are no classes'));
				}
				button.addEventListener('click', () => events.onMeasure({ branch, over }));
				return button;
			}),
		);
	};
	const showActivity = (view: ReceptiveFieldRunView) => {
		const { activity, probe } = view;
		window.clearInterval(timer);
		setText(elapsed, '');
		status.dataset.kind = activity.kind;
		cancel.hidden = activity.kind !== 'running';
		retry.hidden = activity.kind !== 'failed';
		log.hidden = activity.kind !== 'failed';
		status.hidden = activity.kind === 'idle' && probe !== undefined;
		for (const button of buttons.querySelectorAll('button')) {
			button.disabled = activity.kind === 'running' || probe === undefined;
		}
		switch (activity.kind) {
			case 'idle':
				symbol.replaceChildren();
				setText(text, probe ? '' : l10n.t('Pin a pixel to measure what it sees.'));
				return;
			case 'running': {
				symbol.replaceChildren(icon('loading', 'codicon-modifier-spin'));
				setText(
					text,
					`${branchText(activity.branch, trainedRates(view), isMixed(view))}: ${gradientStageText(activity.stage)}`,
				);
				const tick = () => setText(elapsed, formatElapsed(activity.since, Date.now()));
				tick();
				timer = window.setInterval(tick, 1000);
				return;
			}
			case 'failed':
				symbol.replaceChildren(icon('error'));
				setText(text, activity.message);
				return;
			default: {
				const unknown: never = activity;
				throw new Error(`unknown activity ${JSON.stringify(unknown)}`);
			}
		}
	};
	const row = (field: MeasuredField, index: number, view: ReceptiveFieldRunView) => {
		const { label } = field;
		const className = label === undefined ? l10n.t('all channels') : (view.classes[label]?.name ?? String(label));
		const text = measuredText(field, trainedRates(view), isMixed(view));
		const pressed = view.shownField === index;
		const button = h(
			'button',
			{
				type: 'button',
				class: 'measured-name',
				'aria-pressed': String(pressed),
				title: l10n.t('{0}, {1}; took {2}', text, className, formatMilliseconds(field.milliseconds)),
			},
			icon(pressed ? 'eye' : 'eye-closed'),
			h('span', {}, text),
			label !== undefined && label !== view.label && h('span', { class: 'dim' }, ` ${className}`),
		);
		button.addEventListener('click', () => events.onShow(pressed ? null : index));
		return h(
			'tr',
			{ class: pressed ? 'shown-field' : '' },
			h('th', { scope: 'row' }, button),
			h('td', { class: 'number' }, formatNumber(field.radius50)),
			h('td', { class: 'number' }, formatNumber(field.radius90)),
			h('td', { class: 'number' }, field.ratio === undefined ? '–' : field.ratio.toFixed(2)),
		);
	};

	return {
		element,
		show(view) {
			const focused = [...body.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
			shown = view;
			build(view);
			showActivity(view);
			table.hidden = view.measured.length === 0;
			note.hidden = table.hidden || view.shownField !== undefined;
			body.replaceChildren(...shown.measured.map((field, index) => row(field, index, view)));
			if (focused >= 0) {
				body.querySelectorAll('button')[focused]?.focus();
			}
		},
	};
}

/** Whether what all branches lead to is no sum of them. */
function isMixed({ head }: ReceptiveFieldRunView): boolean {
	return head.mixing !== undefined;
}

/** What is measured is the network as it was trained, wherever the sliders stand. */
function trainedRates({ head }: ReceptiveFieldRunView): readonly number[] {
	return head.branches.map(({ rate }) => rate);
}
