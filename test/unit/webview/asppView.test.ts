import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMap, Geometry } from '../../../src/core/run';
import { logitsAt } from '../../../src/core/segmentation/probabilities';
import type { AsppExplanation, AsppMaps, ClassExplanation } from '../../../src/shared/protocol/aspp';
import {
	branchCount,
	branchMap,
	largestMagnitude,
	sampleGrid,
	sampleMap,
	signedMapPixels,
	sumMap,
	tileLayout,
	valueAt,
} from '../../../src/webview/aspp/mapData';
import { hasRate, parseRate, ratePresets, sameRates } from '../../../src/webview/aspp/ratesData';
import { allBut, allOn, isAllBut, isSolo, solo, toggled } from '../../../src/webview/aspp/switchData';
import { axisEnds, verdict, waterfall } from '../../../src/webview/aspp/waterfallData';
import { rowDetail, verdictText } from '../../../src/webview/aspp/waterfallText';
import { branchPlaces, rateList, rateName } from '../../../src/webview/shared/branches';
import { classOrder, cycledClass } from '../../../src/webview/shared/classData';
import { colorOf, pixelOf, type Rgb, signedPixels, signedStep, signedZero } from '../../../src/webview/shared/colors';
import { csvBytes, figureName } from '../../../src/webview/shared/csv';
import { formatWhole } from '../../../src/webview/shared/format';
import { createLatest } from '../../../src/webview/shared/latest';
import { viewCommand } from '../../../src/webview/shared/viewKeys';

/** A picture of 90 x 50 in an input that is padded to 97 x 57, on a grid of 13 x 8. */
const geometry: Geometry = {
	pictureWidth: 90,
	pictureHeight: 50,
	resizedWidth: 90,
	resizedHeight: 50,
	inputWidth: 97,
	inputHeight: 57,
	gridWidth: 13,
	gridHeight: 8,
	alignCorners: true,
};
const plane = geometry.gridWidth * geometry.gridHeight;
const value = fc.float({ min: -20, max: 20, noNaN: true });
const gridMap = fc.array(value, { minLength: plane, maxLength: plane }).map((values) => Float32Array.from(values));

const asFeatureMap = (data: Float32Array): FeatureMap => ({
	channels: 1,
	height: geometry.gridHeight,
	width: geometry.gridWidth,
	data,
});

function explanationOf(
	branches: readonly { readonly bias: number; readonly taps: number }[],
	rival?: readonly { readonly bias: number; readonly taps: number }[],
): AsppExplanation {
	const explain = (label: number, shares: typeof branches): ClassExplanation => ({
		label,
		logit: shares.reduce((sum, { bias, taps }) => sum + bias + taps, 0),
		branches: shares.map(({ bias, taps }, index) => ({
			rate: 6 * (index + 1),
			bias,
			share: bias + taps,
			taps: undefined,
		})),
	});
	return {
		x: 0,
		y: 0,
		cell: { row: 0, column: 0, x: 0, y: 0, backbone: undefined, branches: [] },
		chosen: explain(1, branches),
		runnerUp: rival && explain(2, rival),
		deciding: undefined,
	};
}

