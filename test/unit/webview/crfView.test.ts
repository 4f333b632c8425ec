import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { crfBounds, crfPresets } from '../../../src/core/crf/parameters';
import type { CrfPresetItem, CrfProbe, CrfStepFigures } from '../../../src/shared/protocol/crf';
import { chartRows, iterationTicks, nearestIteration } from '../../../src/webview/crf/chartData';
import { complaint, meaningOf } from '../../../src/webview/crf/meaningText';
import { settling, staleness } from '../../../src/webview/crf/outcomeData';
import { largestTerm, probeLines, verdict } from '../../../src/webview/crf/probeData';
import {
	crfGrid,
	matchPreset,
	type NumberName,
	parseNumber,
	sameSettings,
	searchedRanges,
	sigmaReach,
	sliderStops,
	steppedStop,
	stopAt,
	stopPosition,
	tiedColors,
} from '../../../src/webview/crf/settingsData';
import { changeBars, largestChanges } from '../../../src/webview/shared/changesData';
import { createDraft } from '../../../src/webview/shared/draft';
import {
	formatNats,
	formatNumber,
	formatPixels,
	formatSigned,
	formatSignedCount,
} from '../../../src/webview/shared/format';

const names = Object.keys(sliderStops) as readonly NumberName[];
const parameters = crfPresets.find(({ id }) => id === 'deeplabv2')!.parameters;
const geometry = {
	pictureWidth: 1026,
	pictureHeight: 600,
	resizedWidth: 513,
	resizedHeight: 300,
	inputWidth: 513,
	inputHeight: 305,
	gridWidth: 65,
	gridHeight: 39,
	alignCorners: true,
};

describe('slider stops', () => {
	it('rise within the bounds, and hold what the paper searched and the presets have', () => {
		for (const name of names) {
			const stops = sliderStops[name];
			const [low, high] = crfBounds[name];
			expect(stops.every((stop, index) => stop >= low && stop <= high && !(stop <= stops[index - 1]!))).toBe(true);
			for (const value of [...(searchedRanges[name] ?? []), ...crfPresets.map((preset) => preset.parameters[name])]) {
				expect(stops).toContain(value);
			}
		}
	});

	it('have a place for every value, and the place leads back', () => {
		fc.assert(
			fc.property(fc.constantFrom(...names), fc.double({ min: 0, max: 10_000, noNaN: true }), (name, value) => {
				const stops = sliderStops[name];
				const position = stopPosition(stops, value);
				expect(position).toBeGreaterThanOrEqual(0);
				expect(position).toBeLessThanOrEqual(stops.length - 1);
				const index = Math.round(position);
				expect(stopPosition(stops, stopAt(stops, index))).toBe(index);
			}),
		);
	});

	it('are stepped through by key, from between two to the next', () => {
		const stops = [1, 2, 3, 5, 8];
		expect(steppedStop(stops, 3, 'ArrowRight')).toBe(5);
		expect(steppedStop(stops, 4, 'ArrowRight')).toBe(5);
		expect(steppedStop(stops, 4, 'ArrowLeft')).toBe(3);
		expect(steppedStop(stops, 100, 'ArrowDown')).toBe(5);
		expect(steppedStop(stops, 100, 'ArrowUp')).toBe(8);
		expect(steppedStop(stops, 0.2, 'ArrowLeft')).toBe(1);
		expect(steppedStop(stops, 3, 'Home')).toBe(1);
		expect(steppedStop(stops, 3, 'PageUp')).toBe(8);
		expect(steppedStop(stops, 3, 'Enter')).toBeUndefined();
	});
});

describe('typed numbers', () => {
	it('are read with point or comma, and checked', () => {
		expect(parseNumber('bilateralSigmaXy', ' 67,5 ')).toEqual({ kind: 'value', value: 67.5 });
		expect(parseNumber('iterations', '10')).toEqual({ kind: 'value', value: 10 });
		expect(parseNumber('iterations', '2.5')).toEqual({ kind: 'notWhole' });
		expect(parseNumber('spatialSigma', '0')).toEqual({ kind: 'outside', low: 0.1, high: 10_000 });
		for (const text of ['', 'x', '1e999', 'NaN', '1;2']) {
			expect(parseNumber('spatialSigma', text)).toEqual({ kind: 'noNumber' });
		}
	});

	it('are refused in a sentence', () => {
		expect(complaint({ kind: 'value', value: 1 })).toBeUndefined();
		expect(complaint({ kind: 'outside', low: 0.1, high: 100 })).toBe('Choose a number from 0.1 to 100.');
		expect(complaint({ kind: 'noNumber' })).not.toBe('');
		expect(complaint({ kind: 'notWhole' })).not.toBe('');
	});
});

