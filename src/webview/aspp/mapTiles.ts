/** Map tiles beside each other: as many columns as there is room for, their pixels, and their values at one pixel. */
import * as l10n from '@vscode/l10n';
import type { Probe } from '../../shared/protocol/inspector';
import type { Geometry } from '../../shared/protocol/types';
import { h, setText } from '../shared/dom';
import { type Sampling, type ScoreMap, sampleGrid, sampleMap, type TileLayout, tileLayout, valueAt } from './mapData';
import type { MapTile, MapTileEvents } from './mapTile';
import { createSamplingModes } from './samplingModes';
import { allBut, solo, toggled } from './switchData';

/** What the tiles show. */
export interface TiledMaps {
	/** The picture and the maps' grid; undefined while nothing is shown. */
	geometry(): Geometry | undefined;
	probe(): Probe | undefined;
	/** Whether each branch is on; undefined while nothing is shown. */
	on(): readonly boolean[] | undefined;
	/** A tile's map; undefined while it is not there. */
	map(tile: number): ScoreMap | undefined;
	/** RGBA of values, row by row. */
	pixels(values: Float32Array, width: number): Uint8ClampedArray<ArrayBuffer>;
	/** How a value is written. */
	valueText(value: number): string;
	/** Where the values are read. @param pointed whether by the pointer, not the probe */
	placeText(pixel: Probe, pointed: boolean): string;
}

export interface MapTilesEvents {
	onSwitch(on: readonly boolean[]): void;
	onPin(pixel: Probe): void;
}

export interface MapTiles {
	readonly element: HTMLElement;
	/** Upsampled or the raw grid. */
	readonly modes: HTMLElement;
	/** Says where the values are read. */
	readonly place: HTMLElement;
	readonly tiles: readonly MapTile[];
	/** Other tiles, with nothing on them yet. */
	setTiles(tiles: readonly MapTile[]): void;
	/** Of the tile of a branch. */
	branchEvents(tile: number): MapTileEvents;
	/** Fits the tiles to the room there is; paints them anew where their size changed. */
	arrange(): void;
	/** Other maps or colours. */
	paint(): void;
	paintTile(tile: number): void;
	/** Other maps, or another probe. */
	readValues(): void;
	/** For a figure; undefined until they have a size. */
	drawn(describe: (tile: number) => Pick<DrawnMap, 'name' | 'on'>): Pick<DrawnMaps, 'layout' | 'maps'> | undefined;
}

/** What a figure has of the maps. */
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

export function createMapTiles(shown: TiledMaps, events: MapTilesEvents): MapTiles {
	const element = h('div', { class: 'tiles' });
	const place = h('p', { class: 'maps-place dim numbers' });
	const modes = createSamplingModes((isRaw) => {
		raw = isRaw;
		paint();
		readValues();
	});
	let tiles: readonly MapTile[] = [];
	let layout: TileLayout | undefined;
	let raw = false;
	let pointed: { readonly pixel: Probe; readonly tile: number } | undefined;
	let sampling: Sampling | undefined;
	let sampledFor = '';

	/** All tiles share it: they are of one size. */
	const samplingOf = (geometry: Geometry, width: number, height: number): Sampling => {
		const key = JSON.stringify([geometry, width, height, raw]);
		if (!sampling || key !== sampledFor) {
			sampling = sampleGrid(geometry, width, height, raw);
			sampledFor = key;
		}
		return sampling;
	};
	const paintTile = (tile: number) => {
		const canvas = tiles[tile]?.canvas;
		const map = shown.map(tile);
		const geometry = shown.geometry();
		const context = canvas?.getContext('2d');
		if (!map || !canvas || !context || !geometry || canvas.width <= 1) {
			return;
		}
		const { width, height } = canvas;
		const values = sampleMap(map, samplingOf(geometry, width, height));
		context.putImageData(new ImageData(shown.pixels(values, width), width, height), 0, 0);
	};
	const paint = () => {
		const start = performance.now();
		for (const tile of tiles.keys()) {
			paintTile(tile);
		}
		// The last paint's cost, for profiles and for the test that holds it down.
		performance.clearMeasures('aspp.paint');
		performance.measure('aspp.paint', { start, end: performance.now() });
	};
	const readValues = () => {
		const geometry = shown.geometry();
		if (!geometry) {
			return;
		}
		const probe = shown.probe();
		const pixel = pointed?.pixel ?? probe;
		for (const [index, tile] of tiles.entries()) {
			const map = shown.map(index);
			tile.setValue(pixel && map ? valueAt(map, geometry, pixel.x, pixel.y, raw) : undefined, shown.valueText);
			tile.setMarks(probe, pointed && pointed.tile !== index ? pointed.pixel : undefined, geometry);
		}
		setText(
			place,
			pixel
				? shown.placeText(pixel, pointed !== undefined)
				: l10n.t('Point at a map to read it; click to pin the probe.'),
		);
	};
	const arrange = () => {
		const geometry = shown.geometry();
		if (!geometry || element.clientWidth === 0) {
			return;
		}
		const next = tileLayout(geometry, element.clientWidth, gap);
		const ratio = window.devicePixelRatio || 1;
		const changed =
			layout?.width !== next.width ||
			layout.height !== next.height ||
			tiles.some(({ canvas }) => canvas.width !== Math.max(1, Math.round(next.width * ratio)));
		layout = next;
		element.style.setProperty('--columns', String(next.columns));
		if (changed) {
			for (const tile of tiles) {
				tile.setSize(next.width, next.height);
			}
			paint();
			readValues();
		}
	};
	const switchTo = (change: (on: readonly boolean[]) => readonly boolean[]) => {
		const on = shown.on();
		if (on) {
			events.onSwitch(change(on));
		}
	};
	new ResizeObserver(arrange).observe(element);

	return {
		element,
		modes,
		place,
		get tiles() {
			return tiles;
		},
		setTiles(next) {
			tiles = next;
			layout = undefined;
			element.replaceChildren(...tiles.map((tile) => tile.element));
		},
		branchEvents: (tile) => ({
			onPoint(pixel) {
				pointed = pixel && { pixel, tile };
				readValues();
			},
			onPin: events.onPin,
			onToggle: () => switchTo((on) => toggled(on, tile)),
			onSolo: () => switchTo((on) => solo(on, tile)),
			onAllBut: () => switchTo((on) => allBut(on, tile)),
		}),
		arrange,
		paint,
		paintTile,
		readValues,
		drawn: (describe) =>
			layout && {
				layout,
				maps: tiles.map((tile, index) => ({
					...describe(index),
					canvas: tile.canvas,
					value: tile.valueText(),
					probe: tile.probeMark(),
				})),
			},
	};
}
