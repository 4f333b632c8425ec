/** One score map: its name, its value at the pixel pointed at, its pixels, and the branch's switches. */
import * as l10n from '@vscode/l10n';
import type { Probe } from '../../shared/protocol/inspector';
import type { Geometry } from '../../shared/protocol/types';
import { h, icon, setAttribute, setText } from '../shared/dom';
import { formatSigned } from '../shared/format';

export interface MapTileEvents {
	/** The picture pixel under the pointer; undefined beside the map. */
	onPoint(pixel: Probe | undefined): void;
	onPin(pixel: Probe): void;
	onToggle(): void;
	onSolo(): void;
	onAllBut(): void;
}

export interface MapTile {
	readonly element: HTMLElement;
	readonly canvas: HTMLCanvasElement;
	/** The probe's cross, and where it stands on the map, in CSS pixels; undefined where there is none. */
	probeMark(): { readonly node: SVGSVGElement; readonly x: number; readonly y: number } | undefined;
	/** Its value as it is read. */
	valueText(): string;
	setSize(width: number, height: number): void;
	setName(name: string, description: string): void;
	/** @param text how it is written; undefined: with its sign */
	setValue(value: number | undefined, text?: (value: number) => string): void;
	setSwitches(state: SwitchState): void;
	/** @param pointed the pixel pointed at in another map */
	setMarks(probe: Probe | undefined, pointed: Probe | undefined, geometry: Geometry): void;
}

export interface SwitchState {
	readonly on: boolean;
	readonly solo: boolean;
	readonly allBut: boolean;
}