describe('presets', () => {
	const presets: readonly CrfPresetItem[] = [
		...crfPresets.map((preset) => ({ ...preset, own: false })),
		{ id: 'mine', name: 'Mine', own: true, parameters: { ...parameters, pruning: 0 } },
	];

	it('match all their numbers; pruning decides between two that are else alike', () => {
		expect(matchPreset(presets, parameters)?.id).toBe('deeplabv2');
		expect(matchPreset(presets, { ...parameters, pruning: 0 })?.id).toBe('mine');
		expect(matchPreset(presets, { ...parameters, pruning: 0.01 })?.id).toBe('deeplabv2');
		expect(matchPreset(presets, { ...parameters, spatialSigma: 2 })).toBeUndefined();
		expect(matchPreset(presets, { ...parameters, normalization: 'after' })).toBeUndefined();
	});

	it('are the same settings at the same size only', () => {
		const settings = { parameters, resolution: 'network' } as const;
		expect(sameSettings(settings, { parameters: { ...parameters }, resolution: 'network' })).toBe(true);
		expect(sameSettings(settings, { ...settings, resolution: 'picture' })).toBe(false);
	});
});

describe('a σ in the picture', () => {
	it('is scaled where the CRF runs at the network’s size', () => {
		expect(crfGrid('network', geometry)).toEqual({ width: 513, height: 300 });
		expect(sigmaReach(49, 'network', geometry)).toEqual({ pixels: 98, share: 196 / 1026, scaled: true });
		expect(sigmaReach(49, 'picture', geometry)).toEqual({ pixels: 49, share: 98 / 1026, scaled: false });
	});

	it('is said in the picture’s units', () => {
		expect(meaningOf('bilateralSigmaXy', { parameters, resolution: 'picture' }, geometry)).toBe(
			'Pulls together pixels of similar colour up to about 98 px apart (2σ), 9.6 % of the width.',
		);
		expect(meaningOf('spatialSigma', { parameters, resolution: 'network' }, geometry)).toBe(
			'6 px of the picture. Smooths over about 12 px (2σ), 1.2 % of the width.',
		);
		for (const name of names) {
			expect(meaningOf(name, { parameters, resolution: 'picture' }, geometry)).toMatch(/\.$/);
			expect(meaningOf(name, { parameters: { ...parameters, [name]: 0 }, resolution: 'picture' }, geometry)).toMatch(
				/\.$/,
			);
		}
	});

	it('of colours ties the pixel’s own most, and both sides alike', () => {
		const colors = tiedColors([100, 250, 4], 5, 60, 41);
		expect(colors).toHaveLength(41);
		expect(colors[20]).toEqual({ distance: 0, color: [100, 250, 4], tie: 1 });
		expect(colors[0]?.distance).toBe(-60);
		expect(colors[40]?.color[1]).toBe(255);
		expect(colors[0]?.color[2]).toBe(0);
		for (const [index, { tie }] of colors.entries()) {
			expect(tie).toBeCloseTo(colors[40 - index]!.tie, 12);
		}
		// One σ off, exp(−1/2).
		expect(tiedColors([0, 0, 0], 5, 5, 3)[2]?.tie).toBeCloseTo(Math.exp(-0.5), 12);
	});
});

const step = (iteration: number, changedPixels: number): CrfStepFigures => ({
	iteration,
	changedPixels,
	meanEntropy: 0.27 - iteration * 0.02,
	klDivergence: iteration === 0 ? 0 : 0.06 / iteration,
	activeClasses: 2,
	milliseconds: 10,
});

