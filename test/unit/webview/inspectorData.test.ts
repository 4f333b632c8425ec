import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridPosition, horizontalAxis } from '../../../src/core/segmentation/gridAxis';
import { keyCommand } from '../../../src/webview/inspector/keyboard';
import { borderLines } from '../../../src/webview/inspector/picture/borderData';
import {
	borderColor,
	maskPixels,
	maskStyle,
	picturePixels,
	sampleLabels,
} from '../../../src/webview/inspector/picture/maskData';
import {
	fitTransform,
	halvings,
	keepInSight,
	lookTransform,
	pixelAt,
	transformLook,
} from '../../../src/webview/inspector/picture/viewportData';
import { readoutData } from '../../../src/webview/inspector/readout/probeData';
import { placeLabels, stageSegments, stageStatus, withDraw } from '../../../src/webview/inspector/stages/stageData';
import {
	cycleSolo,
	initialView,
	isShown,
	parsePageState,
	rememberView,
	toggleHidden,
	toggleSolo,
} from '../../../src/webview/inspector/viewState';
import { moveProbe } from '../../../src/webview/shared/probeSteps';

const model = {
	classes: [
		{ name: 'background', color: [0, 0, 0] },
		{ name: 'cat', color: [64, 0, 0] },
		{ name: 'dog', color: [64, 0, 128] },
	],
	ignoreLabel: 255,
} as const;
const veil = [30, 31, 32] as const;
const rgbaAt = (pixels: Uint8ClampedArray, index: number) => [...pixels.slice(index * 4, index * 4 + 4)];

describe('mask pixels', () => {
	const draw = (labels: readonly number[], width: number, borders = false, view = initialView, highlighted?: number) =>
		maskPixels(
			Uint8Array.from(labels),
			width,
			labels.length / width,
			maskStyle(model, view, highlighted, veil),
			borders,
		);

	it('are class colours, and nothing for the background', () => {
		const pixels = draw([0, 1, 2], 3);
		expect(rgbaAt(pixels, 0)).toEqual([0, 0, 0, 0]);
		expect(rgbaAt(pixels, 1)).toEqual([64, 0, 0, 255]);
		expect(rgbaAt(pixels, 2)).toEqual([64, 0, 128, 255]);
	});

	it('part neighbours by one line of pixels', () => {
		const pixels = draw([1, 1, 2, 2, 1, 1, 2, 2], 4, true);
		expect([0, 1, 2, 3].map((x) => rgbaAt(pixels, x))).toEqual([
			[64, 0, 0, 255],
			[...borderColor, 255],
			[64, 0, 128, 255],
			[64, 0, 128, 255],
		]);
	});

	it('veil what is not of the class shown alone, and draw no border between two such', () => {
		const pixels = draw([0, 0, 1, 1, 2, 2], 6, true, toggleSolo(initialView, 2));
		expect(rgbaAt(pixels, 1).slice(0, 3)).toEqual([...veil]);
		expect(rgbaAt(pixels, 3)).toEqual([...borderColor, 255]);
		expect(rgbaAt(pixels, 5)).toEqual([64, 0, 128, 255]);
	});

	it('show the picture alone for the background alone', () => {
		const pixels = draw([0, 0, 1], 3, false, toggleSolo(initialView, 0));
		expect(rgbaAt(pixels, 0)).toEqual([0, 0, 0, 0]);
		expect(rgbaAt(pixels, 2).slice(0, 3)).toEqual([...veil]);
	});

	it('leave hidden classes out and fade what is not pointed at', () => {
		expect(rgbaAt(draw([1], 1, false, toggleHidden(initialView, 1)), 0)).toEqual([0, 0, 0, 0]);
		const pixels = draw([1, 2], 2, false, initialView, 2);
		expect(rgbaAt(pixels, 0)[3]).toBeLessThan(100);
		expect(rgbaAt(pixels, 1)[3]).toBe(255);
	});

	it('hatch the ignore label', () => {
		const pixels = draw(Array<number>(36).fill(255), 6);
		const drawn = Array.from({ length: 36 }, (_, index) => rgbaAt(pixels, index)[3]).filter((alpha) => alpha === 255);
		expect(drawn).toHaveLength(12);
	});
});

