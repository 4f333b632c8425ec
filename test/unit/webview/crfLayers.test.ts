import { describe, expect, it } from 'vitest';
import { type InspectorCrf, type InspectorLayer, inspectorLayers } from '../../../src/shared/protocol/crf';
import type { InspectorRun } from '../../../src/shared/protocol/inspector';
import type { RunInfo } from '../../../src/shared/protocol/types';
import { keyCommand } from '../../../src/webview/inspector/keyboard';
import { legendLines } from '../../../src/webview/inspector/legend/legendData';
import {
	borderColor,
	changedPixels,
	maskStyle,
	meanValues,
	valuePixels,
} from '../../../src/webview/inspector/picture/maskData';
import { sharesInSight } from '../../../src/webview/inspector/picture/viewportData';
import { crfReading, crfTopic, largestEntropy, updatedCrf } from '../../../src/webview/inspector/readout/crfReadData';
import {
	availableLayers,
	dividerInSight,
	maskOf,
	movedDivider,
	overlayParts,
	shownLayer,
	toggledCrf,
	toggledMask,
} from '../../../src/webview/inspector/toolbar/layerData';
import { initialView, parsePageState } from '../../../src/webview/inspector/viewState';
import { pixelOf, sequentialColor, sequentialPixels } from '../../../src/webview/shared/colors';

const classes = [
	{ name: 'background', color: [0, 0, 0] },
	{ name: 'cat', color: [64, 0, 0] },
	{ name: 'dog', color: [64, 0, 128] },
] as const;
const model = { classes, ignoreLabel: 255 };
const crf = {
	runId: 'run',
	labels: Uint8Array.of(0, 1, 2, 1),
	entropyBefore: Uint8Array.of(0, 255, 51, 0),
	entropyAfter: Uint8Array.of(0, 0, 102, 0),
	changes: [
		{ label: 1, before: 1, after: 2, gained: 1, lost: 0 },
		{ label: 2, before: 0, after: 1, gained: 1, lost: 0 },
		{ label: 0, before: 3, after: 1, gained: 0, lost: 2 },
	],
} as unknown as InspectorCrf;
const info = {
	model: { classes },
	geometry: { pictureWidth: 2, pictureHeight: 2 },
	classes: [
		{ label: 0, pixels: 3, share: 0.75 },
		{ label: 1, pixels: 1, share: 0.25 },
	],
} as unknown as RunInfo;
const run = {
	info,
	labels: Uint8Array.of(0, 1, 0, 0),
	displayWidth: 2,
	displayHeight: 2,
	displayStep: 3,
} as unknown as InspectorRun;

const nothing = { crf: false, branches: false, dominance: false, winningScale: false, strides: false };
const everything = { crf: true, branches: true, dominance: true, winningScale: true, strides: true };

