/** A run at once: of other weights, gradually, without figures. */
import { describe, expect, it } from 'vitest';
import { createDenseCrf } from '../../../../src/core/crf/denseCrf';
import type { CrfParameters } from '../../../../src/core/crf/parameters';
import { codeOf, difference, disagreements, kernelModule, parameters, single, synthetic, threaded } from './support';

describe('a run', () => {
	const pruned = { ...parameters, pruning: 0.02 };
	const moves: readonly Partial<CrfParameters>[] = [
		{},
		{ bilateralWeight: 6 },
		{ spatialWeight: 0.5 },
		{ iterations: 2 },
		{ iterations: 1 },
		{ iterations: 5, bilateralWeight: 1 },
		{ bilateralSigmaRgb: 7 },
		{ pruning: 0.2 },
		{ pruning: 0 },
		{},
	];

	it.each([1, 2])('of other weights ends with the mask of its steps, with %i threads', async (threads) => {
		const make = () => (threads === 1 ? single() : threaded(threads));
		const [run, stepped] = [await make(), await make()];
		for (const input of [synthetic(64, 48, 21), synthetic(64, 48, 21, 5), synthetic(30, 70, 6)]) {
			for (const crf of [run, stepped]) {
				crf.setInput(input);
			}
			for (const move of moves) {
				for (const crf of [run, stepped]) {
					crf.setParameters({ ...pruned, ...move });
				}
				run.run(undefined, { measures: false });
				stepped.start();
				for (let i = 0; i < (move.iterations ?? pruned.iterations); i++) {
					stepped.step();
				}
				expect(difference(run.q(), stepped.q())).toBeLessThan(1e-5);
				expect(disagreements(run.labels(), stepped.labels())).toBe(0);
			}
		}
		for (const crf of [run, stepped]) {
			crf.dispose();
		}
	});

	it('goes on step by step as if it had come there so', async () => {
		const [run, stepped] = [await single(), await single()];
		for (const crf of [run, stepped]) {
			crf.setInput(synthetic(40, 30, 21));
			crf.setParameters(pruned);
		}
		run.run(3, { measures: false });
		const unmeasured = run.step({ measures: false });
		const measured = run.step();
		stepped.start();
		const steps = Array.from({ length: 5 }, () => stepped.step());
		expect([unmeasured.iteration, measured.iteration]).toEqual([4, 5]);
		expect([unmeasured.meanEntropy, unmeasured.klDivergence, measured.klDivergence]).toEqual([
			Number.NaN,
			Number.NaN,
			Number.NaN,
		]);
		expect(measured.meanEntropy).toBeCloseTo(steps[4]!.meanEntropy, 6);
		expect(disagreements(run.labels(), stepped.labels())).toBe(0);
		expect(difference(run.messagesAt(615).bilateral, stepped.messagesAt(615).bilateral)).toBeLessThan(1e-5);
		run.step();
		expect(run.step().stepDivergence).toBeGreaterThanOrEqual(0);
	});

	it('without its entropies gives none', async () => {
		const crf = await single();
		crf.setInput(synthetic(20, 10, 4));
		expect(crf.run(2, { measures: false }).meanEntropy).toBeNaN();
		expect(codeOf(() => crf.entropyMap())).toBe('crf.badInput');
		crf.run(2);
		expect(crf.entropyMap()).toHaveLength(200);
	});

	it('that is left after an iteration leaves nothing to go on from, and the next is as ever', async () => {
		const [left, whole] = [await single(), await single()];
		for (const crf of [left, whole]) {
			crf.setInput(synthetic(40, 30, 21));
			crf.setParameters(pruned);
		}
		whole.run();
		for (const stop of [1, 2, 3]) {
			const running = left.runGradually();
			for (let i = 0; i < stop; i++) {
				expect(running.next().done).toBe(false);
			}
			expect(codeOf(() => left.labels())).toBe('crf.badInput');
			left.run();
			expect(difference(left.q(), whole.q())).toBe(0);
		}
	});

	it('fits where a memory is too small for what it would put away', async () => {
		const input = synthetic(200, 150, 21);
		const roomy = await single();
		roomy.setInput(input);
		roomy.setParameters({ ...parameters, pruning: 0 });
		roomy.run(1);
		const tight = await createDenseCrf(kernelModule('dense-crf.wasm'), { memoryLimit: roomy.memoryBytes });
		tight.setInput(input);
		tight.setParameters({ ...parameters, pruning: 0 });
		roomy.run();
		for (let i = 0; i < 2; i++) {
			tight.run();
			expect(difference(tight.q(), roomy.q())).toBe(0);
		}
		expect(roomy.memoryBytes).toBeGreaterThan(tight.memoryBytes);
	});
});
