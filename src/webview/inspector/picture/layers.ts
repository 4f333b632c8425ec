/** The picture and what is drawn over it as canvases of halved sizes, made when first asked for, so that drawing a frame copies few pixels. */
import type { EffectiveField } from '../../../shared/protocol/aspp';
import type { CrfTies, InspectorCrf } from '../../../shared/protocol/crf';
import type { InspectorRun } from '../../../shared/protocol/inspector';
import { clearTies, sequentialPixels } from '../../shared/colors';
import type { Overlay } from '../toolbar/layerData';
import {
	changedPixels,
	type MaskStyle,
	maskPixels,
	meanValues,
	picturePixels,
	sampleLabels,
	valuePixels,
} from './maskData';

/** Fading for a legend's hover never redraws more mask pixels than this. */
const hoverPixels = 4_000_000;

export interface Layers {
	/** @param halvings how often the size is halved. */
	picture(halvings: number): HTMLCanvasElement;
	/** Undefined while there is nothing of the kind: no CRF, no ties. */
	overlay(name: Overlay, halvings: number): HTMLCanvasElement | undefined;
	/** A mask at full size without border lines, for zooms where they are drawn as lines. */
	plainMask(name: MaskName): HTMLCanvasElement | undefined;
	/** A mask's labels at full size. */
	labels(name: MaskName): Uint8Array | undefined;
	/** Drops the masks made with the former style. */
	setStyle(style: MaskStyle, passing: boolean): void;
	setCrf(crf: InspectorCrf | undefined): void;
	setTies(ties: CrfTies | undefined): void;
	/** Labels of the branches that are on, at full size. */
	setBranches(labels: Uint8Array | undefined): void;
	/** @param colors one pixel for each of the 256 values of `branches` */
	setDominance(branches: Uint8Array | undefined, colors: Uint32Array): void;
	setGradient(field: EffectiveField | undefined): void;
	/** Labels at two output strides, at full size. */
	setStrides(masks: readonly [Uint8Array, Uint8Array] | undefined): void;
	/** @param colors one pixel for each of the 256 values of `scales` */
	setWinningScales(scales: Uint8Array | undefined, colors: Uint32Array): void;
}

export type MaskName = 'before' | 'after' | 'branches' | 'strideBefore' | 'strideAfter';

export function createLayers(run: InspectorRun, firstStyle: MaskStyle): Layers {
	const full: Size = { width: run.displayWidth, height: run.displayHeight };
	const pictures: HTMLCanvasElement[] = [fromPixels(picturePixels(run.rgb), full)];
	const before = labelLevels(run.labels, full);
	let after: Levels | undefined;
	let branches: Levels | undefined;
	let strides: readonly [Uint8Array, Uint8Array] | undefined;
	let strideBefore: Levels | undefined;
	let strideAfter: Levels | undefined;
	let dominance: Canvases | undefined;
	let winningScale: Canvases | undefined;
	let gradient: Canvases | undefined;
	let entropyBefore: Canvases | undefined;
	let entropyAfter: Canvases | undefined;
	let ties: Canvases | undefined;
	let crf: InspectorCrf | undefined;
	let style = firstStyle;
	let leastHalvings = 0;
	/** Made with the style, by kind and halvings. */
	const styled = new Map<string, HTMLCanvasElement>();

	const levels = (name: MaskName) => ({ before, after, branches, strideBefore, strideAfter })[name];
	const keep = (key: string, make: () => HTMLCanvasElement): HTMLCanvasElement => {
		const made = styled.get(key) ?? make();
		styled.set(key, made);
		return made;
	};
	const mask = (name: MaskName, halvings: number, borders: boolean) => {
		const labels = levels(name);
		return labels
			? keep(`${name} ${borders} ${halvings}`, () => {
					const size = sizeAt(full, halvings);
					return fromPixels(maskPixels(labels(halvings), size.width, size.height, style, borders), size);
				})
			: undefined;
	};
	const changed = (kind: string, from: Levels | undefined, to: Levels | undefined, halvings: number) =>
		from && to
			? keep(`${kind} ${halvings}`, () =>
					fromPixels(changedPixels(from(halvings), to(halvings), style), sizeAt(full, halvings)),
				)
			: undefined;
	const picture = (halvings: number): HTMLCanvasElement => {
		const made = pictures[halvings];
		if (made) {
			return made;
		}
		const larger = picture(halvings - 1);
		const size = sizeAt(full, halvings);
		const smaller = canvas(size.width, size.height);
		context(smaller).drawImage(larger, 0, 0, size.width, size.height);
		pictures[halvings] = smaller;
		return smaller;
	};
	/** Drops what was made of masks that are no more. */
	const forget = (...kinds: readonly string[]) => {
		for (const key of [...styled.keys()].filter((name) => kinds.includes(name.split(' ')[0]!))) {
			styled.delete(key);
		}
	};
	const styledLevel = (halvings: number) => Math.max(halvings, leastHalvings);

	return {
		picture,
		overlay(name, halvings) {
			switch (name) {
				case 'before':
				case 'after':
				case 'branches':
				case 'strideBefore':
				case 'strideAfter':
					return mask(name, styledLevel(halvings), true);
				case 'changed':
					return changed(name, before, after, styledLevel(halvings));
				case 'strideChanged':
					return changed(name, strideBefore, strideAfter, styledLevel(halvings));
				case 'entropyBefore':
					if (crf?.entropyBefore) {
						entropyBefore ??= valueCanvases(crf.entropyBefore, full, sequentialPixels());
					}
					return entropyBefore?.(halvings);
				case 'entropyAfter':
					if (crf?.entropyAfter) {
						entropyAfter ??= valueCanvases(crf.entropyAfter, full, sequentialPixels());
					}
					return entropyAfter?.(halvings);
				case 'ties':
					return ties?.(halvings);
				case 'dominance':
					return dominance?.(halvings);
				case 'winningScale':
					return winningScale?.(halvings);
				case 'gradient':
					return gradient?.(halvings);
				default: {
					const unknown: never = name;
					throw new Error(`unknown overlay ${String(unknown)}`);
				}
			}
		},
		plainMask: (name) => (leastHalvings > 0 ? mask(name, leastHalvings, true) : mask(name, 0, false)),
		labels: (name) => levels(name)?.(0),
		setStyle(next, passing) {
			style = next;
			styled.clear();
			leastHalvings = passing ? Math.max(0, Math.ceil(Math.log2((full.width * full.height) / hoverPixels) / 2)) : 0;
		},
		setCrf(next) {
			if (next?.labels !== crf?.labels) {
				after = next && labelLevels(next.labels, full);
				forget('after', 'changed');
			}
			if (next?.entropyBefore !== crf?.entropyBefore) {
				entropyBefore = undefined;
			}
			if (next?.entropyAfter !== crf?.entropyAfter) {
				entropyAfter = undefined;
			}
			crf = next;
		},
		setBranches(next) {
			branches = next && labelLevels(next, full);
			forget('branches');
		},
		setDominance(next, colors) {
			dominance = next && indexCanvases(next, full, colors);
		},
		setStrides(next) {
			if (next?.[0] === strides?.[0] && next?.[1] === strides?.[1]) {
				return;
			}
			strides = next;
			strideBefore = next && labelLevels(next[0], full);
			strideAfter = next && labelLevels(next[1], full);
			forget('strideBefore', 'strideAfter', 'strideChanged');
		},
		setWinningScales(next, colors) {
			winningScale = next && indexCanvases(next, full, colors);
		},
		setGradient(next) {
			gradient = next && valueCanvases(next.values, next, sequentialPixels(clearTies));
		},
		setTies(next) {
			ties = next && valueCanvases(next.values, next, sequentialPixels(clearTies));
		},
	};
}

