/** Score maps on the raw grid, and as they lie over the picture: interpolated exactly as the network upsamples. */
import { type AxisGeometry, gridPosition, horizontalAxis, verticalAxis } from '../../core/segmentation/gridAxis';
import type { AsppMaps } from '../../shared/protocol/aspp';
import type { Geometry } from '../../shared/protocol/types';
import { signedStep, signedZero } from '../shared/colors';

/** One map: height x width logits of one class. */
export type ScoreMap = Float32Array;

export function branchMap(maps: AsppMaps, branch: number): ScoreMap {
	const plane = maps.height * maps.width;
	return maps.branches.subarray(branch * plane, (branch + 1) * plane);
}

export function branchCount(maps: AsppMaps): number {
	return Math.round(maps.branches.length / (maps.height * maps.width));
}

/** The sum of the branches that are on: what the network adds up. */
export function sumMap(maps: AsppMaps, on: readonly boolean[]): ScoreMap {
	const plane = maps.height * maps.width;
	const sum = new Float32Array(plane);
	for (const [branch, isOn] of on.entries()) {
		if (isOn) {
			const start = branch * plane;
			for (let cell = 0; cell < plane; cell++) {
				sum[cell]! += maps.branches[start + cell]!;
			}
		}
	}
	return sum;
}

/** Largest magnitude in some maps: an end for the scale that fits them. */
export function largestMagnitude(maps: readonly ScoreMap[]): number {
	let largest = 0;
	for (const map of maps) {
		for (const value of map) {
			largest = Math.max(largest, Math.abs(value));
		}
	}
	return largest;
}

/** Where the pixels of a canvas that shows the whole picture lie on the grid; the padding is cropped. */
export interface Sampling {
	readonly columns: AxisSampling;
	readonly rows: AxisSampling;
	/** Cells in a row of the grid. */
	readonly gridWidth: number;
}

export interface AxisSampling {
	readonly cells: Int32Array;
	readonly nexts: Int32Array;
	readonly fractions: Float32Array;
}

/**
 * @param width, height of the canvas in its own pixels
 * @param raw the grid's cells as they are: each place shows the nearest one
 */
export function sampleGrid(geometry: Geometry, width: number, height: number, raw: boolean): Sampling {
	return {
		columns: sampleAxis(horizontalAxis(geometry), width, raw),
		rows: sampleAxis(verticalAxis(geometry), height, raw),
		gridWidth: geometry.gridWidth,
	};
}

function sampleAxis(axis: AxisGeometry, length: number, raw: boolean): AxisSampling {
	const cells = new Int32Array(length);
	const nexts = new Int32Array(length);
	const fractions = new Float32Array(length);
	for (let index = 0; index < length; index++) {
		const { cell, next, fraction } = gridPosition(axis, ((index + 0.5) * axis.picture) / length - 0.5);
		cells[index] = cell;
		nexts[index] = next;
		fractions[index] = raw ? Math.round(fraction) : fraction;
	}
	return { cells, nexts, fractions };
}

/** The map's values at the canvas' pixels, row by row. */
export function sampleMap(map: ScoreMap, { columns, rows, gridWidth }: Sampling): Float32Array {
	const [width, height] = [columns.cells.length, rows.cells.length];
	const values = new Float32Array(width * height);
	const line = new Float32Array(gridWidth);
	for (let y = 0, at = 0; y < height; y++) {
		const upper = rows.cells[y]! * gridWidth;
		const lower = rows.nexts[y]! * gridWidth;
		const down = rows.fractions[y]!;
		for (let column = 0; column < gridWidth; column++) {
			line[column] = (1 - down) * map[upper + column]! + down * map[lower + column]!;
		}
		for (let x = 0; x < width; x++, at++) {
			const right = columns.fractions[x]!;
			values[at] = (1 - right) * line[columns.cells[x]!]! + right * line[columns.nexts[x]!]!;
		}
	}
	return values;
}

/**
 * RGBA of sampled values.
 *
 * @param scale end of the scale, symmetric about zero
 * @param colors of `signedPixels`
 * @param contour pixel of a line where the sign changes; undefined for none
 */
export function signedMapPixels(
	values: Float32Array,
	width: number,
	scale: number,
	colors: Uint32Array,
	contour: number | undefined,
): Uint8ClampedArray<ArrayBuffer> {
	const pixels = new Uint32Array(values.length);
	const factor = scale > 0 ? signedZero / scale : 0;
	for (let index = 0; index < values.length; index++) {
		const step = values[index]! * factor;
		pixels[index] =
			colors[Math.round(step < -signedZero ? 0 : step > signedZero ? 2 * signedZero : step + signedZero)]!;
	}
	if (contour !== undefined) {
		for (let index = 0; index < values.length; index++) {
			const above = values[index]! > 0;
			const left = index % width > 0 ? values[index - 1]! > 0 : above;
			const up = index >= width ? values[index - width]! > 0 : above;
			if (left !== above || up !== above) {
				pixels[index] = contour;
			}
		}
	}
	return new Uint8ClampedArray(pixels.buffer);
}

/**
 * RGBA of sampled values that are not below zero.
 *
 * @param scale end of the scale, which begins at zero
 * @param colors of `sequentialPixels`
 */
export function unsignedMapPixels(
	values: Float32Array,
	scale: number,
	colors: Uint32Array,
): Uint8ClampedArray<ArrayBuffer> {
	const factor = scale > 0 ? 255 / scale : 0;
	const pixels = Uint32Array.from(values, (value) => colors[Math.round(Math.min(255, Math.max(0, value * factor)))]!);
	return new Uint8ClampedArray(pixels.buffer);
}

/** The pixel of the scale for one value. */
export function signedColor(value: number, scale: number, colors: Uint32Array): number {
	return colors[signedStep(value, scale)]!;
}

/** The map at a picture pixel: interpolated, or of the nearest cell. */
export function valueAt(map: ScoreMap, geometry: Geometry, x: number, y: number, raw: boolean): number {
	const column = gridPosition(horizontalAxis(geometry), x);
	const row = gridPosition(verticalAxis(geometry), y);
	const right = raw ? Math.round(column.fraction) : column.fraction;
	const down = raw ? Math.round(row.fraction) : row.fraction;
	const at = (line: number, place: number) => map[line * geometry.gridWidth + place]!;
	const upper = (1 - right) * at(row.cell, column.cell) + right * at(row.cell, column.next);
	const lower = (1 - right) * at(row.next, column.cell) + right * at(row.next, column.next);
	return (1 - down) * upper + down * lower;
}

/** Size of a map on the page, in CSS pixels. */
export interface TileLayout {
	readonly columns: 1 | 2;
	readonly width: number;
	readonly height: number;
}

/** A picture this wide leaves too little height for two beside each other. */
const wideAspect = 2.6;
const tallest = 260;

/** @param room width for the grid of maps, @param gap between two columns, in CSS pixels */
export function tileLayout(
	{ pictureWidth, pictureHeight }: Pick<Geometry, 'pictureWidth' | 'pictureHeight'>,
	room: number,
	gap: number,
): TileLayout {
	const aspect = pictureWidth / pictureHeight;
	const columns = aspect > wideAspect ? 1 : 2;
	const available = Math.max(40, columns === 1 ? room : Math.floor((room - gap) / 2));
	const width = Math.max(8, Math.min(available, Math.floor(tallest * aspect)));
	return { columns, width, height: Math.min(tallest, Math.max(8, Math.round(width / aspect))) };
}
