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
import { type ScoreMap, signedMapPixels, unsignedMapPixels } from '../mapData';
import { createMapTile } from '../mapTile';
import { createMapTiles, type DrawnMaps, type MapTilesEvents } from '../mapTiles';
import { allOn, isAllBut, isSolo } from '../switchData';
import { type ChannelField, createChannelField } from './channelField';
import { mixedPlaces, type PickedChannels, shownChannels } from './mixedData';

export interface MixedGridEvents extends MapTilesEvents {
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

export function createMixedGrid(events: MixedGridEvents): MixedGrid {
	const tiles = createMapTiles(
		{
			geometry: () => geometry(),
			probe: () => shown?.probe,
			on: () => shown?.on,
			map: (branch) => mapOf(branch),
			pixels: (values, width) =>
				maps?.signed
					? signedMapPixels(values, width, maps.scale, colors.signed, contourPixel())
					: unsignedMapPixels(values, maps?.scale ?? 1, colors.sequential),
			valueText: (value) => (maps?.signed ? formatSigned(value) : formatNumber(value)),
			placeText: ({ x, y }, pointed) =>
				pointed ? l10n.t('At the pointer, x {0}  y {1}', x, y) : l10n.t('At the probe, x {0}  y {1}', x, y),
		},
		events,
	);
	const sequential = createSequentialScale();
	const signed = createSignedScale();
	const note = h('span', { class: 'group-note dim' });
	const readings = (['norm', 'mean', 'channels'] as const).map((kind) => {
		const button = h('button', { type: 'button', class: 'segment', 'aria-pressed': 'false' }, readingName(kind));
		button.addEventListener('click', () => events.onReading(kind));
		return { kind, button };
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
			tiles.modes,
		),
		sequential.element,
		signed.element,
		tiles.element,
		h('div', { class: 'maps-foot' }, tiles.place, all),
	);

	let shown: MixedGridView | undefined;
	let maps: MixedMaps | undefined;
	let channelFields: readonly ChannelField[] = [];
	let madeFor = '';
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
	const paint = () => {
		tiles.paint();
		signed.element.hidden = maps?.signed !== true;
		sequential.element.hidden = maps?.signed === true;
		const unit = maps ? unitOf(maps.reading.kind) : '';
		(maps?.signed ? signed : sequential).show(maps?.scale ?? 1, unit);
		element.classList.toggle('waiting', maps === undefined);
	};
	const build = ({ branches }: MixedRunView) => {
		const key = JSON.stringify(branches);
		if (key === madeFor) {
			return;
		}
		madeFor = key;
		const places = mixedPlaces(branches);
		channelFields = branches.map(({ name, channels }, branch) =>
			createChannelField(name, channels, (channel) => events.onChannel(branch, channel)),
		);
		tiles.setTiles(
			branches.map((_, index) => {
				const tile = createMapTile({ index, place: places[index] }, tiles.branchEvents(index));
				tile.element.append(channelFields[index]!.element);
				return tile;
			}),
		);
	};
	onThemeChange(() => {
		colors = { ...colors, signed: themeSignedPixels() };
		paint();
	});

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
			for (const [branch, tile] of tiles.tiles.entries()) {
				const { name } = view.branches[branch]!;
				tile.setName(name, l10n.t('Map of {0}: {1}', name, noteOf(kind)));
				tile.setSwitches({ on: on[branch] !== false, solo: isSolo(on, branch), allBut: isAllBut(on, branch) });
				channelFields[branch]!.show(kind === 'channels' ? channels[branch] : undefined, picked[branch] !== undefined);
			}
			all.disabled = !on.includes(false);
			tiles.arrange();
			tiles.readValues();
		},
		setMaps(next) {
			maps = next;
			paint();
			tiles.readValues();
		},
		drawn() {
			if (!shown || !maps) {
				return undefined;
			}
			const { on, view } = shown;
			const { signed: isSigned, reading, scale } = maps;
			const drawn = tiles.drawn((branch) => ({ name: drawnName(view, reading, branch), on: on[branch] === true }));
			const end = formatNumber(scale);
			const unit = unitOf(reading.kind);
			return (
				drawn && {
					...drawn,
					scaleBar: isSigned ? signed.bar : sequential.bar,
					ends: isSigned ? [`−${end}`, '0', `+${end} ${unit}`] : ['0', '', `${end} ${unit}`],
				}
			);
		},
	};
}

function drawnName({ branches }: MixedRunView, reading: MapReading, branch: number): string {
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
