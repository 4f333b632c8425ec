/** The maps of all branches of a mixed head, on one scale. */
import * as l10n from '@vscode/l10n';
import type { MapReading, MixedMaps, MixedRunView } from '../../../shared/protocol/aspp';
import type { Probe } from '../../../shared/protocol/inspector';
import type { Geometry } from '../../../shared/protocol/types';
import { sequentialPixels } from '../../shared/colors';
import { h, setAttribute, setText, textButton } from '../../shared/dom';
import { formatNumber, formatSigned } from '../../shared/format';
import { createSequentialScale } from '../../shared/sequentialScale';
import { createSignedScale } from '../../shared/signedScale';
import { contourPixel, onThemeChange, themeSignedPixels } from '../../shared/theme';
import {
	type Sampling,
	type ScoreMap,
	sampleGrid,
	sampleMap,
	signedMapPixels,
	type TileLayout,
	tileLayout,
	unsignedMapPixels,
	valueAt,
} from '../mapData';
import type { DrawnMaps } from '../mapGrid';
import { createMapTile, type MapTile } from '../mapTile';
import { createSamplingModes } from '../samplingModes';
import { allBut, allOn, isAllBut, isSolo, solo, toggled } from '../switchData';
import { mixedPlaces, type PickedChannels, shownChannels } from './mixedData';

export interface MixedGridEvents {
	onSwitch(on: readonly boolean[]): void;
	onPin(pixel: Probe): void;
	onReading(kind: MapReading['kind']): void;
	/** Undefined: the strongest. */
	onChannel(branch: number, channel: number | undefined): void;
}

/** What the grid shows; the page may be ahead of its host. */
export interface MixedGridView {
	readonly view: MixedRunView;
	readonly on: readonly boolean[];
	readonly probe: Probe | undefined;
	readonly kind: MapReading['kind'];
	readonly picked: PickedChannels;
}

export interface MixedGrid {
	readonly element: HTMLElement;
	show(view: MixedGridView): void;
	/** Paints them at once; undefined while there are none of the run. */
	setMaps(maps: MixedMaps | undefined): void;
	/** What is drawn, for a figure. */
	drawn(): DrawnMaps | undefined;
}

const gap = 12;

interface Tile {
	readonly tile: MapTile;
	readonly channel: HTMLInputElement;
	readonly channelRow: HTMLElement;
}

