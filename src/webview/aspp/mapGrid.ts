/** The maps of all branches and of their sum, on one scale. */
import * as l10n from '@vscode/l10n';
import type { AsppMaps, AsppRunView } from '../../shared/protocol/aspp';
import type { Probe } from '../../shared/protocol/inspector';
import type { Geometry } from '../../shared/protocol/types';
import { branchPlaces, rateName } from '../shared/branches';
import { h, setAttribute, setText } from '../shared/dom';
import { formatNumber } from '../shared/format';
import { createSignedScale } from '../shared/signedScale';
import { contourPixel, onThemeChange, themeSignedPixels } from '../shared/theme';
import {
	branchCount,
	branchMap,
	largestMagnitude,
	type Sampling,
	type ScoreMap,
	sampleGrid,
	sampleMap,
	signedMapPixels,
	sumMap,
	type TileLayout,
	tileLayout,
	valueAt,
} from './mapData';
import { createMapTile, type MapTile } from './mapTile';
import { createSamplingModes } from './samplingModes';
import { allBut, allOn, isAllBut, isSolo, solo, toggled } from './switchData';

export interface MapGridEvents {
	onSwitch(on: readonly boolean[]): void;
	onPin(pixel: Probe): void;
}

/** What the grid shows; the page may be ahead of its host. */
export interface MapGridView {
	readonly view: AsppRunView;
	readonly on: readonly boolean[];
	readonly rates: readonly number[];
	readonly label: number;
	readonly probe: Probe | undefined;
}

export interface MapGrid {
	readonly element: HTMLElement;
	show(view: MapGridView): void;
	/** Paints them at once; undefined while there are none of the run. */
	setMaps(maps: AsppMaps | undefined): void;
	/** What is drawn, for a figure. */
	drawn(): DrawnMaps | undefined;
}

export interface DrawnMaps {
	readonly layout: TileLayout;
	readonly maps: readonly DrawnMap[];
	readonly scaleBar: HTMLCanvasElement;
	/** What stands at its begin, its middle and its end. */
	readonly ends: readonly [low: string, middle: string, high: string];
}

export interface DrawnMap {
	readonly canvas: HTMLCanvasElement;
	readonly name: string;
	/** At the probe. */
	readonly value: string;
	readonly on: boolean;
	readonly probe: ReturnType<MapTile['probeMark']>;
}

const gap = 12;