describe('layers', () => {
	it('fall back to the mask while there is nothing of theirs, the picture alone never', () => {
		for (const layer of inspectorLayers) {
			expect(shownLayer(layer, everything)).toBe(layer);
			expect(shownLayer(layer, nothing)).toBe(layer === 'picture' ? 'picture' : 'mask');
		}
		expect(availableLayers(nothing)).toEqual(['picture', 'mask']);
		expect(availableLayers({ ...nothing, branches: true })).toEqual(['picture', 'mask', 'branches']);
		expect(availableLayers({ ...nothing, dominance: true })).toEqual(['picture', 'mask', 'dominance']);
		expect(availableLayers({ ...nothing, winningScale: true })).toEqual(['picture', 'mask', 'winningScale']);
		expect(availableLayers({ ...nothing, strides: true })).toEqual(['picture', 'mask', 'strideSwipe', 'strideChanged']);
		expect(availableLayers({ ...nothing, crf: true })).toHaveLength(7);
		expect(availableLayers(everything)).toEqual(inspectorLayers);
	});

	it('draw their overlays, the swipe two that meet at the divider', () => {
		expect(overlayParts('picture', 0.5)).toEqual([]);
		expect(overlayParts('mask', 0.5)).toEqual([{ overlay: 'before', from: 0, to: 1 }]);
		expect(overlayParts('changed', 0.5)).toEqual([{ overlay: 'changed', from: 0, to: 1 }]);
		expect(overlayParts('swipe', 0.3)).toEqual([
			{ overlay: 'before', from: 0, to: 0.3 },
			{ overlay: 'after', from: 0.3, to: 1 },
		]);
		expect(overlayParts('strideSwipe', 0.3)).toEqual([
			{ overlay: 'strideBefore', from: 0, to: 0.3 },
			{ overlay: 'strideAfter', from: 0.3, to: 1 },
		]);
	});

	it('are about one of the two masks', () => {
		const after = inspectorLayers.filter((layer) => maskOf(layer) === 'after');
		expect(after).toEqual(['strideSwipe', 'strideChanged', 'after', 'swipe', 'changed', 'entropyAfter']);
	});

	it('change with their keys', () => {
		expect(toggledMask('picture', 'swipe')).toBe('swipe');
		expect(toggledMask('picture', 'picture')).toBe('mask');
		expect(toggledMask('after', 'mask')).toBe('picture');
		const switched: Record<InspectorLayer, InspectorLayer> = {
			picture: 'after',
			mask: 'after',
			branches: 'after',
			dominance: 'after',
			winningScale: 'after',
			strideSwipe: 'after',
			strideChanged: 'after',
			after: 'mask',
			swipe: 'after',
			changed: 'after',
			entropyBefore: 'entropyAfter',
			entropyAfter: 'entropyBefore',
		};
		for (const layer of inspectorLayers) {
			expect(toggledCrf(layer)).toBe(switched[layer]);
		}
		const press = { code: '', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
		expect(keyCommand({ ...press, key: 'c' }, 'page')).toEqual({ kind: 'toggleCrf' });
		expect(keyCommand({ ...press, key: 'B' }, 'button')).toEqual({ kind: 'blink' });
		expect(keyCommand({ ...press, key: 'b' }, 'text')).toBeUndefined();
		expect(keyCommand({ ...press, key: 'c', ctrlKey: true }, 'page')).toBeUndefined();
	});

	it('move the divider by key, within the picture', () => {
		const press = (key: string, shiftKey = false) => movedDivider(0.5, { key, shiftKey });
		expect(press('ArrowLeft')).toBe(0.49);
		expect(press('ArrowUp')).toBe(0.51);
		expect(press('ArrowRight', true)).toBe(0.6);
		expect(press('PageDown')).toBe(0.4);
		expect(press('Home')).toBe(0);
		expect(movedDivider(0.995, { key: 'ArrowRight', shiftKey: false })).toBe(1);
		expect(press('x')).toBeUndefined();
	});

	it('bring the divider into sight', () => {
		const picture = { width: 1000, height: 500 };
		const view = { width: 400, height: 300 };
		const shares = sharesInSight({ k: 2, x: -1000, y: 0 }, view, picture);
		expect(shares).toEqual([0.5, 0.7]);
		expect(dividerInSight(0.55, shares)).toBe(0.55);
		expect(dividerInSight(0.2, shares)).toBeCloseTo(0.6, 12);
		expect(sharesInSight({ k: 0.1, x: 150, y: 0 }, view, picture)).toEqual([0, 1]);
	});

	it('are kept over reloads, and states from before them are read', () => {
		const view = (saved: object) => parsePageState({ views: { a: saved } }).views.a;
		expect(view({ layer: 'picture', solo: 3 })).toEqual({ ...initialView, layer: 'picture', solo: 3 });
		expect(view({ layer: 'swipe', divider: 0.2 })).toEqual({ ...initialView, layer: 'swipe', divider: 0.2 });
		expect(view({ layer: 'nonsense', divider: 9 })).toEqual({ ...initialView, divider: 1 });
		expect(view({ divider: 'x' })).toEqual(initialView);
	});
});

describe('pixels', () => {
	it('that changed are of the class they went to, the others veiled', () => {
		const style = maskStyle(model, initialView, undefined, [30, 30, 30]);
		const pixels = new Uint32Array(changedPixels(run.labels, crf.labels, style).buffer);
		const veil = pixels[0]!;
		expect([...pixels]).toEqual([veil, veil, pixelOf(classes[2].color, 255), pixelOf(classes[1].color, 255)]);
		expect(veil & 0xffffff).toBe(pixelOf(borderColor, 0));
	});

	it('that changed to a hidden class are veiled as well', () => {
		const style = maskStyle(model, { ...initialView, hidden: [2] }, undefined, [30, 30, 30]);
		const pixels = new Uint32Array(changedPixels(run.labels, crf.labels, style).buffer);
		expect(pixels[2]).toBe(pixels[0]);
		expect(pixels[3]).toBe(pixelOf(classes[1].color, 255));
	});

	it('of a byte map go through the scale', () => {
		const scale = sequentialPixels();
		expect([...new Uint32Array(valuePixels(Uint8Array.of(0, 255, 7), scale).buffer)]).toEqual([
			pixelOf([68, 1, 84], 255),
			pixelOf([253, 231, 37], 255),
			scale[7],
		]);
	});

	it('of a smaller map are means of those they cover', () => {
		const values = Uint8Array.of(0, 100, 200, 8, 4, 2, 6, 2, 1, 1, 1, 1);
		expect([...meanValues(values, 4, 3, 2, 1)]).toEqual([18, 36]);
		expect([...meanValues(values, 4, 3, 4, 3)]).toEqual([...values]);
	});
});

describe('the sequential scale', () => {
	it('gets lighter all the way', () => {
		const lightness = Array.from({ length: 17 }, (_, step) => {
			const [red, green, blue] = sequentialColor(step / 16);
			return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
		});
		expect(lightness).toEqual([...lightness].sort((a, b) => a - b));
	});

	it('fades out towards zero where it is asked to', () => {
		const pixels = sequentialPixels(10);
		expect(pixels[0]! >>> 24).toBe(0);
		expect(pixels[5]! >>> 24).toBe(128);
		expect(pixels[10]! >>> 24).toBe(255);
	});
});

describe('the readout', () => {
	it('names the labels and the entropies at the display pixel', () => {
		const reading = crfReading(run, crf, { x: 3, y: 1 });
		expect(reading).toMatchObject({ before: 1, after: 1, entropyAfter: 0 });
		expect(reading?.entropyBefore).toBeCloseTo(Math.log(3), 12);
		expect(crfReading(run, crf, { x: 0, y: 5 })).toMatchObject({ before: 0, after: 2 });
		expect(crfReading(run, crf, { x: 0, y: 5 })?.entropyAfter).toBeCloseTo(0.4 * Math.log(3), 12);
		// The last display pixel may stand for fewer picture pixels than the others.
		expect(crfReading(run, crf, { x: 6, y: 6 })).toMatchObject({ before: 0, after: 1 });
	});
	it('keeps the maps that an update leaves out, of the same run', () => {
		const { labels: _, entropyBefore: __, entropyAfter: ___, ...figures } = crf;
		const labels = Uint8Array.of(2, 2, 2, 2);
		expect(updatedCrf(crf, { ...figures, iteration: 3, labels })).toEqual({ ...crf, iteration: 3, labels });
		expect(updatedCrf(crf, { ...figures, entropyAfter: labels })).toEqual({ ...crf, entropyAfter: labels });
		expect(updatedCrf(undefined, figures)).toBeUndefined();
		expect(updatedCrf(crf, { ...figures, runId: 'another' })).toBeUndefined();
		const first = updatedCrf({ ...crf, runId: 'another' }, { ...figures, labels });
		expect(first).toEqual({ ...figures, labels, entropyBefore: undefined, entropyAfter: undefined });
		expect(crfReading(run, first!, { x: 3, y: 0 })).toEqual({
			before: 1,
			after: 2,
			entropyBefore: undefined,
			entropyAfter: undefined,
		});
	});

	it('speaks of the CRF where the layer shows it', () => {
		expect(inspectorLayers.map(crfTopic)).toEqual([
			undefined,
			undefined,
			undefined,
			undefined,
			undefined,
			undefined,
			undefined,
			'label',
			'label',
			'label',
			'entropyBefore',
			'entropyAfter',
		]);
		expect(largestEntropy(classes)).toBeCloseTo(Math.log(3), 12);
		expect(largestEntropy([])).toBe(0);
	});
});

describe('the legend', () => {
	it('keeps the order by area before, with the classes that came last', () => {
		const before = legendLines(info, crf, 'before');
		const after = legendLines(info, crf, 'after');
		expect(before.map(({ label }) => label)).toEqual([0, 1, 2]);
		expect(after.map(({ label }) => label)).toEqual([0, 1, 2]);
		expect(before.map(({ share }) => share)).toEqual([0.75, 0.25, 0]);
		expect(after.map(({ share }) => share)).toEqual([0.25, 0.5, 0.25]);
		expect(after[0]).toMatchObject({ gained: 0, lost: 2 });
	});

	it('gives a class that is in neither of the masks compared no area', () => {
		const others = { changes: [{ label: 0, before: 4, after: 4, gained: 0, lost: 0 }] };
		expect(legendLines(info, others, 'after').map(({ share }) => share)).toEqual([1, 0]);
	});

	it('has no gains without a CRF', () => {
		expect(legendLines(info, undefined, 'before')).toEqual([
			{ label: 0, share: 0.75, gained: undefined, lost: undefined },
			{ label: 1, share: 0.25, gained: undefined, lost: undefined },
		]);
	});
});