describe('score maps', () => {
	it('are sampled at the canvas’ pixels as the network upsamples them', () => {
		fc.assert(
			fc.property(gridMap, (map) => {
				// A canvas of the picture's own size has the picture's own pixels.
				const sampled = sampleMap(map, sampleGrid(geometry, 90, 50, false));
				for (const [x, y] of [
					[0, 0],
					[89, 49],
					[33, 20],
					[7, 41],
				] as const) {
					const expected = logitsAt(asFeatureMap(map), geometry, x, y)[0]!;
					expect(Math.abs(sampled[y * 90 + x]! - expected)).toBeLessThan(1e-4);
					expect(Math.abs(valueAt(map, geometry, x, y, false) - expected)).toBeLessThan(1e-4);
				}
			}),
			{ numRuns: 30 },
		);
	});

	it('stay between the values of the grid at any size, and are its values when raw', () => {
		fc.assert(
			fc.property(gridMap, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 120 }), (map, width, height) => {
				const [low, high] = [Math.min(...map), Math.max(...map)];
				const smooth = sampleMap(map, sampleGrid(geometry, width, height, false));
				expect(smooth).toHaveLength(width * height);
				expect(smooth.every((entry) => entry >= low - 1e-4 && entry <= high + 1e-4)).toBe(true);
				const cells = new Set(map);
				expect(sampleMap(map, sampleGrid(geometry, width, height, true)).every((entry) => cells.has(entry))).toBe(true);
			}),
			{ numRuns: 30 },
		);
	});

	it('add up over the branches that are on', () => {
		const maps: AsppMaps = {
			runId: 'r',
			label: 1,
			height: 1,
			width: 2,
			branches: Float32Array.of(1, 2, 10, 20, -100, -200),
			scale: 200,
		};
		expect(branchCount(maps)).toBe(3);
		expect([...branchMap(maps, 1)]).toEqual([10, 20]);
		expect([...sumMap(maps, [true, false, true])]).toEqual([-99, -198]);
		expect([...sumMap(maps, [false, false, false])]).toEqual([0, 0]);
		expect(largestMagnitude([branchMap(maps, 0), branchMap(maps, 2)])).toBe(200);
		expect(largestMagnitude([])).toBe(0);
	});

	it('are coloured symmetrically about zero, clipped at the ends, with a line where the sign changes', () => {
		const colors = Uint32Array.from({ length: 2 * signedZero + 1 }, (_, step) => step);
		const drawn = (contour: number | undefined) =>
			new Uint32Array(signedMapPixels(Float32Array.of(-9, -2, 0, 2, 9), 5, 4, colors, contour).buffer);
		expect([...drawn(undefined)]).toEqual([0, 128, 255, 383, 510]);
		expect([...drawn(7)]).toEqual([0, 128, 255, 7, 510]);
		expect([...new Uint32Array(signedMapPixels(Float32Array.of(3, -3), 2, 0, colors, undefined).buffer)]).toEqual([
			255, 255,
		]);
	});

	it('have room for two beside each other, but for wide pictures', () => {
		expect(tileLayout({ pictureWidth: 450, pictureHeight: 300 }, 276, 12)).toEqual({
			columns: 2,
			width: 132,
			height: 88,
		});
		expect(tileLayout({ pictureWidth: 4000, pictureHeight: 300 }, 276, 12)).toEqual({
			columns: 1,
			width: 276,
			height: 21,
		});
		const tall = tileLayout({ pictureWidth: 200, pictureHeight: 1600 }, 276, 12);
		expect(tall.height).toBeLessThanOrEqual(260);
		expect(tall.width).toBeLessThanOrEqual(132);
	});
});

describe('the signed scale', () => {
	const backgrounds = [
		['dark', [31, 31, 31]],
		['light', [255, 255, 255]],
	] as const;

	it('has the neutral colour at zero, and moves away from it on both sides', () => {
		for (const [background, neutral] of backgrounds) {
			const pixels = signedPixels(neutral, background);
			expect(colorOf(pixels[signedZero]!)).toEqual([...neutral]);
			const distance = (step: number) =>
				Math.hypot(...colorOf(pixels[step]!).map((channel, index) => channel - neutral[index]!));
			for (const side of [-1, 1]) {
				const steps = [0, 64, 128, 192, 255].map((step) => distance(signedZero + side * step));
				expect([...steps].sort((a, b) => a - b)).toEqual(steps);
				expect(steps.at(-1)).toBeGreaterThan(120);
			}
			const [below, above] = [colorOf(pixels[0]!), colorOf(pixels[510]!)];
			expect(below[2]).toBeGreaterThan(below[0]);
			expect(above[0]).toBeGreaterThan(above[2]);
		}
	});

	it('finds the step of a value', () => {
		expect([-5, -1, 0, 0.5, 1, 5].map((entry) => signedStep(entry, 1))).toEqual([0, 0, 255, 383, 510, 510]);
		expect(signedStep(3, 0)).toBe(signedZero);
	});

	it('packs and unpacks a pixel', () => {
		fc.assert(
			fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), (color) => {
				expect(colorOf(pixelOf(color as unknown as Rgb, 255))).toEqual(color);
			}),
		);
	});
});

