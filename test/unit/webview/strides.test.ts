/** Output strides compared and the winning scale, as the Inspector's page words them. */
import { describe, expect, it } from 'vitest';
import type { InspectorRun } from '../../../src/shared/protocol/inspector';
import type { InspectorStrides, StrideSide } from '../../../src/shared/protocol/strides';
import type { RunInfo } from '../../../src/shared/protocol/types';
import { legendCaption } from '../../../src/webview/inspector/legend/legendCaption';
import { linesOfLayer } from '../../../src/webview/inspector/legend/legendData';
import { scaleColors, scalePixels, winningScaleText } from '../../../src/webview/inspector/legend/winningScaleData';
import { sideNames } from '../../../src/webview/inspector/picture/sideNames';
import { effectText, roundingText, strideReading, strideRows } from '../../../src/webview/inspector/strides/strideData';
import { isSwipe, savedMask, toggledStrides } from '../../../src/webview/inspector/toolbar/layerData';

const geometry = { pictureWidth: 6, pictureHeight: 4 };
const info = {
	geometry,
	model: { classes: ['background', 'cat', 'dog'].map((name) => ({ name, color: [1, 2, 3] })) },
	classes: [
		{ label: 0, pixels: 20, share: 20 / 24 },
		{ label: 1, pixels: 4, share: 4 / 24 },
	],
	multiScale: { rule: 'caffe', scales: [1, 0.75, 0.5], shares: [0.5, 0.3, 0.2] },
} as unknown as RunInfo;
const run = { info, displayWidth: 3, displayHeight: 2, displayStep: 2 } as unknown as InspectorRun;
const side = (stride: 8 | 32, change: Partial<StrideSide> = {}): StrideSide => ({
	stride,
	gridWidth: 58,
	gridHeight: 39,
	rates: [6, 12],
	rounded: [],
	milliseconds: 264.2,
	own: stride === 8,
	...change,
});
const changes = [
	{ label: 0, before: 20, after: 18, gained: 0, lost: 2 },
	{ label: 2, before: 0, after: 2, gained: 2, lost: 0 },
];
const strides: InspectorStrides = {
	runId: 'a',
	pair: [8, 32],
	sides: [side(8), undefined],
	effect: { changes, changedPixels: 2 },
	activity: { kind: 'idle' },
};

describe('a comparison of output strides', () => {
	it('has a line a stride, with what is known of it', () => {
		expect(strideRows(strides)).toEqual([
			{ stride: 8, grid: '58 x 39', rates: '6 12', time: '264 ms', title: 'The run’s own mask, and its time' },
			{ stride: 32, grid: undefined, rates: undefined, time: undefined, title: undefined },
		]);
	});

	it('says how many pixels differ, and which rates had to be rounded', () => {
		expect(effectText(strides, geometry as RunInfo['geometry'])).toBe('2 pixels differ, 8.3 % of the picture');
		const same = { ...strides, effect: { changes: [], changedPixels: 0 } };
		expect(effectText(same, geometry as RunInfo['geometry'])).toBe('No pixel differs');
		expect(effectText({ ...strides, effect: undefined }, geometry as RunInfo['geometry'])).toBeUndefined();
		expect(roundingText([side(8), undefined])).toBeUndefined();
		expect(roundingText([side(8), side(32, { rounded: [6, 18] })])).toBe(
			'At 32, rates 6, 18 do not divide and are rounded.',
		);
	});

	it('reads a pixel out of both masks', () => {
		const masks = [Uint8Array.of(0, 0, 1, 0, 0, 0), Uint8Array.of(0, 0, 2, 0, 0, 0)] as const;
		expect(strideReading(run, [8, 32], masks, { x: 5, y: 1 })).toEqual({
			text: 'cat at stride 8, dog at 32',
			label: 2,
		});
		expect(strideReading(run, [8, 32], masks, { x: 0, y: 3 })?.text).toBe('background at strides 8 and 32');
	});

	it('has the second mask in the legend, with what it gained and lost against the first', () => {
		const lines = linesOfLayer(info, 'strideChanged', undefined, undefined, strides.effect);
		expect(lines).toEqual([
			{ label: 0, share: 18 / 24, gained: 0, lost: 2 },
			{ label: 1, share: 0, gained: 0, lost: 0 },
			{ label: 2, share: 2 / 24, gained: 2, lost: 0 },
		]);
		expect(linesOfLayer(info, 'mask', undefined, undefined, strides.effect)[0]).toMatchObject({ gained: undefined });
		const caption = legendCaption('strideSwipe', true, [8, 32]);
		expect(caption.text).toBe('Area at stride 32, against 8');
		expect(caption.changed('cat', 3, 1)).toContain('against stride 8 3 px gained, 1 px lost');
		expect(legendCaption('mask', false, [8, 32]).text).toBeUndefined();
		expect(legendCaption('after', true, undefined).text).toBe('Area after the CRF');
	});

	it('is named on both sides, saved by its second mask, and toggled without blinking', () => {
		expect(sideNames([8, 32])).toMatchObject({ before: 'Stride 8', after: 'Stride 32' });
		expect(sideNames(undefined).before).toBe('Before CRF');
		expect([savedMask('strideSwipe'), savedMask('winningScale')]).toEqual(['stride', 'before']);
		expect([toggledStrides('strideSwipe'), toggledStrides('strideChanged')]).toEqual(['strideChanged', 'strideSwipe']);
		expect([isSwipe('swipe'), isSwipe('strideSwipe'), isSwipe('strideChanged')]).toEqual([true, true, false]);
	});
});

describe('the winning scale', () => {
	it('has a colour a scale, in the order of their sizes, and is clear elsewhere', () => {
		const lightness = scaleColors(info.multiScale!, 'dark').map((color) =>
			color.reduce((sum, channel) => sum + channel, 0),
		);
		expect(lightness).toEqual([...lightness].sort((a, b) => b - a));
		const pixels = scalePixels(info.multiScale!, 'dark');
		expect(new Set(pixels.subarray(0, 3)).size).toBe(3);
		expect(pixels[3]).toBe(0);
	});

	it('is read out', () => {
		const scales = Uint8Array.of(0, 1, 2, 0, 0, 9);
		expect(winningScaleText(run, scales, { x: 5, y: 0 })).toBe('logit of scale 0.5');
		expect(winningScaleText(run, scales, { x: 0, y: 3 })).toBe('logit of scale 1');
		expect(winningScaleText(run, scales, { x: 5, y: 3 })).toBeUndefined();
	});
});