describe('the result', () => {
	it('settles with the last iteration that changes enough', () => {
		const steps = [step(0, 0), step(1, 900), step(2, 50), step(3, 9), step(4, 12), step(5, 3)];
		expect(settling(steps, 100_000)).toEqual({ kind: 'settled', iteration: 5 });
		expect(settling(steps.slice(0, 5), 100_000)).toEqual({ kind: 'moving', share: 12 / 100_000 });
		expect(settling(steps, 10_000_000)).toEqual({ kind: 'settled', iteration: 1 });
		expect(settling(steps.slice(0, 1), 100_000)).toEqual({ kind: 'none' });
		expect(settling([], 100_000)).toEqual({ kind: 'none' });
	});

	it('is stale while it is of other settings, for a reason', () => {
		const settings = { parameters, resolution: 'picture' } as const;
		const others = { ...settings, resolution: 'network' } as const;
		const running = { kind: 'running', stage: 'iterations', since: 0, iteration: 1 } as const;
		expect(staleness(settings, settings, running)).toBeUndefined();
		expect(staleness(settings, others, running)).toBe('running');
		expect(staleness(settings, others, { kind: 'failed', message: 'x' })).toBe('failed');
		expect(staleness(settings, others, { kind: 'idle' })).toBe('stopped');
		expect(staleness(settings, others, { kind: 'pending' })).toBe('running');
	});

	it('has bars for the classes that changed, on one scale', () => {
		const change = (label: number, gained: number, lost: number) => ({ label, before: 0, after: 0, gained, lost });
		const bars = changeBars([change(3, 10, 40), change(1, 0, 0), change(2, 20, 0)]);
		expect(bars.map(({ label, gainedLength, lostLength }) => [label, gainedLength, lostLength])).toEqual([
			[3, 0.25, 1],
			[2, 0.5, 0],
		]);
		expect(changeBars([])).toEqual([]);
		const many = changeBars([change(1, 1, 0), change(2, 9, 0), change(3, 5, 5)]);
		expect(largestChanges(many, 2).map(({ label }) => label)).toEqual([2, 3]);
	});
});

describe('the chart', () => {
	it('has an axis from zero to a round number that holds all values', () => {
		const rows = chartRows([step(0, 0), step(1, 3788), step(2, 1300)]);
		expect(rows.map(({ key, values, top }) => [key, values[0], top])).toEqual([
			['changed', undefined, 4000],
			['entropy', 0.27, 0.3],
			['divergence', undefined, 0.06],
		]);
		expect(chartRows([step(0, 0)]).map(({ top }) => top)).toEqual([1, 0.3, 1]);
		expect(chartRows([]).every(({ top, values }) => top === 1 && values.length === 0)).toBe(true);
	});

	it('numbers as many iterations as fit, the first and the last among them', () => {
		expect(iterationTicks(10, 300)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		expect(iterationTicks(10, 200)).toEqual([0, 2, 4, 6, 8, 10]);
		expect(iterationTicks(11, 200)).toEqual([0, 2, 4, 6, 8, 10, 11]);
		expect(iterationTicks(21, 200)).toEqual([0, 5, 10, 15, 21]);
		expect(iterationTicks(0, 200)).toEqual([0]);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 60, max: 600 }), (last, width) => {
				const ticks = iterationTicks(last, width);
				expect([ticks[0], ticks.at(-1)]).toEqual([0, last]);
				expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
			}),
		);
	});

	it('finds the iteration under the pointer', () => {
		expect(nearestIteration(76, 60, 260, 10)).toBe(1);
		expect(nearestIteration(-5, 60, 260, 10)).toBe(0);
		expect(nearestIteration(999, 60, 260, 10)).toBe(10);
		expect(nearestIteration(70, 60, 60, 10)).toBe(0);
	});
});

