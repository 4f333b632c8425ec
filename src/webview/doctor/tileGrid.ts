/** The choices side by side: a list box whose options are small pictures with their masks. */
import * as l10n from '@vscode/l10n';
import { alignCornersName, describeChoice, resizeName, shortNormalizationName } from '../../shared/describeDoctor';
import type { DoctorProgress, DoctorTile } from '../../shared/protocol/doctor';
import { h, icon, setAttribute, setText } from '../shared/dom';
import { figuresOf, stepOf, stepped, tileFigures } from './doctorData';

export interface TileGridParts {
	/** Draws a tile's picture, with its mask where it is computed. */
	paint(canvas: HTMLCanvasElement, id: string): void;
	/** The tile under the pointer or with the focus; undefined: none. */
	onPreview(id: string | undefined): void;
	onChoose(id: string): void;
}

export interface TileGrid {
	readonly element: HTMLElement;
	/** @param adopting what is current is an assumption */
	show(progress: DoctorProgress, adopting: boolean): void;
	/** Marks the chosen tile, which is the list's tab stop while none has the focus. */
	choose(id: string): void;
	/** Draws tiles anew; all where `ids` is left out. */
	repaint(ids?: readonly string[]): void;
	/** Forgets the tiles of another exam. */
	clear(): void;
}

interface Tile {
	readonly element: HTMLElement;
	readonly canvas: HTMLCanvasElement;
	show(tile: DoctorTile, mark: string, waiting: boolean): void;
}

export function createTileGrid(parts: TileGridParts): TileGrid {
	const element = h('div', { class: 'tiles', role: 'listbox', 'aria-label': l10n.t('Choices') });
	const tiles = new Map<string, Tile>();
	let hovered: string | undefined;
	let chosen: string | undefined;

	const options = () => [...element.querySelectorAll<HTMLElement>('.tile')];
	const idOf = (target: EventTarget | null) =>
		target instanceof Element ? target.closest<HTMLElement>('.tile')?.dataset.id : undefined;
	const focused = () => (element.contains(document.activeElement) ? idOf(document.activeElement) : undefined);
	const preview = () => parts.onPreview(hovered ?? focused());
	const setStop = () => {
		const stop = focused() ?? chosen;
		const all = options();
		const known = all.some((option) => option.dataset.id === stop);
		for (const [index, option] of all.entries()) {
			option.tabIndex = (known ? option.dataset.id === stop : index === 0) ? 0 : -1;
		}
	};

	element.addEventListener('pointerover', (event) => {
		hovered = idOf(event.target);
		preview();
	});
	element.addEventListener('pointerleave', () => {
		hovered = undefined;
		preview();
	});
	element.addEventListener('focusin', () => {
		setStop();
		preview();
	});
	element.addEventListener('focusout', () => queueMicrotask(preview));
	element.addEventListener('click', (event) => {
		const id = idOf(event.target);
		if (id !== undefined) {
			parts.onChoose(id);
		}
	});
	element.addEventListener('keydown', (event) => {
		const id = focused();
		if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) {
			return;
		}
		if (event.key === 'Enter' || event.key === ' ') {
			event.preventDefault();
			parts.onChoose(id);
			return;
		}
		const step = stepOf(event.key);
		if (step) {
			event.preventDefault();
			// What the pointer rests on gives way to the keys.
			hovered = undefined;
			const all = options();
			const index = all.findIndex((option) => option.dataset.id === id);
			const next = all[stepped(index, step, columnsOf(all), all.length)];
			next?.focus();
			next?.scrollIntoView({ block: 'nearest' });
		}
	});

	const tileOf = (id: string): Tile => {
		const found = tiles.get(id) ?? createTile(id);
		tiles.set(id, found);
		return found;
	};
	return {
		element,
		show({ tiles: shown, current, running }, adopting) {
			const waitingFor = running ? shown.find(({ confidence }) => !confidence)?.id : undefined;
			const mark = adopting ? l10n.t('assumed') : l10n.t('now');
			for (const tile of shown) {
				tileOf(tile.id).show(tile, tile.id === current ? mark : '', tile.id === waitingFor);
			}
			const wanted = shown.map(({ id }) => tileOf(id).element);
			const there = options();
			if (wanted.length !== there.length || wanted.some((option, index) => option !== there[index])) {
				const focus = focused();
				element.replaceChildren(...wanted);
				if (focus !== undefined) {
					tiles.get(focus)?.element.focus();
				}
			}
			setStop();
		},
		choose(id) {
			chosen = id;
			for (const [each, tile] of tiles) {
				setAttribute(tile.element, 'aria-selected', String(each === id));
			}
			setStop();
		},
		repaint(ids = [...tiles.keys()]) {
			for (const id of ids) {
				const tile = tiles.get(id);
				if (tile) {
					parts.paint(tile.canvas, id);
				}
			}
		},
		clear() {
			tiles.clear();
			element.replaceChildren();
			hovered = undefined;
			chosen = undefined;
		},
	};
}

function createTile(id: string): Tile {
	const canvas = h('canvas', { class: 'tile-picture', 'aria-hidden': 'true' });
	const symbol = h('span', { class: 'tile-symbol', 'aria-hidden': 'true' });
	const mark = h('span', { class: 'tile-mark' });
	const title = h('span', { class: 'tile-title' });
	const detail = h('span', { class: 'tile-detail' });
	const figures = h('span', { class: 'tile-figures numbers' });
	const element = h(
		'div',
		{ class: 'tile', role: 'option', 'aria-selected': 'false', tabindex: '-1', 'data-id': id },
		h('span', { class: 'tile-frame' }, canvas, symbol, mark),
		title,
		detail,
		figures,
	);
	return {
		element,
		canvas,
		show(tile, marked, waiting) {
			const { channelOrder, normalization, resize, alignCorners } = tile.choice;
			setText(title, `${channelOrder} · ${shortNormalizationName(normalization)}`);
			setText(detail, `${resizeName(resize)} · ${alignCornersName(alignCorners)}`);
			const known = tileFigures(tile);
			setText(figures, known.length > 0 ? known.join(' · ') : waiting ? l10n.t('computing') : l10n.t('not computed'));
			setText(mark, marked);
			mark.hidden = marked === '';
			symbol.replaceChildren(...(waiting ? [icon('loading', 'codicon-modifier-spin')] : []));
			element.classList.toggle('waiting', known.length === 0);
			const all = figuresOf(tile).map(({ name, value }) => `${name} ${value}`);
			setAttribute(element, 'title', [describeChoice(tile.choice), ...all].join('\n'));
		},
	};
}

/** How many tiles lie in the first row. */
function columnsOf(options: readonly HTMLElement[]): number {
	const top = options[0]?.offsetTop;
	const below = options.findIndex((option) => option.offsetTop !== top);
	return below < 0 ? Math.max(1, options.length) : below;
}
