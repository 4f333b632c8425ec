/** A mask's pixels: labels in class colours, with a line at class borders; and the pixels that changed their label. */
import type { ModelMetadata } from '../../../shared/protocol/types';
import { pixelOf, type Rgb } from '../../shared/colors';
import { isShown, type ViewState } from '../viewState';

/** How each of the 256 labels is drawn. */
export interface MaskStyle {
	/** RGBA, alpha highest byte: what little-endian canvas memory wants. */
	readonly fill: Uint32Array;
	/** Alpha 0…255 of the line between this label and another; the larger of both counts. */
	readonly edge: Uint8Array;
	/** The label that is hatched instead of filled, or -1. */
	readonly hatched: number;
	/** Where labels changed: how a pixel is drawn that went to this one. */
	readonly moved: Uint32Array;
	/** Where labels changed: over the pixels that kept theirs; light, for most class colours are dark. */
	readonly kept: number;
}

/** The line parts classes of similar colour: near white, as VOC's own void borders are. */
export const borderColor: Rgb = [246, 246, 230];
const hatchColor = pixelOf([128, 128, 128], 255);
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
	const veiled = pixelOf(veil, veilAlpha);
	const kept = pixelOf(borderColor, veilAlpha);
	const moved = new Uint32Array(256).fill(kept);
	for (let label = 0; label < 256; label++) {
		const color = model.classes[label]?.color ?? [128, 128, 128];
		const background = isBackground(model, label);
		if (!isShown(view, label)) {
			fill[label] = view.solo !== undefined && !view.hidden.includes(label) ? veiled : 0;
			continue;
		}
		const alpha = highlighted === undefined || highlighted === label || view.solo === label ? 255 : faded;
		fill[label] = background ? 0 : pixelOf(color, alpha);
		moved[label] = pixelOf(color, alpha);
		edge[label] = background && view.solo !== label && highlighted !== label ? 0 : alpha;
	}
	return { fill, edge, hatched: model.ignoreLabel, moved, kept };
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
	const line = Uint32Array.from({ length: 256 }, (_, alpha) => pixelOf(borderColor, alpha));
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

/** RGBA of what changed: the class a pixel went to; pixels that kept theirs are dimmed. */
export function changedPixels(
	before: Uint8Array,
	after: Uint8Array,
	{ moved, kept }: MaskStyle,
): Uint8ClampedArray<ArrayBuffer> {
	const pixels = new Uint32Array(after.length);
	for (let index = 0; index < pixels.length; index++) {
		const label = after[index]!;
		pixels[index] = label === before[index] ? kept : moved[label]!;
	}
	return new Uint8ClampedArray(pixels.buffer);
}

/** RGBA of a byte map. @param colors one pixel for each of the 256 values */
export function valuePixels(values: Uint8Array, colors: Uint32Array): Uint8ClampedArray<ArrayBuffer> {
	const pixels = new Uint32Array(values.length);
	for (let index = 0; index < pixels.length; index++) {
		pixels[index] = colors[values[index]!]!;
	}
	return new Uint8ClampedArray(pixels.buffer);
}

/** A byte map at a smaller size: each value is the mean of those it covers. */
export function meanValues(
	values: Uint8Array,
	width: number,
	height: number,
	newWidth: number,
	newHeight: number,
): Uint8Array {
	const means = new Uint8Array(newWidth * newHeight);
	const columns = Uint32Array.from({ length: newWidth + 1 }, (_, x) => Math.floor((x * width) / newWidth));
	for (let y = 0, index = 0; y < newHeight; y++) {
		const top = Math.floor((y * height) / newHeight);
		const bottom = Math.floor(((y + 1) * height) / newHeight);
		for (let x = 0; x < newWidth; x++, index++) {
			const left = columns[x]!;
			const right = columns[x + 1]!;
			let sum = 0;
			for (let row = top; row < bottom; row++) {
				for (let at = row * width + left; at < row * width + right; at++) {
					sum += values[at]!;
				}
			}
			means[index] = Math.round(sum / ((bottom - top) * (right - left)));
		}
	}
	return means;
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
