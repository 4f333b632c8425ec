/** What the model has now beside the choice that is looked at, both large, and the button that keeps it. */
import * as l10n from '@vscode/l10n';
import { describeChoice } from '../../shared/describeDoctor';
import type { DoctorTile } from '../../shared/protocol/doctor';
import { h, setText, textButton } from '../shared/dom';
import { figuresOf } from './doctorData';

export interface Comparison {
	readonly current: DoctorTile;
	readonly looked: DoctorTile;
	/** Whether what is looked at is the chosen one. */
	readonly chosen: boolean;
	/** The model does not say itself what is current. */
	readonly adopting: boolean;
	/** A choice is being kept. */
	readonly keeping: boolean;
	/** What became of the last one that was kept. */
	readonly notice: string;
}

export interface ComparePane {
	readonly element: HTMLElement;
	show(comparison: Comparison): void;
	/** Draws both pictures with what is known of them. */
	repaint(): void;
}

export interface ComparePaneParts {
	/** @param width of the canvas in device pixels */
	paint(canvas: HTMLCanvasElement, width: number, id: string): void;
	onKeep(): void;
}

export function createComparePane(parts: ComparePaneParts): ComparePane {
	const left = createLook();
	const right = createLook();
	const keep = textButton(l10n.t('Keep this one'), 'primary', () => parts.onKeep());
	const notice = h('span', { class: 'keep-notice', role: 'status' });
	const element = h(
		'section',
		{ class: 'compare', 'aria-label': l10n.t('Comparison') },
		left.element,
		right.element,
		h('div', { class: 'keep' }, keep, notice),
	);
	let shown: Comparison | undefined;

	const repaint = () => {
		if (shown) {
			left.paint(parts, shown.current.id);
			right.paint(parts, shown.looked.id);
		}
	};
	new ResizeObserver(repaint).observe(element);
	return {
		element,
		repaint,
		show(comparison) {
			shown = comparison;
			const { current, looked, chosen, adopting, keeping } = comparison;
			left.show(adopting ? l10n.t('Assumed') : l10n.t('Now'), current);
			right.show(chosen ? l10n.t('Chosen') : l10n.t('Preview'), looked);
			keep.disabled = keeping || !chosen || !looked.confidence;
			keep.title = adopting
				? l10n.t('Saves the model with this preprocessing, and makes it the model in use')
				: l10n.t('Writes this preprocessing into the model’s file, and makes it the model in use');
			setText(notice, comparison.notice);
			repaint();
		},
	};
}

interface Look {
	readonly element: HTMLElement;
	show(heading: string, tile: DoctorTile): void;
	paint(parts: ComparePaneParts, id: string): void;
}

function createLook(): Look {
	const heading = h('h2', { class: 'look-heading' });
	const settings = h('span', { class: 'look-settings' });
	const canvas = h('canvas', { class: 'look-picture', role: 'img' });
	const figures = h('dl', { class: 'look-figures numbers' });
	const element = h(
		'figure',
		{ class: 'look' },
		h('figcaption', { class: 'look-caption' }, heading, settings),
		h('div', { class: 'look-frame' }, canvas),
		figures,
	);
	return {
		element,
		show(text, tile) {
			setText(heading, text);
			const described = describeChoice(tile.choice);
			setText(settings, described);
			canvas.setAttribute('aria-label', `${text}: ${described}`);
			const known = figuresOf(tile);
			figures.replaceChildren(
				...(known.length > 0 ? known : [{ name: l10n.t('not computed'), value: '' }]).map(({ name, value }) =>
					h('div', {}, h('dt', {}, name), h('dd', {}, value)),
				),
			);
		},
		paint({ paint }, id) {
			const ratio = window.devicePixelRatio || 1;
			paint(canvas, Math.round(Math.max(element.clientWidth, 1) * ratio), id);
		},
	};
}