describe('the probe', () => {
	const entry = (label: number, unary: number, bilateral: number, spatial: number, q: number) => ({
		label,
		unary,
		bilateral,
		spatial,
		q,
	});
	const probe: CrfProbe = {
		x: 1,
		y: 2,
		iteration: 3,
		color: [1, 2, 3],
		classes: [entry(0, 5, 0, 0.1, 0.01), entry(1, 0.5, 0.9, 1.3, 0.2), entry(2, 0.9, 2.6, 1.4, 0.79)],
	};

	it('lists the terms of the classes with the largest Q', () => {
		const lines = probeLines(probe, 2);
		expect(lines.map(({ label }) => label)).toEqual([2, 1]);
		expect(lines[0]).toMatchObject({ network: -0.9, bilateral: 2.6, spatial: 1.4, q: 0.79 });
		expect(lines[0]?.score).toBeCloseTo(3.1, 12);
		expect(largestTerm(probeLines(probe, 3))).toBe(5);
		expect(largestTerm([])).toBeGreaterThan(0);
	});

	it('is won by the term that gives most, be it against the network', () => {
		const found = verdict(probe);
		expect(found).toMatchObject({ winner: 2, runnerUp: 1, decisive: 'bilateral', networkChoice: 1 });
		expect(found?.lead).toBeCloseTo(1.4, 12);
		expect(found && found.terms.network + found.terms.bilateral + found.terms.spatial).toBeCloseTo(1.4, 12);
		expect(verdict({ ...probe, classes: probe.classes.slice(0, 1) })).toBeUndefined();
		const start = [entry(0, 0.1, 0, 0, 0.9), entry(1, 2.3, 0, 0, 0.1)];
		expect(verdict({ ...probe, classes: start })).toMatchObject({ decisive: 'network', networkChoice: undefined });
	});
});

describe('a draft', () => {
	const setUp = (send: (value: number) => Promise<unknown> = () => Promise.resolve()) => {
		const frames: (() => void)[] = [];
		const sent = vi.fn(send);
		const refused = vi.fn();
		const draft = createDraft<number>(sent, refused, (callback) => frames.push(callback));
		return { draft, sent, refused, frame: () => frames.splice(0).forEach((callback) => void callback()) };
	};
	const settle = () => new Promise((resolve) => setTimeout(resolve));

	it('holds and is sent at once, what follows in the frame once with the next', () => {
		const { draft, sent, frame } = setUp();
		expect([draft.value(1), draft.ahead()]).toEqual([1, false]);
		draft.set(2);
		expect(sent.mock.calls).toEqual([[2]]);
		draft.set(3);
		draft.set(4);
		expect([draft.value(1), draft.ahead()]).toEqual([4, true]);
		expect(sent.mock.calls).toEqual([[2]]);
		frame();
		expect(sent.mock.calls).toEqual([[2], [4]]);
		draft.set(5);
		frame();
		expect(sent.mock.calls).toEqual([[2], [4], [5]]);
		frame();
		draft.set(6);
		expect(sent).toHaveBeenCalledTimes(4);
	});

	it('holds until the host had it and spoke again', async () => {
		const { draft, frame } = setUp();
		draft.set(2);
		draft.heard();
		expect(draft.value(1)).toBe(2);
		draft.set(3);
		await settle();
		// The host has had the first one alone.
		draft.heard();
		expect(draft.value(1)).toBe(3);
		frame();
		draft.heard();
		expect(draft.value(1)).toBe(3);
		await settle();
		expect(draft.value(1)).toBe(3);
		draft.heard();
		expect(draft.value(1)).toBe(1);
	});

	it('gives way to the host where it is refused', async () => {
		const { draft, refused, frame } = setUp(() => Promise.reject(new Error('no')));
		draft.set(2);
		frame();
		await settle();
		expect(draft.value(1)).toBe(1);
		expect(refused).toHaveBeenCalledOnce();
	});

	it('is forgotten with its run', async () => {
		const { draft, refused, frame } = setUp(() => Promise.reject(new Error('no')));
		draft.set(2);
		frame();
		draft.reset();
		expect(draft.value(1)).toBe(1);
		await settle();
		expect(refused).not.toHaveBeenCalled();
	});
});

it('numbers are short, with sign and unit', () => {
	expect([0.05, 3.5, 49, 99.95, 1234.5].map(formatNumber)).toEqual(['0.05', '3.5', '49', '100', '1235']);
	expect(formatPixels(0.1)).toBe('0.1 px');
	expect([1234, -310, 0].map(formatSignedCount)).toEqual(['+1.2 k', '−310', '0']);
	expect([1.239, -0.311, 0.001, -0.004].map((value) => formatSigned(value))).toEqual([
		'+1.24',
		'−0.31',
		'0.00',
		'0.00',
	]);
	expect([0, 0.0001, 0.1421].map(formatNats)).toEqual(['0.000 nats', '< 0.001 nats', '0.142 nats']);
});
