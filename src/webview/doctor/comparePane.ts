/** What the model has now beside the choice that is looked at, both large, and the button that keeps it. */
import * as l10n from '@vscode/l10n';
import { describeChoice } from '../../shared/describeDoctor';
import type { DoctorTile } from '../../shared/protocol/doctor';
import type { ClassInfo } from '../../shared/protocol/types';
import { cssColor } from '../shared/colors';
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
	/** The class under a point of a choice's picture, in a box of CSS pixels; undefined where there is none. */
	classUnder(
		id: string,
		box: { readonly width: number; readonly height: number },
		at: { readonly x: number; readonly y: number },
	): ClassInfo | undefined;
	onKeep(): void;
}

export function createComparePane(parts: ComparePaneParts): ComparePane {
	const left = createLook(parts);
	const right = createLook(parts);
	const keep = textButton(l10n.t('Keep this one'), 'primary', () => parts.onKeep());
	const notice = h('span', { class: 'keep-notice', role: 'status' });
	const element = h(
		'section',
		{ class: 'compare', 'aria-label': l10n.t('Comparison') },
		left.element,
		right.element,
		h('div', { class: 'keep' }, keep, notice),
	);
	const repaint = () => {
		left.paint();
		right.paint();
	};
	new ResizeObserver(repaint).observe(element);
	return {
		element,
		repaint,
		show(comparison) {
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
	paint(): void;
}

function createLook(parts: ComparePaneParts): Look {
	const heading = h('h2', { class: 'look-heading' });
	const settings = h('span', { class: 'look-settings' });
	const canvas = h('canvas', { class: 'look-picture', role: 'img' });
	const swatch = h('span', { class: 'swatch' });
	const className = h('span');
	const under = h('span', { class: 'look-class', hidden: true }, swatch, className);
	let id: string | undefined;
	const figures = h('dl', { class: 'look-figures numbers' });
	const element = h(
		'figure',
		{ class: 'look' },
		h('figcaption', { class: 'look-caption' }, heading, settings, under),
		h('div', { class: 'look-frame' }, canvas),
		figures,
	);
	canvas.addEventListener('pointermove', ({ offsetX: x, offsetY: y }) => {
		const box = { width: canvas.clientWidth, height: canvas.clientHeight };
		const found = id === undefined ? undefined : parts.classUnder(id, box, { x, y });
		under.hidden = found === undefined;
		setText(className, found?.name ?? '');
		swatch.style.setProperty('--color', found ? cssColor(found.color) : 'none');
	});
	canvas.addEventListener('pointerleave', () => {
		under.hidden = true;
	});
	return {
		element,
		show(text, tile) {
			id = tile.id;
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
		paint() {
			if (id !== undefined) {
				const ratio = window.devicePixelRatio || 1;
				parts.paint(canvas, Math.round(Math.max(element.clientWidth, 1) * ratio), id);
			}
		},
	};
}
