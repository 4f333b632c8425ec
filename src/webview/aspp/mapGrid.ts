/** The maps of all branches and of their sum, on one scale. */
import * as l10n from '@vscode/l10n';
import type { AsppMaps, AsppRunView } from '../../shared/protocol/aspp';
import type { Probe } from '../../shared/protocol/inspector';
import { branchPlaces, rateName } from '../shared/branches';
import { h, setAttribute } from '../shared/dom';
import { formatNumber, formatSigned } from '../shared/format';
import { createSignedScale } from '../shared/signedScale';
import { contourPixel, onThemeChange, themeSignedPixels } from '../shared/theme';
import { branchCount, branchMap, largestMagnitude, type ScoreMap, signedMapPixels, sumMap } from './mapData';
import { createMapTile } from './mapTile';
import { createMapTiles, type DrawnMaps, type MapTilesEvents } from './mapTiles';
import { allOn, isAllBut, isSolo } from './switchData';

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

export function createMapGrid(events: MapTilesEvents): MapGrid {
	const tiles = createMapTiles(
		{
			geometry: () => shown?.view.geometry,
			probe: () => shown?.probe,
			on: () => shown?.on,
			map: (tile) => mapOf(tile),
			pixels: (values, width) => signedMapPixels(values, width, scale(), colors, contourPixel()),
			valueText: formatSigned,
			placeText: ({ x, y }, pointed) =>
				pointed
					? l10n.t('Logits at the pointer, x {0}  y {1}', x, y)
					: l10n.t('Logits at the probe, x {0}  y {1}', x, y),
		},
		events,
	);
	const scaleLegend = createSignedScale();
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
		h('div', { class: 'maps-tools' }, tiles.modes, fit),
		scaleLegend.element,
		tiles.element,
		tiles.place,
	);

	let shown: MapGridView | undefined;
	let maps: AsppMaps | undefined;
	let sum: ScoreMap | undefined;
	/** End of the scale where it was fitted. */
	let fitted: number | undefined;
	let fittedFor = '';
	let madeFor = '';
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

	/** The last one. */
	const isSumTile = (tile: number) => tile === tiles.tiles.length - 1;
	const mapOf = (tile: number): ScoreMap | undefined => {
		if (!maps) {
			return undefined;
		}
		return isSumTile(tile) ? sum : branchMap(maps, tile);
	};
	const nameOf = (tile: number) =>
		isSumTile(tile) ? l10n.t('Sum') : l10n.t('rate {0}', rateName(shown?.rates ?? [], tile));
	const paint = () => {
		tiles.paint();
		scaleLegend.show(scale(), l10n.t('logit'));
		element.classList.toggle('waiting', maps === undefined);
	};
	const build = (view: AsppRunView) => {
		const trained = view.head.branches.map(({ rate }) => rate);
		const key = trained.join();
		if (key === madeFor) {
			return;
		}
		madeFor = key;
		const places = branchPlaces(trained);
		tiles.setTiles([
			...trained.map((_, index) => createMapTile({ index, place: places[index]! }, tiles.branchEvents(index))),
			createMapTile(undefined, {
				...tiles.branchEvents(trained.length),
				onSolo: () => shown && events.onSwitch(allOn(shown.on)),
			}),
		]);
	};
	onThemeChange(() => {
		colors = themeSignedPixels();
		paint();
	});

	return {
		element,
		show(next) {
			const before = shown;
			shown = next;
			const { view, on, label } = next;
			const fitKey = `${view.runId} ${label}`;
			if (fitKey !== fittedFor) {
				fittedFor = fitKey;
				fitted = undefined;
				setAttribute(fit, 'aria-pressed', 'false');
			}
			build(view);
			const className = view.classes[label]?.name ?? String(label);
			for (const [index, tile] of tiles.tiles.entries()) {
				const isSum = isSumTile(index);
				const text = nameOf(index);
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
				tiles.paintTile(tiles.tiles.length - 1);
				performance.clearMeasures('aspp.toggle');
				performance.measure('aspp.toggle', { start, end: performance.now() });
			}
			tiles.arrange();
			tiles.readValues();
		},
		setMaps(next) {
			maps = next;
			sum = next && shown ? sumMap(next, shown.on) : undefined;
			paint();
			tiles.readValues();
		},
		drawn() {
			const drawn = tiles.drawn((tile) => ({
				name: nameOf(tile),
				on: isSumTile(tile) || shown?.on[tile] === true,
			}));
			const end = formatNumber(scale());
			return (
				maps && drawn && { ...drawn, scaleBar: scaleLegend.bar, ends: [`−${end}`, '0', `+${end} ${l10n.t('logit')}`] }
			);
		},
	};
}
