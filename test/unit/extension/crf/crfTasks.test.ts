import { describe, expect, test } from 'vitest';
import { defaultCrfParameters } from '../../../../src/core/crf/parameters';
import {
	type CrfSituation,
	nextTask,
	sameIterations,
	settingsKey,
	taskKey,
} from '../../../../src/extension/crf/crfTasks';
import type { CrfSettings } from '../../../../src/shared/protocol/crf';

const settings: CrfSettings = { parameters: { ...defaultCrfParameters, iterations: 3 }, resolution: 'picture' };
const other: CrfSettings = { ...settings, resolution: 'network' };

const situation = (changes: Partial<CrfSituation> = {}): CrfSituation => ({
	wanted: true,
	looked: true,
	entropy: false,
	settings,
	held: { settings, iterations: [0, 1, 2, 3] },
	ahead: undefined,
	iteration: undefined,
	probe: undefined,
	ties: undefined,
	done: new Set(),
	...changes,
});

describe('nextTask', () => {
	test('is nothing where all is there, or nobody looks', () => {
		expect(nextTask(situation())).toBeUndefined();
		expect(nextTask(situation({ wanted: false, held: undefined }))).toBeUndefined();
	});

	test('is the mask where there is nothing, or something of other settings; then all it came from', () => {
		const mask = { kind: 'mask', settings, iteration: 3, entropy: false };
		expect(nextTask(situation({ held: undefined }))).toEqual(mask);
		expect(nextTask(situation({ settings: other, entropy: true }))).toEqual({
			...mask,
			settings: other,
			entropy: true,
		});
		expect(nextTask(situation({ held: undefined, iteration: 1 }))).toEqual({ ...mask, iteration: 1 });
		const ahead = { settings: other, iteration: 3 };
		expect(nextTask(situation({ settings: other, ahead }))).toEqual({ kind: 'refine', settings: other });
		expect(nextTask(situation({ settings: other, ahead, iteration: 2 }))).toMatchObject({ kind: 'mask', iteration: 2 });
		expect(nextTask(situation({ held: undefined, ahead }))).toEqual(mask);
	});

	test('is no mask where nobody looks, but somebody waits', () => {
		expect(nextTask(situation({ held: undefined, looked: false }))).toEqual({ kind: 'refine', settings });
	});

	test('refines for an iteration that is not held', () => {
		const held = { settings, iterations: [3] };
		expect(nextTask(situation({ held }))).toBeUndefined();
		expect(nextTask(situation({ held, iteration: 3 }))).toBeUndefined();
		expect(nextTask(situation({ held, iteration: 2 }))).toMatchObject({ kind: 'mask', iteration: 2 });
		const ahead = { settings, iteration: 2 };
		expect(nextTask(situation({ held, iteration: 2, ahead }))).toMatchObject({ kind: 'refine' });
	});

	test('refines before it probes', () => {
		const probe = { x: 1, y: 2 };
		expect(nextTask(situation({ settings: other, probe, looked: false }))).toMatchObject({ kind: 'refine' });
		expect(nextTask(situation({ probe, iteration: 2 }))).toEqual({ kind: 'probe', settings, iteration: 2, x: 1, y: 2 });
		expect(nextTask(situation({ probe, iteration: 99 }))).toMatchObject({ kind: 'probe', iteration: 3 });
	});

	test('does not try again what is done or given up', () => {
		const probe = { x: 1, y: 2 };
		const probing = nextTask(situation({ probe }))!;
		const ties = nextTask(situation({ probe, ties: 'spatial', done: new Set([taskKey(probing)]) }))!;
		expect(ties).toEqual({ kind: 'ties', settings, kernel: 'spatial', x: 1, y: 2 });
		const done = new Set([taskKey(probing), taskKey(ties)]);
		expect(nextTask(situation({ probe, ties: 'spatial', done }))).toBeUndefined();
		const failed = new Set([
			taskKey({ kind: 'refine', settings: other }),
			taskKey({ kind: 'mask', settings: other, iteration: 3, entropy: true }),
		]);
		expect(nextTask(situation({ settings: other, done: failed }))).toBeUndefined();
	});

	test('draws no ties without a probe pixel', () => {
		expect(nextTask(situation({ ties: 'bilateral' }))).toBeUndefined();
	});
});

test('sameIterations is of settings that differ in their number alone', () => {
	const iterations = (count: number, from = settings) => ({
		...from,
		parameters: { ...from.parameters, iterations: count },
	});
	expect(sameIterations(settings, iterations(9))).toBe(true);
	expect(sameIterations(iterations(9), settings)).toBe(true);
	expect(sameIterations(settings, iterations(3, other))).toBe(false);
});

test('settingsKey does not depend on the order of the fields', () => {
	const turned = Object.fromEntries(
		Object.entries(settings.parameters).reverse(),
	) as unknown as typeof settings.parameters;
	expect(settingsKey({ resolution: 'picture', parameters: turned })).toBe(settingsKey(settings));
	expect(settingsKey(other)).not.toBe(settingsKey(settings));
});
