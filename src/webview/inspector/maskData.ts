/** A mask's pixels: labels in class colours, with a line at class borders. */
import type { ModelMetadata } from '../../shared/protocol/types';
import type { Rgb } from '../shared/colors';
import { isShown, type ViewState } from './viewState';

/** How each of the 256 labels is drawn. */
export interface MaskStyle {
	/** RGBA, alpha highest byte: what little-endian canvas memory wants. */
	readonly fill: Uint32Array;
	/** Alpha 0…255 of the line between this label and another; the larger of both counts. */
	readonly edge: Uint8Array;
	/** The label that is hatched instead of filled, or -1. */
	readonly hatched: number;
}

/** The line parts classes of similar colour: near white, as VOC's own void borders are. */
export const borderColor: Rgb = [246, 246, 230];
const hatchColor = rgba([128, 128, 128], 255);
const faded = 64;
/** What is not of the class shown alone is veiled with the page's background. */
const veilAlpha = 190;

/** The background class is what nothing is drawn over; VOC and its kin have it as label 0. */
export function isBackground(model: Pick<ModelMetadata, 'classes'>, label: number): boolean {
	return label === 0 && model.classes[0]?.name.toLowerCase() === 'background';
}

/**
 * @param highlighted label under the pointer in the legend; the others fade
 * @param veil the page's background colour
 */
export function maskStyle(
	model: Pick<ModelMetadata, 'classes' | 'ignoreLabel'>,
	view: ViewState,
	highlighted: number | undefined,
	veil: Rgb,
): MaskStyle {
	const fill = new Uint32Array(256);
	const edge = new Uint8Array(256);
	for (let label = 0; label < 256; label++) {
		const color = model.classes[label]?.color ?? [128, 128, 128];
		const background = isBackground(model, label);
		if (!isShown(view, label)) {
			fill[label] = view.solo !== undefined && !view.hidden.includes(label) ? rgba(veil, veilAlpha) : 0;
			continue;
		}
		const alpha = highlighted === undefined || highlighted === label || view.solo === label ? 255 : faded;
		fill[label] = background ? 0 : rgba(color, alpha);
		edge[label] = background && view.solo !== label && highlighted !== label ? 0 : alpha;
	}
	return { fill, edge, hatched: model.ignoreLabel };
}

/**
 * RGBA of a mask, row by row.
 *
 * @param labels one byte a pixel, `width * height` of them
 * @param borders whether class borders get their line, one pixel wide, on the pixel left of or above the border
 */
export function maskPixels(
	labels: Uint8Array,
	width: number,
	height: number,
	style: MaskStyle,
	borders: boolean,
): Uint8ClampedArray<ArrayBuffer> {
	const { fill, edge, hatched } = style;
	const pixels = new Uint32Array(width * height);
	const line = Uint32Array.from({ length: 256 }, (_, alpha) => rgba(borderColor, alpha));
	for (let y = 0, index = 0; y < height; y++) {
		const below = y + 1 < height ? width : 0;
		for (let x = 0; x < width; x++, index++) {
			const label = labels[index]!;
			if (borders) {
				const right = labels[x + 1 < width ? index + 1 : index]!;
				const down = labels[index + below]!;
				if (right !== label || down !== label) {
					const alpha = Math.max(edge[label]!, right === label ? 0 : edge[right]!, down === label ? 0 : edge[down]!);
					if (alpha > 0) {
						pixels[index] = line[alpha]!;
						continue;
					}
				}
			}
			pixels[index] = label === hatched && fill[label]! >>> 24 > 0 ? ((x + y) % 6 < 2 ? hatchColor : 0) : fill[label]!;
		}
	}
	return new Uint8ClampedArray(pixels.buffer);
}

/** Labels at another size: each is that of the nearest pixel. */
export function sampleLabels(
	labels: Uint8Array,
	width: number,
	height: number,
	newWidth: number,
	newHeight: number,
): Uint8Array {
	if (newWidth === width && newHeight === height) {
		return labels;
	}
	const columns = Uint32Array.from({ length: newWidth }, (_, x) => Math.floor(((x + 0.5) * width) / newWidth));
	const sampled = new Uint8Array(newWidth * newHeight);
	for (let y = 0, index = 0; y < newHeight; y++) {
		const row = Math.floor(((y + 0.5) * height) / newHeight) * width;
		for (let x = 0; x < newWidth; x++, index++) {
			sampled[index] = labels[row + columns[x]!]!;
		}
	}
	return sampled;
}

/** RGBA of an RGB picture. */
export function picturePixels(rgb: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
	const count = Math.floor(rgb.length / 3);
	const pixels = new Uint32Array(count);
	for (let index = 0, at = 0; index < count; index++, at += 3) {
		pixels[index] = 0xff000000 | (rgb[at + 2]! << 16) | (rgb[at + 1]! << 8) | rgb[at]!;
	}
	return new Uint8ClampedArray(pixels.buffer);
}

function rgba([red, green, blue]: Rgb, alpha: number): number {
	return ((alpha << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}