interface Size {
	readonly width: number;
	readonly height: number;
}

/** Something at its size halved so many times. */
type Levels = (halvings: number) => Uint8Array;
type Canvases = (halvings: number) => HTMLCanvasElement;

function sizeAt({ width, height }: Size, halvings: number): Size {
	return {
		width: Math.max(1, Math.round(width / 2 ** halvings)),
		height: Math.max(1, Math.round(height / 2 ** halvings)),
	};
}

function labelLevels(labels: Uint8Array, full: Size): Levels {
	const made: Uint8Array[] = [labels];
	return (halvings) => {
		const size = sizeAt(full, halvings);
		made[halvings] ??= sampleLabels(labels, full.width, full.height, size.width, size.height);
		return made[halvings];
	};
}

/** Canvases of a map of indices; a smaller one has the nearest, for indices have no means. */
function indexCanvases(indices: Uint8Array, full: Size, colors: Uint32Array): Canvases {
	const levels = labelLevels(indices, full);
	const canvases: HTMLCanvasElement[] = [];
	return (halvings) => {
		canvases[halvings] ??= fromIndices(levels(halvings), colors, sizeAt(full, halvings));
		return canvases[halvings];
	};
}

/** Parted by lines, as a mask's classes are. */
function fromIndices(indices: Uint8Array, colors: Uint32Array, size: Size): HTMLCanvasElement {
	const style = { fill: colors, edge: new Uint8Array(256).fill(255), hatched: -1, moved: colors, kept: 0 };
	return fromPixels(maskPixels(indices, size.width, size.height, style, true), size);
}

/** A byte map's canvases; a smaller one is made of means of the values, not of the colours. */
function valueCanvases(values: Uint8Array, full: Size, colors: Uint32Array): Canvases {
	const levels: Uint8Array[] = [values];
	const canvases: HTMLCanvasElement[] = [];
	const valuesAt = (halvings: number): Uint8Array => {
		const made = levels[halvings];
		if (made) {
			return made;
		}
		const from = sizeAt(full, halvings - 1);
		const to = sizeAt(full, halvings);
		const means = meanValues(valuesAt(halvings - 1), from.width, from.height, to.width, to.height);
		levels[halvings] = means;
		return means;
	};
	return (halvings) => {
		canvases[halvings] ??= fromPixels(valuePixels(valuesAt(halvings), colors), sizeAt(full, halvings));
		return canvases[halvings];
	};
}

export function canvas(width: number, height: number): HTMLCanvasElement {
	const element = document.createElement('canvas');
	element.width = width;
	element.height = height;
	return element;
}

export function context(element: HTMLCanvasElement): CanvasRenderingContext2D {
	const found = element.getContext('2d');
	if (!found) {
		throw new Error('this page has no 2D canvas');
	}
	return found;
}

function fromPixels(pixels: Uint8ClampedArray<ArrayBuffer>, { width, height }: Size): HTMLCanvasElement {
	const made = canvas(width, height);
	context(made).putImageData(new ImageData(pixels, width, height), 0, 0);
	return made;
}
