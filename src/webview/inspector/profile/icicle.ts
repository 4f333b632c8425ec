/** The icicle chart of a profile: a tree by its roles, rows of cells to the eye. */
import * as l10n from '@vscode/l10n';
import { select } from 'd3';
import type { RunProfile } from '../../../shared/protocol/profile';
import { h } from '../../shared/dom';
import { cellsInSight, edgesOf, type Icicle, type IcicleCell, type IcicleMove, icicleOf, moved } from './icicleData';
import { cellLabel, cellText, formatTime, nodeName } from './profileText';

export interface IcicleChart {
	readonly element: HTMLElement;
	/** @param places place of a branch in the colours, by its output's name, such as `aspp.6` */
	show(profile: RunProfile, places: ReadonlyMap<string, number>): void;
	/** Zooms to what a node is in, and puts the focus on it. */
	reveal(id: string): void;
}

const rowHeight = 24;

const moves: Readonly<Record<string, IcicleMove>> = {
	ArrowUp: 'parent',
	ArrowDown: 'child',
	ArrowLeft: 'previous',
	ArrowRight: 'next',
	Home: 'first',
	End: 'last',
};

export function createIcicle(): IcicleChart {
	const box = h('div', { class: 'icicle-cells', role: 'tree', 'aria-label': l10n.t('Where the time goes') });
	// What the tree items have in their labels.
	const detail = h('p', { class: 'icicle-detail numbers', 'aria-hidden': 'true' });
	const element = h('div', { class: 'icicle' }, box, detail);
	let icicle: Icicle | undefined;
	let places: ReadonlyMap<string, number> = new Map();
	let zoomed = 'run';
	let focused = 'run';
	let pointed: string | undefined;
	/** Where the pointer last pointed at something. */
	let pointerAt = '';

	const showDetail = () => {
		const cell = icicle?.byId.get(pointed ?? focused);
		detail.textContent = cell ? cellText(cell) : '';
	};
	const elementOf = (id: string) =>
		[...box.children].find((cell): cell is HTMLElement => cell instanceof HTMLElement && cell.dataset.id === id);
	const draw = () => {
		const zoom = icicle?.byId.get(zoomed);
		if (!icicle || !zoom) {
			box.replaceChildren();
			return;
		}
		box.style.height = `${icicle.rows * rowHeight}px`;
		select(box)
			.selectAll<HTMLElement, IcicleCell>('.icicle-cell')
			.data(cellsInSight(icicle, zoomed), ({ node }) => node.id)
			.join((entering) => entering.append(newCell))
			.order()
			.each(function (cell) {
				place(this, cell, zoom);
			});
	};
	const newCell = ({ node, depth, place, siblings }: IcicleCell): HTMLElement => {
		const cell = h(
			'div',
			{
				class: `icicle-cell of-${node.kind}`,
				role: 'treeitem',
				'data-id': node.id,
				'aria-level': depth + 1,
				'aria-posinset': place,
				'aria-setsize': siblings,
			},
			h('span', { class: 'icicle-label' }, nodeName(node), ' ', h('span', { class: 'icicle-time numbers' })),
		);
		cell.style.top = `${depth * rowHeight}px`;
		const rate = places.get(node.operator?.path.join('.') ?? '');
		if (rate !== undefined) {
			cell.classList.add('of-branch');
			cell.style.setProperty('--branch', `var(--rate-${rate})`);
		}
		return cell;
	};
	const place = (element: HTMLElement, cell: IcicleCell, zoom: IcicleCell) => {
		const [left, right] = edgesOf(cell, zoom);
		const { id, milliseconds, children } = cell.node;
		element.style.left = `${left * 100}%`;
		element.style.width = `${(right - left) * 100}%`;
		element.tabIndex = id === focused ? 0 : -1;
		element.title = cellText(cell);
		element.setAttribute('aria-label', cellLabel(cell));
		element.classList.toggle('outer', cell.depth < zoom.depth);
		element.querySelector('.icicle-time')!.textContent = formatTime(milliseconds);
		if (children.length > 0) {
			element.setAttribute('aria-expanded', 'true');
		}
	};
	const focus = (id: string) => {
		focused = id;
		draw();
		elementOf(id)?.focus({ preventScroll: true });
		showDetail();
	};
	const zoomTo = (id: string, focusOn: string) => {
		zoomed = id;
		focus(focusOn);
	};
	/** To the cell that the zoomed one is in. */
	const zoomOut = () => {
		const outer = icicle?.byId.get(zoomed)?.parent;
		if (outer !== undefined) {
			zoomTo(outer, cellsIds(outer).has(focused) ? focused : zoomed);
		}
	};
	const cellsIds = (zoom: string) => new Set(icicle ? cellsInSight(icicle, zoom).map(({ node }) => node.id) : []);

	const idOf = (target: EventTarget | null) =>
		target instanceof Element ? target.closest<HTMLElement>('.icicle-cell')?.dataset.id : undefined;
	box.addEventListener('click', (event) => {
		const id = idOf(event.target);
		if (id !== undefined) {
			zoomTo(id, id);
		}
	});
	box.addEventListener('focusin', (event) => {
		const id = idOf(event.target);
		if (id !== undefined && id !== focused) {
			focus(id);
		}
	});
	box.addEventListener('pointerover', (event) => {
		// Cells also move beneath a pointer that rests.
		const at = `${event.screenX} ${event.screenY}`;
		if (at !== pointerAt) {
			pointerAt = at;
			pointed = idOf(event.target);
			showDetail();
		}
	});
	box.addEventListener('pointerleave', () => {
		pointed = undefined;
		showDetail();
	});
	box.addEventListener('keydown', (event) => {
		if (!icicle || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) {
			return;
		}
		// The pointer may rest over another cell.
		pointed = undefined;
		const move = moves[event.key];
		if (move) {
			focus(moved(icicle, zoomed, focused, move));
		} else if (event.key === 'Enter' || event.key === ' ') {
			zoomTo(focused, focused);
		} else if (event.key === 'Escape' || event.key === 'Backspace') {
			zoomOut();
		} else {
			return;
		}
		// The Inspector has the same keys for its picture.
		event.preventDefault();
		event.stopPropagation();
	});

	return {
		element,
		show(profile, branchPlaces) {
			icicle = icicleOf(profile);
			places = branchPlaces;
			pointed = undefined;
			zoomed = 'run';
			focused = 'run';
			box.replaceChildren();
			draw();
			showDetail();
		},
		reveal(id) {
			const cell = icicle?.byId.get(id);
			if (cell) {
				zoomTo(cell.parent ?? id, id);
			}
		},
	};
}
