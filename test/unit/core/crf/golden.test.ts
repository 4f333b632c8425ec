/** Against pydensecrf's own results. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeNpz } from '../../../../src/core/checkpoint/npz';
import type { PairwiseTerm } from '../../../../src/core/crf/pairwise';
import { defaultPruning } from '../../../../src/core/crf/parameters';
import { unaryFromLabels, unaryFromProbabilities } from '../../../../src/core/crf/unary';
import {
	argmax,
	difference,
	disagreements,
	goldenFolder,
	hasGoldens,
	type SmallCase,
	settings,
	single,
	smallCase,
} from './support';

const tolerance = 1e-5;

function expectSame(actual: Float32Array, expected: Float32Array, pixels: number): void {
	expect(difference(actual, expected)).toBeLessThanOrEqual(tolerance);
	expect(disagreements(argmax(actual, pixels), argmax(expected, pixels))).toBe(0);
}

const grid = (sigma: readonly number[], weight: number): PairwiseTerm => ({
	features: { kind: 'grid' },
	sigma,
	normalization: 'symmetric',
	compatibility: weight,
});
const rgb = (sigma: readonly number[], compatibility: number | Float32Array): PairwiseTerm => ({
	features: { kind: 'gridRgb' },
	sigma,
	normalization: 'symmetric',
	compatibility,
});

describe.each(['a', 'b', 'c', 'e'])('small case %s', (name) => {
	const found = smallCase(name);
	const test = it.skipIf(!found);
	const golden = found as SmallCase;
	const pixels = found ? found.width * found.height : 0;

	test.each(['A', 'B'] as const)('%s: Q and labels after 0, 1, 2, 5 and 10 iterations', async (set) => {
		const crf = await single();
		crf.setInput(golden);
		crf.setParameters(settings[set]);
		crf.start();
		for (let iteration = 0; iteration <= 10; iteration++) {
			if (iteration > 0) {
				expect(crf.step().iteration).toBe(iteration);
			}
			if ([0, 1, 2, 5, 10].includes(iteration)) {
				const expected = golden.array(`${set}_Q${iteration}`);
				expectSame(crf.q(), expected, pixels);
				expect(disagreements(crf.labels(), argmax(expected, pixels))).toBe(0);
			}
		}
		crf.run(10);
		expectSame(crf.q(), golden.array(`${set}_Q10`), pixels);
	});

	test('KL divergence after every step', async () => {
		const crf = await single();
		crf.setInput(golden);
		crf.setParameters(settings.A);
		crf.start();
		for (const expected of golden.array('A_kl')) {
			// The reference sums float32 messages in an order of its own.
			expect(Math.abs(crf.step().klDivergence / expected - 1)).toBeLessThan(1e-6);
		}
	});

	test.each(['none', 'before', 'after'] as const)('normalisation %s', async (normalization) => {
		const crf = await single();
		crf.setInput(golden);
		crf.setParameters({ ...settings.A, normalization });
		crf.run(5);
		expectSame(crf.q(), golden.array(`A_${normalization === 'none' ? 'no' : normalization}_Q5`), pixels);
	});

	test('compatibilities: a vector in one term, a matrix in the other', async () => {
		const crf = await single();
		crf.setInput(golden);
		crf.setPairwise([
			{ ...grid([3, 3], 0), compatibility: golden.array('compat_vec') },
			rgb([80, 80, 13, 13, 13], golden.array('compat_mat')),
		]);
		crf.run(5);
		expectSame(crf.q(), golden.array('compat_Q5'), pixels);
	});

	test('a sigma for each channel', async () => {
		const crf = await single();
		crf.setInput(golden);
		crf.setPairwise([grid([2, 5], 3), rgb([40, 70, 8, 13, 20], 10)]);
		crf.run(5);
		expectSame(crf.q(), golden.array('aniso_Q5'), pixels);
	});

	test.each([
		['gray', 3],
		['d7', 7],
	] as const)('%s: any %i features', async (key, dimensions) => {
		const crf = await single();
		crf.setInput(golden);
		const features = { kind: 'features', dimensions, data: golden.array(`${key}_feats`) } as const;
		const sigma = Array<number>(dimensions).fill(1);
		crf.setPairwise([{ features, sigma, normalization: 'symmetric', compatibility: 6 }]);
		crf.run(5);
		expectSame(crf.q(), golden.array(`${key}_Q5`), pixels);
	});

	test('unaries from labels and from probabilities', () => {
		expect(difference(unaryFromProbabilities(golden.array('probs')), golden.unary)).toBeLessThan(1e-6);
		const unary = unaryFromLabels(golden.array('labels'), golden.classes, 0.7, true);
		expect(difference(unary, golden.array('unary_from_labels'))).toBeLessThan(1e-6);
	});
});

describe.skipIf(!hasGoldens).each(['rbird', 'rcity'])('%s, a network’s scores of a photograph', (name) => {
	const load = (size: number) => {
		const arrays = decodeNpz(readFileSync(path.join(goldenFolder, `${name}-${size}.npz`)));
		const unary = arrays.unary!.data as Float32Array;
		const input = { width: size, height: size, classes: 21, unary, rgb: arrays.image!.data as Uint8Array };
		return { arrays, input };
	};

	it('321: Q exact', async () => {
		const { arrays, input } = load(321);
		const crf = await single();
		crf.setInput(input);
		for (const set of ['A', 'B'] as const) {
			crf.setParameters(settings[set]);
			crf.run(10);
			const expected = arrays[`${set}_Q10`]!.data as Float32Array;
			expectSame(crf.q(), expected, 321 * 321);
			crf.setParameters({ ...settings[set], pruning: defaultPruning });
			crf.run(10);
			expect(difference(crf.q(), expected)).toBeLessThanOrEqual(5e-5);
		}
	});

	it('513: labels exact, and pruned to 99.99 %', async () => {
		const { arrays, input } = load(513);
		const crf = await single();
		crf.setInput(input);
		for (const set of ['A', 'B'] as const) {
			const expected = arrays[`${set}_Q10_labels`]!.data as Uint8Array;
			crf.setParameters(settings[set]);
			crf.run(10);
			expect(disagreements(crf.labels(), expected)).toBe(0);
			crf.setParameters({ ...settings[set], pruning: defaultPruning });
			crf.run(10);
			expect(disagreements(crf.labels(), expected)).toBeLessThanOrEqual(513 * 513 * 1e-4);
		}
	});
});