describe('the waterfall', () => {
	const shares = fc.array(
		fc.record({ bias: fc.double({ min: -1, max: 1, noNaN: true }), taps: fc.double({ min: -9, max: 9, noNaN: true }) }),
		{ minLength: 1, maxLength: 7 },
	);

	it('adds up from zero to the logit of the branches that are on', () => {
		fc.assert(
			fc.property(shares, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), (branches, switches) => {
				const on = switches.slice(0, branches.length);
				const found = waterfall(explanationOf(branches, branches), on);
				const logit = branches.reduce((sum, { bias, taps }, index) => sum + (on[index] ? bias + taps : 0), 0);
				expect(Math.abs(found.chosen - logit)).toBeLessThan(1e-9);
				let end = 0;
				for (const { chosen } of found.rows) {
					expect(Math.abs(chosen.from - end)).toBeLessThan(1e-12);
					end = chosen.to;
					expect(chosen.to).toBeGreaterThanOrEqual(found.extent[0]);
					expect(chosen.to).toBeLessThanOrEqual(found.extent[1]);
				}
				expect(found.chosen).toBe(end);
				expect(verdict(found).kind).toBe(on.includes(true) ? 'level' : 'allOff');
			}),
		);
	});

	const person = [
		{ bias: 0.1, taps: 1 },
		{ bias: 0.1, taps: 3 },
	];
	const horse = [
		{ bias: 0.2, taps: 0.9 },
		{ bias: 0.2, taps: 0.5 },
	];

	it('says which branch decided, and what of the lead it is', () => {
		const found = waterfall(explanationOf(person, horse), [true, true]);
		expect(found.rows.map(({ branch, chosen }) => [branch, Number(chosen.value.toFixed(6))])).toEqual([
			[undefined, 0.2],
			[0, 1],
			[1, 3],
		]);
		expect(verdict(found)).toMatchObject({ kind: 'decided', branch: 1, leads: 'chosen' });
		expect(verdictText(verdict(found), 'person', 'horse', [6, 18])).toBe(
			'Rate 18 decided: +2.50, more than the 2.40 by which person leads horse.',
		);
		const turned = waterfall(explanationOf(horse, person), [true, true]);
		expect(verdictText(verdict(turned), 'horse', 'person', [12, 12])).toBe(
			'Rate 12 (2) decided: +2.50, more than the 2.40 by which person leads horse.',
		);
		const without = waterfall(explanationOf(person, horse), [true, false]);
		expect(verdict(without).kind).toBe('level');
		expect(verdictText(verdict(waterfall(explanationOf(person), [true, true])), 'person', '', [6, 18])).toBe(
			'There is only one class.',
		);
		const byBias = waterfall(explanationOf([{ bias: 1, taps: -1 }], [{ bias: 0.1, taps: -1 }]), [true]);
		expect(verdictText(verdict(byBias), 'cat', 'dog', [6])).toBe('cat leads dog by 0.90 through its bias alone.');
	});

	it('has no row of biases where they are not known apart', () => {
		const found = waterfall(explanationOf([{ bias: 0, taps: 2 }], [{ bias: 0, taps: 1 }]), [true]);
		expect(found.rows.map(({ branch }) => branch)).toEqual([0]);
		expect(found.chosen).toBe(2);
	});

	it('explains a row with the bias that its map has in it', () => {
		const explanation = explanationOf(person, horse);
		const { rows } = waterfall(explanation, [true, true]);
		const classes = ['a', 'person', 'horse'].map((name) => ({ name, color: [0, 0, 0] as const }));
		expect(rowDetail(rows[2], explanation, [6, 18], classes)).toBe(
			'rate 18: +2.50 for person over horse. With its own bias +0.10, as its map shows: +3.10 logit.',
		);
		expect(rowDetail(undefined, explanation, [6, 18], classes)).toContain('Thick');
	});

	it('has an axis of round numbers that holds zero and every step', () => {
		fc.assert(
			fc.property(
				fc.double({ min: -50, max: 0, noNaN: true }),
				fc.double({ min: 0, max: 50, noNaN: true }),
				(low, high) => {
					const [from, to] = axisEnds([low, high]);
					expect(from).toBeLessThanOrEqual(low + 1e-6);
					expect(to).toBeGreaterThanOrEqual(high - 1e-6);
					expect(from).toBeLessThanOrEqual(0);
					expect(to).toBeGreaterThanOrEqual(0);
					expect(to).toBeGreaterThan(from);
				},
			),
		);
		expect(axisEnds([-1.35, 11.54])).toEqual([-2, 12]);
		expect(axisEnds([0, 0])).toEqual([0, 1]);
	});
});

describe('switches and rates', () => {
	it('solo, all but, toggle', () => {
		const on = [true, false, true];
		expect(solo(on, 1)).toEqual([false, true, false]);
		expect(allBut(on, 1)).toEqual([true, false, true]);
		expect(toggled(on, 0)).toEqual([false, false, true]);
		expect(allOn(on)).toEqual([true, true, true]);
		expect(isSolo(solo(on, 2), 2)).toBe(true);
		expect(isAllBut(allBut(on, 2), 2)).toBe(true);
		// With one branch, on is neither.
		expect(isSolo([true], 0)).toBe(false);
	});

	it('have the paper’s presets where the head has as many branches', () => {
		const four = ratePresets([6, 12, 18, 24]);
		expect(four.map(({ rates }) => rates)).toEqual([
			[6, 12, 18, 24],
			[12, 12, 12, 12],
			[2, 4, 8, 12],
			[6, 12, 18, 24],
		]);
		expect(ratePresets([12]).map(({ rates }) => rates)).toEqual([[12], [12], undefined, undefined]);
		expect(sameRates([6, 12], [6, 12])).toBe(true);
		expect(sameRates([6, 12], [6, 12, 18])).toBe(false);
	});

	it('reads whole numbers from 1 to 36', () => {
		expect(parseRate(' 36 ')).toEqual({ kind: 'rate', rate: 36 });
		for (const text of ['0', '37', '2.5', '', 'x', '-3']) {
			expect(parseRate(text).kind).toBe('refused');
		}
		expect([0, 1, 6, 48, Number.NaN].map(hasRate)).toEqual([false, true, true, true, false]);
	});
});