/** @param branch its index and place in the colours, if it has one; undefined for the sum of all */
export function createMapTile(
	branch: { readonly index: number; readonly place: number | undefined } | undefined,
	events: MapTileEvents,
): MapTile {
	const canvas = h('canvas', { class: 'tile-canvas', role: 'img' });
	const cross = mark('tile-probe', 'M-9,0H-3M9,0H3M0,-9V-3M0,9V3');
	const dot = mark('tile-pointed', 'M-3,0H3M0,-3V3');
	const map = h('div', { class: 'tile-map' }, canvas, cross.element, dot.element);
	const swatch = h('span', { class: 'rate-mark', 'aria-hidden': 'true' });
	const name = h('span', { class: 'tile-name numbers' });
	const value = h('span', { class: 'tile-value numbers' });
	const eyeIcon = icon('eye');
	const eye = h('button', { type: 'button', class: 'icon-button tile-eye', 'aria-pressed': 'true' }, eyeIcon);
	const choice = (text: string) =>
		h('button', { type: 'button', class: 'icon-button tile-choice', 'aria-pressed': 'false' }, text);
	const solo = choice(l10n.t('Solo'));
	const allBut = choice(l10n.t('All but'));
	const all = choice(l10n.t('All on'));
	const tools = h(
		'div',
		{ class: 'tile-tools' },
		...(branch ? [eye, solo, allBut] : [all, h('span', { class: 'dim tile-key' }, h('kbd', {}, '0'))]),
	);
	if (branch) {
		if (branch.place === undefined) {
			swatch.classList.add('plain');
		} else {
			swatch.style.backgroundColor = `var(--rate-${branch.place})`;
		}
		name.style.color = 'var(--vscode-foreground)';
	} else {
		swatch.classList.add('sum');
	}
	const element = h(
		'div',
		{ class: branch ? 'tile' : 'tile sum-tile', role: 'group' },
		h('div', { class: 'tile-head' }, swatch, name, value),
		map,
		tools,
	);
	let size = { width: 1, height: 1 };
	let geometry: Geometry | undefined;
	let probeAt: { readonly x: number; readonly y: number } | undefined;

	eye.addEventListener('click', events.onToggle);
	solo.addEventListener('click', events.onSolo);
	allBut.addEventListener('click', events.onAllBut);
	all.addEventListener('click', events.onSolo);
	const pixelAt = (event: MouseEvent): Probe | undefined => {
		const box = canvas.getBoundingClientRect();
		if (!geometry || box.width === 0) {
			return undefined;
		}
		const { pictureWidth, pictureHeight } = geometry;
		const x = Math.floor(((event.clientX - box.left) / box.width) * pictureWidth);
		const y = Math.floor(((event.clientY - box.top) / box.height) * pictureHeight);
		return x >= 0 && y >= 0 && x < pictureWidth && y < pictureHeight ? { x, y } : undefined;
	};
	map.addEventListener('pointermove', (event) => events.onPoint(pixelAt(event)));
	map.addEventListener('pointerleave', () => events.onPoint(undefined));
	map.addEventListener('click', (event) => {
		const pixel = pixelAt(event);
		if (pixel) {
			events.onPin(pixel);
		}
	});

	return {
		element,
		canvas,
		probeMark: () => probeAt && { node: cross.element, ...probeAt },
		valueText: () => value.textContent ?? '',
		setSize(width, height) {
			size = { width, height };
			const ratio = window.devicePixelRatio || 1;
			const [own, ownHeight] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
			if (canvas.width !== own || canvas.height !== ownHeight) {
				canvas.width = own;
				canvas.height = ownHeight;
			}
			map.style.width = `${width}px`;
			map.style.height = `${height}px`;
		},
		setName(text, description) {
			setText(name, text);
			setAttribute(element, 'aria-label', text);
			setAttribute(canvas, 'aria-label', description);
			const key = branch && branch.index < 9 ? ` (${branch.index + 1})` : '';
			const label = (button: HTMLElement, words: string, shortcut = '') => {
				setAttribute(button, 'aria-label', words);
				setAttribute(button, 'title', words + shortcut);
			};
			label(eye, l10n.t('Branch on: {0}', text));
			label(solo, l10n.t('Solo: {0}', text), key);
			label(allBut, l10n.t('All but {0}', text));
			label(all, l10n.t('All on: every branch'), ' (0)');
		},
		setValue(next, text = formatSigned) {
			setText(value, next === undefined ? '' : text(next));
		},
		setSwitches({ on, solo: isSolo, allBut: isAllBut }) {
			setAttribute(eye, 'aria-pressed', String(on));
			eyeIcon.className = `codicon codicon-${on ? 'eye' : 'eye-closed'}`;
			setAttribute(solo, 'aria-pressed', String(isSolo));
			setAttribute(allBut, 'aria-pressed', String(isAllBut));
			setAttribute(all, 'aria-pressed', String(isSolo));
			element.classList.toggle('off', !on);
		},
		setMarks(probe, pointed, next) {
			geometry = next;
			const at = (pixel: Probe | undefined) =>
				pixel && {
					x: ((pixel.x + 0.5) / next.pictureWidth) * size.width,
					y: ((pixel.y + 0.5) / next.pictureHeight) * size.height,
				};
			probeAt = at(probe);
			cross.place(probeAt);
			dot.place(at(pointed));
		},
	};
}

/** A cross in white over black, so that it shows on any colour. */
function mark(name: string, path: string) {
	const namespace = 'http://www.w3.org/2000/svg';
	const element = document.createElementNS(namespace, 'svg');
	element.setAttribute('class', `tile-mark ${name}`);
	element.setAttribute('aria-hidden', 'true');
	element.setAttribute('viewBox', '-12 -12 24 24');
	for (const kind of ['halo', 'line']) {
		const line = document.createElementNS(namespace, 'path');
		line.setAttribute('class', kind);
		line.setAttribute('d', path);
		element.append(line);
	}
	return {
		element,
		place(at: { readonly x: number; readonly y: number } | undefined) {
			element.style.display = at ? '' : 'none';
			if (at) {
				element.style.transform = `translate(${at.x - 12}px, ${at.y - 12}px)`;
			}
		},
	};
}