export function createMixedGrid(events: MixedGridEvents): MixedGrid {
	const tiles = h('div', { class: 'tiles' });
	const sequential = createSequentialScale();
	const signed = createSignedScale();
	const place = h('p', { class: 'maps-place dim numbers' });
	const note = h('span', { class: 'group-note dim' });
	const readings = (['norm', 'mean', 'channels'] as const).map((kind) => {
		const button = h('button', { type: 'button', class: 'segment', 'aria-pressed': 'false' }, readingName(kind));
		button.addEventListener('click', () => events.onReading(kind));
		return { kind, button };
	});
	const modes = createSamplingModes((isRaw) => {
		raw = isRaw;
		sampling = undefined;
		paint();
		readValues();
	});
	const all = textButton(l10n.t('All on'), 'secondary', () => shown && events.onSwitch(allOn(shown.on)));
	setAttribute(all, 'title', `${l10n.t('All on: every branch')} (0)`);
	const group = (label: string, buttons: readonly HTMLElement[]) =>
		h('div', { class: 'segments', role: 'group', 'aria-label': label }, ...buttons);
	const element = h(
		'section',
		{ class: 'maps' },
		h('h3', {}, l10n.t('Branch maps'), note),
		h(
			'div',
			{ class: 'maps-tools' },
			group(
				l10n.t('What the maps show'),
				readings.map(({ button }) => button),
			),
			modes,
		),
		sequential.element,
		signed.element,
		tiles,
		h('div', { class: 'maps-foot' }, place, all),
	);

	let shown: MixedGridView | undefined;
	let maps: MixedMaps | undefined;
	let raw = false;
	let pointed: { readonly pixel: Probe; readonly tile: number } | undefined;
	let made: readonly Tile[] = [];
	let madeFor = '';
	let layout: TileLayout | undefined;
	let sampling: Sampling | undefined;
	let colors = { signed: themeSignedPixels(), sequential: sequentialPixels() };

	const mapOf = (branch: number): ScoreMap | undefined => {
		const plane = maps ? maps.height * maps.width : 0;
		return maps && (branch + 1) * plane <= maps.branches.length
			? maps.branches.subarray(branch * plane, (branch + 1) * plane)
			: undefined;
	};
	/** The branches' grid, which need not be that of the logits. */
	const geometry = (): Geometry | undefined =>
		shown && maps ? { ...shown.view.geometry, gridWidth: maps.width, gridHeight: maps.height } : shown?.view.geometry;
	const paintTile = (branch: number) => {
		const map = mapOf(branch);
		const canvas = made[branch]?.tile.canvas;
		const context = canvas?.getContext('2d');
		const grid = geometry();
		if (!map || !maps || !canvas || !context || !grid || canvas.width <= 1) {
			return;
		}
		const { width, height } = canvas;
		if (!sampling || sampling.columns.cells.length !== width || sampling.gridWidth !== grid.gridWidth) {
			sampling = sampleGrid(grid, width, height, raw);
		}
		const values = sampleMap(map, sampling);
		const pixels = maps.signed
			? signedMapPixels(values, width, maps.scale, colors.signed, contourPixel())
			: unsignedMapPixels(values, maps.scale, colors.sequential);
		context.putImageData(new ImageData(pixels, width, height), 0, 0);
	};
	const paint = () => {
		for (const branch of made.keys()) {
			paintTile(branch);
		}
		signed.element.hidden = maps?.signed !== true;
		sequential.element.hidden = maps?.signed === true;
		const unit = maps ? unitOf(maps.reading.kind) : '';
		(maps?.signed ? signed : sequential).show(maps?.scale ?? 1, unit);
		element.classList.toggle('waiting', maps === undefined);
	};
	const valueText = (value: number) => (maps?.signed ? formatSigned(value) : formatNumber(value));
	const readValues = () => {
		const grid = geometry();
		if (!shown || !grid) {
			return;
		}
		const pixel = pointed?.pixel ?? shown.probe;
		for (const [branch, { tile }] of made.entries()) {
			const map = mapOf(branch);
			tile.setValue(pixel && map ? valueAt(map, grid, pixel.x, pixel.y, raw) : undefined, valueText);
			tile.setMarks(shown.probe, pointed && pointed.tile !== branch ? pointed.pixel : undefined, grid);
		}
		setText(
			place,
			pixel
				? pointed
					? l10n.t('At the pointer, x {0}  y {1}', pixel.x, pixel.y)
					: l10n.t('At the probe, x {0}  y {1}', pixel.x, pixel.y)
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
			made.some(({ tile }) => tile.canvas.width !== Math.max(1, Math.round(next.width * ratio)));
		layout = next;
		tiles.style.setProperty('--columns', String(next.columns));
		if (changed) {
			sampling = undefined;
			for (const { tile } of made) {
				tile.setSize(next.width, next.height);
			}
			paint();
			readValues();
		}
	};
	const build = ({ branches }: MixedRunView) => {
		const key = JSON.stringify(branches);
		if (key === madeFor) {
			return;
		}
		madeFor = key;
		const places = mixedPlaces(branches);
		made = branches.map(({ name, channels }, index) => {
			const tile = createMapTile(
				{ index, place: places[index] },
				{
					onPoint(pixel) {
						pointed = pixel && { pixel, tile: index };
						readValues();
					},
					onPin: events.onPin,
					onToggle: () => shown && events.onSwitch(toggled(shown.on, index)),
					onSolo: () => shown && events.onSwitch(solo(shown.on, index)),
					onAllBut: () => shown && events.onSwitch(allBut(shown.on, index)),
				},
			);
			const channel = h('input', { type: 'number', class: 'input numbers' });
			channel.min = '0';
			channel.max = String(channels - 1);
			channel.step = '1';
			setAttribute(channel, 'aria-label', l10n.t('Channel of {0}', name));
			setAttribute(channel, 'title', l10n.t('0 to {0}; empty for the strongest', channels - 1));
			channel.addEventListener('change', () => {
				const value = channel.valueAsNumber;
				events.onChannel(
					index,
					Number.isFinite(value) ? Math.min(channels - 1, Math.max(0, Math.round(value))) : undefined,
				);
			});
			const channelRow = h('label', { class: 'tile-channel' }, h('span', { class: 'dim' }, l10n.t('channel')), channel);
			tile.element.append(channelRow);
			return { tile, channel, channelRow };
		});
		layout = undefined;
		tiles.replaceChildren(...made.map(({ tile }) => tile.element));
	};
	onThemeChange(() => {
		colors = { ...colors, signed: themeSignedPixels() };
		paint();
	});
	new ResizeObserver(arrange).observe(element);

	return {
		element,
		show(next) {
			shown = next;
			const { view, on, kind, picked } = next;
			build(view);
			setText(note, noteOf(kind));
			for (const reading of readings) {
				setAttribute(reading.button, 'aria-pressed', String(reading.kind === kind));
			}
			const channels = shownChannels(view, picked);
			for (const [branch, { tile, channel, channelRow }] of made.entries()) {
				const { name } = view.branches[branch]!;
				tile.setName(name, l10n.t('Map of {0}: {1}', name, noteOf(kind)));
				tile.setSwitches({ on: on[branch] !== false, solo: isSolo(on, branch), allBut: isAllBut(on, branch) });
				channelRow.hidden = kind !== 'channels';
				if (document.activeElement !== channel) {
					channel.value = String(channels[branch]);
				}
				channelRow.classList.toggle('chosen', picked[branch] !== undefined);
			}
			all.disabled = !on.includes(false);
			arrange();
			readValues();
		},
		setMaps(next) {
			maps = next;
			paint();
			readValues();
		},
		drawn() {
			if (!layout || !shown || !maps) {
				return undefined;
			}
			const { on, view } = shown;
			const end = formatNumber(maps.scale);
			const unit = unitOf(maps.reading.kind);
			return {
				layout,
				maps: made.map(({ tile }, branch) => ({
					canvas: tile.canvas,
					value: tile.valueText(),
					probe: tile.probeMark(),
					name: drawnName(view, maps!, branch),
					on: on[branch] === true,
				})),
				scaleBar: maps.signed ? signed.bar : sequential.bar,
				ends: maps.signed ? [`−${end}`, '0', `+${end} ${unit}`] : ['0', '', `${end} ${unit}`],
			};
		},
	};
}

function drawnName({ branches }: MixedRunView, { reading }: MixedMaps, branch: number): string {
	const { name } = branches[branch]!;
	return reading.kind === 'channels' ? `${name} #${reading.channels[branch]}` : name;
}

function readingName(kind: MapReading['kind']): string {
	switch (kind) {
		case 'norm':
			return l10n.t('Norm');
		case 'mean':
			return l10n.t('Mean');
		case 'channels':
			return l10n.t('Channel');
		default: {
			const unknown: never = kind;
			throw new Error(`unknown reading ${String(unknown)}`);
		}
	}
}

function noteOf(kind: MapReading['kind']): string {
	switch (kind) {
		case 'norm':
			return l10n.t('L2 norm over channels');
		case 'mean':
			return l10n.t('mean over channels');
		case 'channels':
			return l10n.t('one channel');
		default: {
			const unknown: never = kind;
			throw new Error(`unknown reading ${String(unknown)}`);
		}
	}
}

function unitOf(kind: MapReading['kind']): string {
	return kind === 'norm' ? l10n.t('norm') : l10n.t('activation');
}