export function createMapGrid(events: MapGridEvents): MapGrid {
	const tiles = h('div', { class: 'tiles' });
	const scaleLegend = createSignedScale();
	const place = h('p', { class: 'maps-place dim numbers' });
	const modes = createSamplingModes((isRaw) => {
		raw = isRaw;
		sampling = undefined;
		paint();
		readValues();
	});
	const fit = h(
		'button',
		{
			type: 'button',
			class: 'icon-button fit',
			'aria-pressed': 'false',
			title: l10n.t(
				'Fit the scale to the branches that are on: their sum may go beyond it. Again: back to the scale of this class',
			),
		},
		l10n.t('Fit'),
	);
	const element = h(
		'section',
		{ class: 'maps' },
		h('h3', {}, l10n.t('Score maps'), h('span', { class: 'group-note dim' }, l10n.t('logit of the class'))),
		h('div', { class: 'maps-tools' }, modes, fit),
		scaleLegend.element,
		tiles,
		place,
	);

	let shown: MapGridView | undefined;
	let maps: AsppMaps | undefined;
	let sum: ScoreMap | undefined;
	let raw = false;
	/** End of the scale where it was fitted. */
	let fitted: number | undefined;
	let fittedFor = '';
	let pointed: { readonly pixel: Probe; readonly tile: number } | undefined;
	let made: readonly MapTile[] = [];
	let madeFor = '';
	let layout: TileLayout | undefined;
	let sampling: Sampling | undefined;
	let sampledFor: Geometry | undefined;
	let colors = themeSignedPixels();

	const scale = () => fitted ?? maps?.scale ?? 1;
	const isOn = (branch: number) => shown?.on[branch] !== false;

	fit.addEventListener('click', () => {
		if (maps) {
			fitted =
				fitted === undefined ? largestMagnitude(branchMaps().filter((_, branch) => isOn(branch))) || 1 : undefined;
			setAttribute(fit, 'aria-pressed', String(fitted !== undefined));
			paint();
		}
	});
	const branchMaps = () =>
		maps ? Array.from({ length: branchCount(maps) }, (_, branch) => branchMap(maps!, branch)) : [];

	/** @param tile index of a branch's tile; the last one is the sum's */
	const mapOf = (tile: number): ScoreMap | undefined => {
		if (!maps) {
			return undefined;
		}
		return tile === made.length - 1 ? sum : branchMap(maps, tile);
	};
	const paintTile = (tile: number) => {
		const map = mapOf(tile);
		const target = made[tile];
		const context = target?.canvas.getContext('2d');
		if (!map || !target || !context || !shown || target.canvas.width <= 1) {
			return;
		}
		const { geometry } = shown.view;
		const { width, height } = target.canvas;
		if (!sampling || sampledFor !== geometry || sampling.columns.cells.length !== width) {
			sampling = sampleGrid(geometry, width, height, raw);
			sampledFor = geometry;
		}
		const values = sampleMap(map, sampling);
		const pixels = signedMapPixels(values, width, scale(), colors, contourPixel());
		context.putImageData(new ImageData(pixels, width, height), 0, 0);
	};
	const paint = () => {
		const start = performance.now();
		for (const index of made.keys()) {
			paintTile(index);
		}
		scaleLegend.show(scale(), l10n.t('logit'));
		element.classList.toggle('waiting', maps === undefined);
		// The last paint's cost, for profiles and for the test that holds it down.
		performance.clearMeasures('aspp.paint');
		performance.measure('aspp.paint', { start, end: performance.now() });
	};
	const readValues = () => {
		if (!shown) {
			return;
		}
		const { geometry } = shown.view;
		const pixel = pointed?.pixel ?? shown.probe;
		for (const [index, tile] of made.entries()) {
			const map = mapOf(index);
			tile.setValue(pixel && map ? valueAt(map, geometry, pixel.x, pixel.y, raw) : undefined);
			tile.setMarks(shown.probe, pointed && pointed.tile !== index ? pointed.pixel : undefined, geometry);
		}
		setText(
			place,
			pixel
				? pointed
					? l10n.t('Logits at the pointer, x {0}  y {1}', pixel.x, pixel.y)
					: l10n.t('Logits at the probe, x {0}  y {1}', pixel.x, pixel.y)
				: l10n.t('Point at a map to read it; click to pin the probe.'),
		);
	};
	const arrange = () => {
		if (!shown || element.clientWidth === 0) {
			return;
		}
		const next = tileLayout(shown.view.geometry, tiles.clientWidth, gap);
		const ratio = window.devicePixelRatio || 1;
		const changed =
			layout?.width !== next.width ||
			layout.height !== next.height ||
			made.some(({ canvas }) => canvas.width !== Math.max(1, Math.round(next.width * ratio)));
		layout = next;
		tiles.style.setProperty('--columns', String(next.columns));
		if (changed) {
			sampling = undefined;
			for (const tile of made) {
				tile.setSize(next.width, next.height);
			}
			paint();
			readValues();
		}
	};
	const build = (view: AsppRunView) => {
		const trained = view.head.branches.map(({ rate }) => rate);
		const key = trained.join();
		if (key === madeFor) {
			return;
		}
		madeFor = key;
		const places = branchPlaces(trained);
		const tileEvents = (index: number) => ({
			onPoint(pixel: Probe | undefined) {
				pointed = pixel && { pixel, tile: index };
				readValues();
			},
			onPin: events.onPin,
			onToggle: () => shown && events.onSwitch(toggled(shown.on, index)),
			onSolo: () => shown && events.onSwitch(index < trained.length ? solo(shown.on, index) : allOn(shown.on)),
			onAllBut: () => shown && events.onSwitch(allBut(shown.on, index)),
		});
		made = [
			...trained.map((_, index) => createMapTile({ index, place: places[index]! }, tileEvents(index))),
			createMapTile(undefined, tileEvents(trained.length)),
		];
		layout = undefined;
		tiles.replaceChildren(...made.map((tile) => tile.element));
	};
	onThemeChange(() => {
		colors = themeSignedPixels();
		paint();
	});
	new ResizeObserver(arrange).observe(element);

	return {
		element,
		show(next) {
			const before = shown;
			shown = next;
			const { view, on, rates, label } = next;
			const fitKey = `${view.runId} ${label}`;
			if (fitKey !== fittedFor) {
				fittedFor = fitKey;
				fitted = undefined;
				setAttribute(fit, 'aria-pressed', 'false');
			}
			build(view);
			const className = view.classes[label]?.name ?? String(label);
			for (const [index, tile] of made.entries()) {
				const isSum = index === made.length - 1;
				const text = isSum ? l10n.t('Sum') : l10n.t('rate {0}', rateName(rates, index));
				tile.setName(
					text,
					isSum
						? l10n.t('Score map of {0}: the sum of the branches that are on', className)
						: l10n.t('Score map of {0}, {1}', className, text),
				);
				tile.setSwitches(
					isSum
						? { on: true, solo: !on.includes(false), allBut: false }
						: { on: isOn(index), solo: isSolo(on, index), allBut: isAllBut(on, index) },
				);
			}
			if (before && maps && before.on.join() !== on.join()) {
				sum = sumMap(maps, on);
				const start = performance.now();
				paintTile(made.length - 1);
				performance.clearMeasures('aspp.toggle');
				performance.measure('aspp.toggle', { start, end: performance.now() });
			}
			arrange();
			readValues();
		},
		setMaps(next) {
			maps = next;
			sum = next && shown ? sumMap(next, shown.on) : undefined;
			paint();
			readValues();
		},
		drawn() {
			if (!layout || !shown || !maps) {
				return undefined;
			}
			const { on, rates } = shown;
			const end = formatNumber(scale());
			return {
				layout,
				maps: made.map((tile, index) => ({
					canvas: tile.canvas,
					value: tile.valueText(),
					probe: tile.probeMark(),
					name: index === made.length - 1 ? l10n.t('Sum') : l10n.t('rate {0}', rateName(rates, index)),
					on: index === made.length - 1 || on[index] === true,
				})),
				scaleBar: scaleLegend.bar,
				ends: [`−${end}`, '0', `+${end} ${l10n.t('logit')}`],
			};
		},
	};
}