it('picture pixels are opaque RGB', () => {
	expect([...picturePixels(Uint8Array.of(1, 2, 3, 253, 254, 255))]).toEqual([1, 2, 3, 255, 253, 254, 255, 255]);
});

it('sampled labels are those of the nearest pixel', () => {
	const labels = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
	expect([...sampleLabels(labels, 4, 2, 2, 1)]).toEqual([6, 8]);
	expect(sampleLabels(labels, 4, 2, 4, 2)).toBe(labels);
});

describe('border lines', () => {
	const edge = new Uint8Array(256).fill(255);
	const whole = { left: 0, top: 0, right: 1000, bottom: 1000 };

	it('surround a pixel', () => {
		const labels = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
		const lines = borderLines(labels, 3, 3, edge, whole);
		const found = Array.from({ length: lines.length / 4 }, (_, index) => lines.slice(index * 4, index * 4 + 4));
		expect(found).toHaveLength(4);
		expect(found).toEqual(
			expect.arrayContaining([
				[1, 1, 2, 1],
				[1, 2, 2, 2],
				[1, 1, 1, 2],
				[2, 1, 2, 2],
			]),
		);
	});

	it('are as long as there are pairs of unlike neighbours', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 9 }),
				fc.array(fc.nat(2), { minLength: 9, maxLength: 60 }),
				(width, list) => {
					const height = Math.floor(list.length / width);
					const labels = Uint8Array.from(list.slice(0, width * height));
					let pairs = 0;
					for (let at = 0; at < labels.length; at++) {
						pairs += Number((at + 1) % width !== 0 && labels[at] !== labels[at + 1]);
						pairs += Number(at + width < labels.length && labels[at] !== labels[at + width]);
					}
					const lines = borderLines(labels, width, height, edge, whole);
					let length = 0;
					for (let at = 0; at < lines.length; at += 4) {
						length += lines[at + 2]! - lines[at]! + lines[at + 3]! - lines[at + 1]!;
					}
					expect(length).toBe(pairs);
				},
			),
		);
	});
});

describe('view state', () => {
	it('shows a class alone and all again', () => {
		const solo = toggleSolo(toggleHidden(initialView, 1), 1);
		expect([isShown(solo, 1), isShown(solo, 2)]).toEqual([true, false]);
		expect(toggleSolo(solo, 1)).toEqual(initialView);
		expect(toggleHidden(solo, 1)).toMatchObject({ solo: undefined, hidden: [1] });
	});

	it('cycles through the classes and all', () => {
		const labels = [15, 0, 8];
		const seen: (number | undefined)[] = [];
		let view = initialView;
		for (let step = 0; step < 5; step++) {
			view = cycleSolo(view, labels, 1);
			seen.push(view.solo);
		}
		expect(seen).toEqual([15, 0, 8, undefined, 15]);
		expect(cycleSolo(initialView, labels, -1).solo).toBe(8);
	});

	it('comes back as it was saved, and forgets the oldest runs', () => {
		let state = parsePageState(undefined);
		for (let run = 0; run < 30; run++) {
			state = rememberView(state, `run-${run}`, {
				...initialView,
				solo: run,
				look: { scale: 2, centerX: 3, centerY: 4 },
			});
		}
		expect(Object.keys(state.views)).toHaveLength(20);
		expect(parsePageState(JSON.parse(JSON.stringify(state)))).toEqual(state);
	});

	it('reads anything', () => {
		fc.assert(
			fc.property(fc.anything(), (saved) => {
				expect(() => parsePageState(saved)).not.toThrow();
			}),
		);
		expect(parsePageState({ opacity: 7, views: { a: { look: { scale: -1, centerX: 0, centerY: 0 } } } })).toEqual({
			runId: undefined,
			opacity: 1,
			views: { a: initialView },
		});
	});
});

