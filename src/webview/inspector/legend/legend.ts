/** The classes present, by area, with what another mask gave and took: shows one alone, hides some, points one out. */
import * as l10n from '@vscode/l10n';
import type { ModelMetadata } from '../../../shared/protocol/types';
import { cssColor } from '../../shared/colors';
import { h, icon, setAttribute, setText } from '../../shared/dom';
import { formatShare, formatSignedCount } from '../../shared/format';
import { roving } from '../../shared/roving';
import { isBackground } from '../picture/maskData';
import { isShown, type ViewState } from '../viewState';
import type { LegendCaption } from './legendCaption';
import type { LegendLine } from './legendData';

export interface LegendEvents {
	onSolo(label: number): void;
	onHide(label: number): void;
	/** The class that is pointed at; undefined for none. */
	onHighlight(label: number | undefined): void;
}

export interface Legend {
	readonly element: HTMLElement;
	/**
	 * @param model names and colours of the classes
	 * @param about which mask the areas are of
	 */
	setLines(model: ModelMetadata, lines: readonly LegendLine[], about: LegendCaption): void;
	setView(view: ViewState): void;
	/** Whether the background class is drawn in its colour too, not as nothing. */
	setFilled(filled: boolean): void;
	/** Marks the class under the pointer in the picture. */
	setPointed(label: number | undefined): void;
	/** Marks the class that the ASPP views speak of. */
	setChosen(label: number | undefined): void;
}

interface Row {
	readonly label: number;
	readonly name: string;
	readonly item: HTMLElement;
	readonly gained: HTMLElement;
	readonly lost: HTMLElement;
	readonly share: HTMLElement;
	/** Says that the ASPP views speak of it. */
	readonly mark: HTMLElement;
	readonly toggle: HTMLButtonElement;
	readonly eye: HTMLButtonElement;
	readonly eyeIcon: HTMLElement;
}

export function createLegend(events: LegendEvents): Legend {
	const list = h('ul', { class: 'legend-list' });
	const caption = h('p', { class: 'legend-caption dim', hidden: true });
	const element = h('section', { class: 'legend', 'aria-label': l10n.t('Classes by area') }, caption, list);
	let rows: readonly Row[] = [];
	let shownModel: ModelMetadata | undefined;
	let chosen: number | undefined;
	const markChosen = (row: Row) => {
		row.mark.hidden = row.label !== chosen;
	};
	const stops = roving(list, () => rows.map(({ toggle }) => toggle));

	const createRow = (model: ModelMetadata, label: number): Row => {
		const known = model.classes[label];
		const name = known?.name ?? String(label);
		const swatch = h('span', { class: 'swatch' });
		swatch.style.setProperty('--color', cssColor(known?.color ?? [128, 128, 128]));
		swatch.classList.toggle('background', isBackground(model, label));
		const mark = h(
			'span',
			{ class: 'legend-chosen', hidden: true, title: l10n.t('Class of the ASPP views') },
			icon('target'),
			h('span', { class: 'sr-only' }, l10n.t('class of the ASPP views')),
		);
		const gained = h('span', { class: 'legend-gained numbers' });
		const lost = h('span', { class: 'legend-lost numbers' });
		const share = h('span', { class: 'legend-share numbers' });
		const toggle = h(
			'button',
			{
				type: 'button',
				class: 'legend-class',
				'aria-pressed': 'false',
				tabindex: '-1',
			},
			swatch,
			h('span', { class: 'legend-name' }, name),
			mark,
			gained,
			lost,
			share,
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
		return { label, name, item, mark, gained, lost, share, toggle, eye, eyeIcon };
	};

	return {
		element,
		setLines(model, lines, about) {
			caption.hidden = about.text === undefined;
			setText(caption, about.text ?? '');
			if (model !== shownModel || lines.map(({ label }) => label).join() !== rows.map(({ label }) => label).join()) {
				shownModel = model;
				rows = lines.map(({ label }) => createRow(model, label));
				list.replaceChildren(...rows.map(({ item }) => item));
				stops.refresh();
				rows.forEach(markChosen);
			}
			element.classList.toggle(
				'with-crf',
				lines.some(({ gained }) => gained !== undefined),
			);
			for (const [index, { gained, lost, share }] of lines.entries()) {
				const row = rows[index]!;
				setText(row.share, formatShare(share));
				setText(row.gained, gained === undefined || gained === 0 ? '' : formatSignedCount(gained));
				setText(row.lost, lost === undefined || lost === 0 ? '' : formatSignedCount(-lost));
				setAttribute(row.toggle, 'title', rowTitle(row.name, about, gained, lost));
			}
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
		setFilled: (filled) => list.classList.toggle('filled', filled),
		setChosen(label) {
			chosen = label;
			for (const row of rows) {
				markChosen(row);
			}
		},
		setPointed(label) {
			for (const row of rows) {
				row.item.classList.toggle('pointed', row.label === label);
			}
		},
	};
}

function rowTitle(name: string, about: LegendCaption, gained: number | undefined, lost: number | undefined): string {
	return gained === undefined || lost === undefined
		? l10n.t('Show {0} alone', name)
		: about.changed(name, gained, lost);
}
