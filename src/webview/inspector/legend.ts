/** The classes present, by area: shows one alone, hides some, points one out. */
import * as l10n from '@vscode/l10n';
import type { RunInfo } from '../../shared/protocol/types';
import { cssColor } from '../shared/colors';
import { h, icon, setAttribute } from '../shared/dom';
import { formatShare } from '../shared/format';
import { roving } from '../shared/roving';
import { isBackground } from './maskData';
import { isShown, type ViewState } from './viewState';

export interface LegendEvents {
	onSolo(label: number): void;
	onHide(label: number): void;
	/** The class that is pointed at; undefined for none. */
	onHighlight(label: number | undefined): void;
}

export interface Legend {
	readonly element: HTMLElement;
	setRun(info: RunInfo): void;
	setView(view: ViewState): void;
	/** Marks the class under the pointer in the picture. */
	setPointed(label: number | undefined): void;
}

interface Row {
	readonly label: number;
	readonly name: string;
	readonly item: HTMLElement;
	readonly toggle: HTMLButtonElement;
	readonly eye: HTMLButtonElement;
	readonly eyeIcon: HTMLElement;
}

export function createLegend(events: LegendEvents): Legend {
	const list = h('ul', { class: 'legend-list' });
	const element = h('section', { class: 'legend', 'aria-label': l10n.t('Classes by area') }, list);
	let rows: readonly Row[] = [];
	const stops = roving(list, () => rows.map(({ toggle }) => toggle));

	const createRow = (info: RunInfo, label: number, share: number): Row => {
		const known = info.model.classes[label];
		const name = known?.name ?? String(label);
		const swatch = h('span', { class: 'swatch' });
		if (isBackground(info.model, label)) {
			swatch.classList.add('transparent');
		} else {
			swatch.style.backgroundColor = cssColor(known?.color ?? [128, 128, 128]);
		}
		const toggle = h(
			'button',
			{
				type: 'button',
				class: 'legend-class',
				'aria-pressed': 'false',
				title: l10n.t('Show {0} alone', name),
				tabindex: '-1',
			},
			swatch,
			h('span', { class: 'legend-name' }, name),
			h('span', { class: 'legend-share numbers' }, formatShare(share)),
		);
		const eyeIcon = icon('eye');
		const eye = h('button', { type: 'button', class: 'icon-button legend-eye' }, eyeIcon);
		const item = h('li', { class: 'legend-row' }, toggle, eye);
		toggle.addEventListener('click', () => events.onSolo(label));
		eye.addEventListener('click', () => events.onHide(label));
		item.addEventListener('pointerenter', () => events.onHighlight(label));
		item.addEventListener('pointerleave', () => events.onHighlight(undefined));
		item.addEventListener('focusin', () => item.matches(':has(:focus-visible)') && events.onHighlight(label));
		item.addEventListener('focusout', () => events.onHighlight(undefined));
		return { label, name, item, toggle, eye, eyeIcon };
	};

	return {
		element,
		setRun(info) {
			rows = info.classes.map(({ label, share }) => createRow(info, label, share));
			list.replaceChildren(...rows.map(({ item }) => item));
			stops.refresh();
		},
		setView(view) {
			for (const { label, name, item, toggle, eye, eyeIcon } of rows) {
				const hidden = view.hidden.includes(label);
				item.classList.toggle('off', !isShown(view, label));
				item.classList.toggle('hidden-class', hidden);
				setAttribute(toggle, 'aria-pressed', String(view.solo === label));
				setAttribute(eye, 'aria-label', hidden ? l10n.t('Show {0}', name) : l10n.t('Hide {0}', name));
				setAttribute(eye, 'title', hidden ? l10n.t('Show {0}', name) : l10n.t('Hide {0}', name));
				eyeIcon.className = `codicon codicon-${hidden ? 'eye-closed' : 'eye'}`;
			}
		},
		setPointed(label) {
			for (const row of rows) {
				row.item.classList.toggle('pointed', row.label === label);
			}
		},
	};
}