describe('viewport', () => {
	const size = fc.record({ width: fc.integer({ min: 1, max: 5000 }), height: fc.integer({ min: 1, max: 5000 }) });

	it('holds the whole picture when fitted', () => {
		fc.assert(
			fc.property(size, size, (view, picture) => {
				const { k, x, y } = fitTransform(view, picture);
				expect(picture.width * k).toBeLessThanOrEqual(Math.max(1, view.width - 16) + 1e-6);
				expect(picture.height * k).toBeLessThanOrEqual(Math.max(1, view.height - 16) + 1e-6);
				expect(x + (picture.width * k) / 2).toBeCloseTo(view.width / 2);
				expect(y + (picture.height * k) / 2).toBeCloseTo(view.height / 2);
			}),
		);
	});

	it('looks where it looked before in a viewport of another size', () => {
		const look = { scale: 3, centerX: 100, centerY: 50 };
		const back = transformLook(lookTransform(look, { width: 640, height: 480 }), { width: 640, height: 480 });
		expect(back).toEqual(look);
	});

	it('keeps a part of the picture in sight', () => {
		const kept = keepInSight({ k: 1, x: -9000, y: 9000 }, { width: 500, height: 400 }, { width: 300, height: 200 });
		expect(kept).toEqual({ k: 1, x: -252, y: 352 });
	});

	it('finds the pixel under a point', () => {
		const transform = { k: 2, x: 10, y: 20 };
		expect(pixelAt([13.9, 23.9], transform, { width: 4, height: 4 })).toEqual({ x: 1, y: 1 });
		expect(pixelAt([9.9, 21], transform, { width: 4, height: 4 })).toBeUndefined();
		expect(pixelAt([18, 21], transform, { width: 4, height: 4 })).toBeUndefined();
	});

	it('draws from at most four pixels a device pixel', () => {
		expect([1, 2, 0.51, 0.5, 0.3, 0.25, 0.1].map(halvings)).toEqual([0, 0, 0, 1, 1, 2, 3]);
	});
});

describe('probe', () => {
	const geometry = {
		pictureWidth: 902,
		pictureHeight: 600,
		resizedWidth: 451,
		resizedHeight: 300,
		inputWidth: 457,
		inputHeight: 305,
		gridWidth: 58,
		gridHeight: 39,
		alignCorners: true,
	};

	it('starts in the middle and stays in the picture', () => {
		expect(moveProbe(undefined, geometry, 1, 0, 'cell')).toEqual({ x: 451, y: 300 });
		expect(moveProbe({ x: 901, y: 0 }, geometry, 1, 0, 'cell')).toEqual({ x: 901, y: 0 });
		expect(moveProbe({ x: 901, y: 0 }, geometry, 0, -1, 'pixel')).toEqual({ x: 901, y: 0 });
	});

	for (const alignCorners of [true, false]) {
		it(`visits every cell's centre once, ${alignCorners ? 'corners aligned' : 'corners not aligned'}`, () => {
			const own = { ...geometry, alignCorners };
			let probe = { x: 0, y: 0 };
			const cells: number[] = [];
			for (let step = 0; step < 56; step++) {
				probe = moveProbe(probe, own, 1, 0, 'cell');
				const { cell, fraction } = gridPosition(horizontalAxis(own), probe.x);
				cells.push(Math.round(cell + fraction));
				expect(Math.abs(cell + fraction - Math.round(cell + fraction))).toBeLessThan(0.06);
			}
			expect(cells).toEqual(Array.from({ length: 56 }, (_, index) => index + 1));
			for (let step = 0; step < 56; step++) {
				probe = moveProbe(probe, own, -1, 0, 'cell');
			}
			expect(probe.x).toBeLessThan(10);
		});
	}

	it('reads the two likeliest classes', () => {
		const logits = { channels: 3, height: 1, width: 1, data: Float32Array.of(0, Math.log(3), Math.log(6)) };
		const point = { ...geometry, pictureWidth: 1, pictureHeight: 1, resizedWidth: 1, resizedHeight: 1 };
		const own = { ...point, inputWidth: 1, inputHeight: 1, gridWidth: 1, gridHeight: 1 };
		expect(readoutData(logits, own, model.classes, { x: 0, y: 0 })).toMatchObject({
			best: { name: 'dog', probability: '0.60', logit: '1.79' },
			runnerUp: { name: 'cat', probability: '0.30' },
		});
	});
});

