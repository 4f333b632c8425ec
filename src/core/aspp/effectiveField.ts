/** The effective receptive field: the gradient of a logit with respect to the picture, as people look at it. */
import type { FeatureMap, Geometry } from '../run';
import { horizontalAxis, verticalAxis } from '../segmentation/gridAxis';
import { middleOfCell } from './cellView';

/** A measured field over the picture. Source of the notion: Luo et al., NeurIPS 2016 (arXiv 1701.04128). */
export interface EffectiveField {
	/** Size of `values`: the picture inside the network's input, without its padding. */
	readonly width: number;
	readonly height: number;
	/** Sum over the channels of |gradient| of each input pixel, 0…255 of `largest`. */
	readonly values: Uint8Array;
	/** In logits a unit of the network's input. */
	readonly largest: number;
	/**
	 * Centre of the circles, in picture coordinates (pixel i covers i … i + 1): the middle of the cell, or the centroid
	 * of the object's cells.
	 */
	readonly x: number;
	readonly y: number;
	/** Radii in picture pixels of the circles about the centre that hold half and nine tenths of the sum of |gradient|. */
	readonly radius50: number;
	readonly radius90: number;
	/** Value of the logit (or its mean over the object). */
	readonly logit: number;
	readonly milliseconds: number;
}

/** A cell of the logit grid and what its logit counts. */
export interface WeightedCell {
	readonly row: number;
	readonly column: number;
	readonly weight: number;
}

/**
 * The field of a gradient over the network's input. Padding is no part of the picture: what it was told is left out.
 *
 * @param gradient channels x inputHeight x inputWidth: of the weighted sum of the cells' logits
 * @param cells at least one; weights sum to 1
 */
export function effectiveField(
	gradient: FeatureMap,
	geometry: Geometry,
	cells: readonly WeightedCell[],
): Omit<EffectiveField, 'logit' | 'milliseconds'> {
	const magnitudes = magnitudesOf(gradient, geometry);
	const largest = magnitudes.reduce((most, value) => Math.max(most, value), 0);
	const mean = (of: (cell: WeightedCell) => number) => cells.reduce((sum, cell) => sum + of(cell) * cell.weight, 0);
	const x = middleOfCell(
		horizontalAxis(geometry),
		mean(({ column }) => column),
	);
	const y = middleOfCell(
		verticalAxis(geometry),
		mean(({ row }) => row),
	);
	const [radius50, radius90] = radiiHolding([0.5, 0.9], magnitudes, geometry, x, y);
	return {
		width: geometry.resizedWidth,
		height: geometry.resizedHeight,
		values: Uint8Array.from(magnitudes, (value) => (largest > 0 ? Math.round((value / largest) * 255) : 0)),
		largest,
		x,
		y,
		radius50: radius50!,
		radius90: radius90!,
	};
}

/** resizedHeight x resizedWidth: sum over the channels of |gradient|. */
function magnitudesOf({ channels, height, width, data }: FeatureMap, geometry: Geometry): Float64Array {
	const { resizedWidth, resizedHeight } = geometry;
	const magnitudes = new Float64Array(resizedWidth * resizedHeight);
	for (let channel = 0; channel < channels; channel++) {
		for (let y = 0; y < resizedHeight; y++) {
			const from = (channel * height + y) * width;
			const to = y * resizedWidth;
			for (let x = 0; x < resizedWidth; x++) {
				magnitudes[to + x]! += Math.abs(data[from + x]!);
			}
		}
	}
	return magnitudes;
}

/** Each pixel's part is spread over so many points a side, so that radii of few pixels are right too. */
const pointsASide = 4;
/** Distances are told apart by this many steps a pixel. */
const stepsAPixel = 8;

/**
 * Radii about (x, y) of the circles that hold the given shares of the sum, in picture pixels; 0 where there is nothing.
 * @param shares ascending, 0…1
 */
function radiiHolding(
	shares: readonly number[],
	magnitudes: Float64Array,
	{ resizedWidth, resizedHeight, pictureWidth, pictureHeight }: Geometry,
	x: number,
	y: number,
): number[] {
	const across = squaredDistances(resizedWidth, pictureWidth / resizedWidth, x);
	const down = squaredDistances(resizedHeight, pictureHeight / resizedHeight, y);
	const farthest = Math.sqrt(Math.max(...across) + Math.max(...down));
	const rings = new Float64Array(Math.floor(farthest * stepsAPixel) + 1);
	for (let row = 0; row < resizedHeight; row++) {
		for (let column = 0; column < resizedWidth; column++) {
			const part = magnitudes[row * resizedWidth + column]! / pointsASide ** 2;
			if (part === 0) {
				continue;
			}
			for (let i = row * pointsASide; i < (row + 1) * pointsASide; i++) {
				for (let j = column * pointsASide; j < (column + 1) * pointsASide; j++) {
					rings[Math.floor(Math.sqrt(down[i]! + across[j]!) * stepsAPixel)]! += part;
				}
			}
		}
	}
	const total = rings.reduce((sum, part) => sum + part, 0);
	let ring = 0;
	let before = 0;
	return shares.map((share) => {
		const wanted = share * total;
		while (ring < rings.length - 1 && before + rings[ring]! < wanted) {
			before += rings[ring++]!;
		}
		const inRing = rings[ring]! > 0 ? (wanted - before) / rings[ring]! : 0;
		return (ring + Math.min(inRing, 1)) / stepsAPixel;
	});
}

/** Of the points of `count` pixels, each `size` picture pixels long, from a picture coordinate. */
function squaredDistances(count: number, size: number, center: number): Float64Array {
	return Float64Array.from(
		{ length: count * pointsASide },
		(_, point) => (((point + 0.5) / pointsASide) * size - center) ** 2,
	);
}
