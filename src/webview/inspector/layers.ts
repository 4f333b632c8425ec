/** The picture and the mask as canvases of halved sizes, made once, so that drawing a frame copies few pixels. */
import type { InspectorRun } from '../../shared/protocol/inspector';
import { type MaskStyle, maskPixels, picturePixels, sampleLabels } from './maskData';

/** Fading for a legend's hover never redraws more mask pixels than this. */
const hoverPixels = 4_000_000;

export interface Layers {
	readonly width: number;
	readonly height: number;
	/** @param halvings how often the size is halved. */
	picture(halvings: number): HTMLCanvasElement;
	mask(halvings: number): HTMLCanvasElement;
	/** The mask at full size without border lines, for zooms where they are drawn as lines. */
	plainMask(): HTMLCanvasElement;
	/** Drops the masks made with the former style. */
	setStyle(style: MaskStyle, passing: boolean): void;
}

export function createLayers(run: InspectorRun, firstStyle: MaskStyle): Layers {
	const { displayWidth: width, displayHeight: height } = run;
	const pictures: HTMLCanvasElement[] = [fromPixels(picturePixels(run.rgb), width, height)];
	const labels: Uint8Array[] = [run.labels];
	let masks: (HTMLCanvasElement | undefined)[] = [];
	let plain: HTMLCanvasElement | undefined;
	let style = firstStyle;
	let leastHalvings = 0;

	const sizeAt = (halvings: number) => ({
		width: Math.max(1, Math.round(width / 2 ** halvings)),
		height: Math.max(1, Math.round(height / 2 ** halvings)),
	});
	const labelsAt = (halvings: number): Uint8Array => {
		const size = sizeAt(halvings);
		labels[halvings] ??= sampleLabels(run.labels, width, height, size.width, size.height);
		return labels[halvings];
	};
	const makeMask = (halvings: number, borders: boolean) => {
		const size = sizeAt(halvings);
		return fromPixels(maskPixels(labelsAt(halvings), size.width, size.height, style, borders), size.width, size.height);
	};

	const picture = (halvings: number): HTMLCanvasElement => {
		const made = pictures[halvings];
		if (made) {
			return made;
		}
		const larger = picture(halvings - 1);
		const size = sizeAt(halvings);
		const smaller = canvas(size.width, size.height);
		context(smaller).drawImage(larger, 0, 0, size.width, size.height);
		pictures[halvings] = smaller;
		return smaller;
	};
	const mask = (halvings: number): HTMLCanvasElement => {
		const level = Math.max(halvings, leastHalvings);
		masks[level] ??= makeMask(level, true);
		return masks[level];
	};
	return {
		width,
		height,
		picture,
		mask,
		plainMask() {
			if (leastHalvings > 0) {
				return mask(0);
			}
			plain ??= makeMask(0, false);
			return plain;
		},
		setStyle(next, passing) {
			style = next;
			masks = [];
			plain = undefined;
			leastHalvings = passing ? Math.max(0, Math.ceil(Math.log2((width * height) / hoverPixels) / 2)) : 0;
		},
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

function fromPixels(pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): HTMLCanvasElement {
	const made = canvas(width, height);
	context(made).putImageData(new ImageData(pixels, width, height), 0, 0);
	return made;
}