describe('stages', () => {
	it('cover the bar without gaps', () => {
		const segments = stageSegments([
			{ stage: 'decode', milliseconds: 10 },
			{ stage: 'network', milliseconds: 30 },
		]);
		expect(segments.map(({ start, end }) => [start, end])).toEqual([
			[0, 0.25],
			[0.25, 1],
		]);
		expect(stageSegments([{ stage: 'decode', milliseconds: 0 }])[0]).toMatchObject({ start: 0, end: 0 });
	});

	it('have drawing once, last', () => {
		const timings = [
			{ stage: 'draw', milliseconds: 1 },
			{ stage: 'decode', milliseconds: 2 },
		] as const;
		expect(withDraw(timings, 9)).toEqual([
			{ stage: 'decode', milliseconds: 2 },
			{ stage: 'draw', milliseconds: 9 },
		]);
		expect(withDraw(timings, undefined)).toEqual(timings);
	});

	it('have labels that never overlap nor leave the line', () => {
		const label = fc.record({ wanted: fc.nat(500), width: fc.integer({ min: 1, max: 90 }) });
		fc.assert(
			fc.property(fc.array(label, { minLength: 1, maxLength: 6 }), (labels) => {
				const wanted = labels.map((entry) => entry.wanted).sort((a, b) => a - b);
				const widths = labels.map(({ width }) => width);
				const lefts = placeLabels(wanted, widths, 400, 12);
				const needed = widths.reduce((sum, width) => sum + width, 0) + 12 * (widths.length - 1);
				expect(lefts === undefined).toBe(needed > 400);
				lefts?.forEach((left, index) => {
					expect(left).toBeGreaterThanOrEqual(index === 0 ? 0 : lefts[index - 1]! + widths[index - 1]! + 12);
					expect(left + widths[index]!).toBeLessThanOrEqual(400);
				});
			}),
		);
	});

	it('are done, current and waiting in their order', () => {
		expect(stageStatus('decode', 'network')).toBe('done');
		expect(stageStatus('network', 'network')).toBe('current');
		expect(stageStatus('upsample', 'network')).toBe('waiting');
		expect(stageStatus('decode', undefined)).toBe('waiting');
	});
});

describe('keys', () => {
	const press = (key: string, more = {}) => ({
		key,
		code: '',
		shiftKey: false,
		ctrlKey: false,
		metaKey: false,
		altKey: false,
		...more,
	});

	it('leave the workbench its own', () => {
		expect(keyCommand(press('m', { ctrlKey: true }), 'page')).toBeUndefined();
		expect(keyCommand(press('x'), 'page')).toBeUndefined();
	});

	it('zoom by letter and by Shift with a digit, whatever that writes; digits alone choose branches', () => {
		expect(keyCommand(press('f'), 'page')).toEqual({ kind: 'fit' });
		expect(keyCommand(press('!', { code: 'Digit1', shiftKey: true }), 'page')).toEqual({ kind: 'actualSize' });
		// On a French keyboard digits are typed with Shift.
		expect(keyCommand(press('1', { code: 'Digit1', shiftKey: true }), 'page')).toEqual({
			kind: 'soloBranch',
			branch: 0,
		});
		expect(keyCommand(press('0', { code: 'Digit0', shiftKey: true }), 'page')).toEqual({
			kind: 'soloBranch',
			branch: undefined,
		});
		expect(keyCommand(press('=', { code: 'Digit0', shiftKey: true }), 'page')).toEqual({ kind: 'fit' });
		expect(keyCommand(press('0', { code: 'Digit0' }), 'page')).toEqual({ kind: 'soloBranch', branch: undefined });
		expect(keyCommand(press('4', { code: 'Digit4' }), 'button')).toEqual({ kind: 'soloBranch', branch: 3 });
		expect(keyCommand(press('4'), 'text')).toBeUndefined();
	});

	it('leave a slider its arrows and a button its space', () => {
		expect(keyCommand(press('ArrowLeft'), 'slider')).toBeUndefined();
		expect(keyCommand(press(' '), 'button')).toBeUndefined();
		expect(keyCommand(press(' '), 'page')).toEqual({ kind: 'pictureAlone' });
		expect(keyCommand(press('ArrowUp', { shiftKey: true }), 'button')).toEqual({
			kind: 'moveProbe',
			dx: 0,
			dy: -1,
			unit: 'pixel',
		});
	});
});