describe('branches', () => {
	it('have colours by trained rate and names by rate, numbered where several share it', () => {
		expect(branchPlaces([24, 6, 12, 6])).toEqual([3, 0, 2, 1]);
		expect([0, 1, 2].map((branch) => rateName([6, 12, 12], branch))).toEqual(['6', '12 (2)', '12 (3)']);
		expect(rateList([6, 12, 18, 24])).toBe('6 / 12 / 18 / 24');
	});
});

describe('classes', () => {
	it('are listed by area, then by label, and cycled among those present', () => {
		expect(classOrder([8, 0, 99], 10)).toEqual([8, 0, 1, 2, 3, 4, 5, 6, 7, 9]);
		expect(cycledClass([8, 0, 3], 10, 8, 1)).toBe(0);
		expect(cycledClass([8, 0, 3], 10, 8, -1)).toBe(3);
		expect(cycledClass([8, 0, 3], 10, 5, 1)).toBe(8);
		expect(cycledClass([0], 3, 0, 1)).toBe(1);
		expect(cycledClass([], 1, 0, 1)).toBe(0);
	});
});

describe('keys of the side views', () => {
	const press = (key: string, more = {}) => ({
		key,
		shiftKey: false,
		ctrlKey: false,
		metaKey: false,
		altKey: false,
		...more,
	});

	it('move, solo, cycle; a field keeps its own and a slider its arrows', () => {
		expect(viewCommand(press('ArrowUp', { shiftKey: true }), 'page')).toEqual({
			kind: 'moveProbe',
			dx: 0,
			dy: -1,
			unit: 'pixel',
		});
		expect(viewCommand(press('ArrowUp'), 'slider')).toBeUndefined();
		expect(viewCommand(press('2'), 'slider')).toEqual({ kind: 'solo', branch: 1 });
		expect(viewCommand(press('0'), 'page')).toEqual({ kind: 'allOn' });
		expect(viewCommand(press('['), 'page')).toEqual({ kind: 'cycleClass', step: -1 });
		expect(viewCommand(press('2'), 'field')).toBeUndefined();
		expect(viewCommand(press(']', { ctrlKey: true }), 'page')).toBeUndefined();
		expect(viewCommand(press('x'), 'page')).toBeUndefined();
	});
});

describe('questions of which the newest matters', () => {
	it('are asked one at a time; those between are dropped, and their answers not used', async () => {
		const waiting: { readonly params: number; answer(value: string): void; refuse(): void }[] = [];
		const used: string[] = [];
		let refused = 0;
		const latest = createLatest<number, string>(
			(params) =>
				new Promise((resolve, reject) => waiting.push({ params, answer: resolve, refuse: () => reject(new Error()) })),
			(result) => used.push(result),
			() => refused++,
		);
		for (const params of [1, 2, 3, 4]) {
			latest.ask(params);
		}
		expect(waiting.map(({ params }) => params)).toEqual([1]);
		waiting[0]!.answer('one');
		await new Promise((resolve) => setTimeout(resolve));
		expect(used).toEqual([]);
		expect(waiting.map(({ params }) => params)).toEqual([1, 4]);
		waiting[1]!.answer('four');
		await new Promise((resolve) => setTimeout(resolve));
		expect(used).toEqual(['four']);
		latest.ask(5);
		waiting[2]!.refuse();
		await new Promise((resolve) => setTimeout(resolve));
		expect(refused).toBe(1);
		latest.ask(6);
		expect(waiting).toHaveLength(4);
	});
});

describe('files', () => {
	it('quote what CSV needs quoted', () => {
		const text = new TextDecoder().decode(csvBytes([['a, b', 'say "x"', 1.5, undefined], [], ['z']]));
		expect(text).toBe('"a, b","say ""x""",1.5,\r\n\r\nz\r\n');
		expect(figureName('cat.photo.png', 'branches', 'svg')).toBe('cat.photo-branches.svg');
	});

	it('group the digits of whole numbers', () => {
		expect([7, 1234, 2_137_524].map((count) => formatWhole(count).replaceAll('\u202f', ' '))).toEqual([
			'7',
			'1 234',
			'2 137 524',
		]);
	});
});
