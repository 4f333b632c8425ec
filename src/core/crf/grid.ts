/** The pixels that the dense CRF runs on, and the way back from them to the picture's. */
import type { Geometry } from '../run';
import { gridPosition, horizontalAxis, verticalAxis } from '../segmentation/gridAxis';
import { upsampleLabels } from '../segmentation/upsampleLabels';

/** The CRF's own grid: the picture at the size it has inside the network's input, or at its own size. */
export const crfResolutions = ['network', 'picture'] as const;
export type CrfResolution = (typeof crfResolutions)[number];

/** Above it a CRF at the picture's own size takes seconds and most of a gigabyte. */
const ownSizeLimit = 1_200_000;

/** The resolution to begin with. */
export function defaultCrfResolution({ pictureWidth, pictureHeight }: Geometry): CrfResolution {
	return pictureWidth * pictureHeight <= ownSizeLimit ? 'picture' : 'network';
}

export interface CrfGrid {
	readonly width: number;
	readonly height: number;
	/** Whether its pixels are the picture's own. */
	readonly isPicture: boolean;
	/** How the logits lie over the grid: a geometry whose picture is the grid. */
	readonly fromLogits: Geometry;
	/** How a map on the grid lies over the picture: a geometry whose logit grid is the grid. */
	readonly toPicture: Geometry;
}

export function crfGrid(geometry: Geometry, resolution: CrfResolution): CrfGrid {
	const { pictureWidth, pictureHeight, resizedWidth, resizedHeight } = geometry;
	const [width, height] = resolution === 'picture' ? [pictureWidth, pictureHeight] : [resizedWidth, resizedHeight];
	return {
		width,
		height,
		isPicture: width === pictureWidth && height === pictureHeight,
		fromLogits: { ...geometry, pictureWidth: width, pictureHeight: height },
		toPicture: {
			pictureWidth,
			pictureHeight,
			resizedWidth: width,
			resizedHeight: height,
			inputWidth: width,
			inputHeight: height,
			gridWidth: width,
			gridHeight: height,
			alignCorners: false,
		},
	};
}

/**
 * Index on the grid of the pixel under the middle of a picture's pixel.
 * @param x picture column, 0 … pictureWidth - 1; `y` likewise
 */
export function gridPixel(grid: CrfGrid, x: number, y: number): number {
	const column = Math.floor(((x + 0.5) * grid.width) / grid.toPicture.pictureWidth);
	const row = Math.floor(((y + 0.5) * grid.height) / grid.toPicture.pictureHeight);
	return row * grid.width + column;
}

/**
 * The mask at the picture's size: Q interpolated bilinearly, then the likeliest class; of equal ones the lowest label.
 * @param q classes x height x width of the grid; sums to 1 at every pixel
 * @returns one label a picture pixel
 */
export function pictureLabels(grid: CrfGrid, q: Float32Array): Uint8Array {
	const { width, height } = grid;
	const pixels = width * height;
	const classes = q.length / pixels;
	// The largest of numbers that sum to 1 is at least their mean: a class that is below it everywhere wins nowhere.
	const least = 0.99 / classes;
	const able = Array.from({ length: classes }, (_, label) => label).filter((label) =>
		reaches(q, label * pixels, (label + 1) * pixels, least),
	);
	const data = new Float32Array(able.length * pixels);
	for (const [i, label] of able.entries()) {
		data.set(q.subarray(label * pixels, (label + 1) * pixels), i * pixels);
	}
	const labels = upsampleLabels({ channels: able.length, height, width, data }, grid.toPicture);
	for (let i = 0; i < labels.length; i++) {
		labels[i] = able[labels[i]!]!;
	}
	return labels;
}

function reaches(values: Float32Array, start: number, end: number, least: number): boolean {
	for (let i = start; i < end; i++) {
		if (values[i]! >= least) {
			return true;
		}
	}
	return false;
}

/**
 * Entropies at the picture's size as bytes.
 * @param entropy of Q, in nats, one a grid pixel
 * @param classes of Q; log(classes) is the largest entropy there can be
 * @returns 0…255 of log(classes), one a picture pixel
 */
export function pictureEntropy(grid: CrfGrid, entropy: Float32Array, classes: number): Uint8Array {
	const scale = classes > 1 ? 255 / Math.log(classes) : 0;
	if (grid.isPicture) {
		return toBytes(entropy, scale);
	}
	const { pictureWidth, pictureHeight } = grid.toPicture;
	const columns = Array.from({ length: pictureWidth }, (_, x) => gridPosition(horizontalAxis(grid.toPicture), x));
	const bytes = new Uint8Array(pictureWidth * pictureHeight);
	for (let y = 0, to = 0; y < pictureHeight; y++) {
		const row = gridPosition(verticalAxis(grid.toPicture), y);
		const upper = row.cell * grid.width;
		const lower = row.next * grid.width;
		for (let x = 0; x < pictureWidth; x++, to++) {
			const { cell, next, fraction } = columns[x]!;
			const left = entropy[upper + cell]! * (1 - row.fraction) + entropy[lower + cell]! * row.fraction;
			const right = entropy[upper + next]! * (1 - row.fraction) + entropy[lower + next]! * row.fraction;
			bytes[to] = toByte((left * (1 - fraction) + right * fraction) * scale);
		}
	}
	return bytes;
}

/** Every value times `scale`, rounded, 0…255. */
export function toBytes(values: Float32Array, scale: number): Uint8Array {
	const bytes = new Uint8Array(values.length);
	// A loop: `Uint8Array.from` with a function takes some twenty times as long.
	for (let i = 0; i < values.length; i++) {
		bytes[i] = toByte(values[i]! * scale);
	}
	return bytes;
}

/** Rounding may carry a value just past its bound. */
function toByte(value: number): number {
	return Math.min(255, Math.max(0, Math.round(value)));
}
