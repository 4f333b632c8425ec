/** The dense CRF at the ends of what it takes: sizes, inputs and parameters that cannot be used, threads. */
import { describe, expect, it } from 'vitest';
import { createDenseCrf, type DenseCrf } from '../../../../src/core/crf/denseCrf';
import {
	argmax,
	codeOf,
	difference,
	disagreements,
	kernelModule,
	parameters,
	single,
	sumError,
	synthetic,
	termsOf,
	threaded,
} from './support';

describe('sizes', () => {
	it.each([
		[1, 1, 1],
		[1, 1, 21],
		[1, 37, 3],
		[50, 1, 3],
		[9, 8, 255],
		[3, 2, 182],
	])('%i x %i with %i classes', async (width, height, classes) => {
		const crf = await single();
		crf.setInput(synthetic(width, height, classes));
		crf.setParameters({ ...parameters, spatialSigma: 1 });
		crf.run();
		expect(sumError(crf.q(), classes)).toBeLessThan(1e-5);
		expect(disagreements(crf.labels(), argmax(crf.q(), width * height))).toBe(0);
	});

	it('one class has Q = 1 everywhere', async () => {
		const crf = await single();
		crf.setInput(synthetic(6, 5, 1));
		const step = crf.run();
		expect(step.meanEntropy).toBe(0);
		expect(new Set(crf.q())).toEqual(new Set([1]));
	});
});

describe('what cannot be used', () => {
	async function expectUsable(crf: DenseCrf): Promise<void> {
		const input = synthetic(20, 10, 5);
		const fresh = await single();
		for (const each of [crf, fresh]) {
			each.setInput(input);
			each.setParameters(parameters);
			each.run();
		}
		expect(difference(crf.q(), fresh.q())).toBe(0);
	}

	it('inputs', async () => {
		const crf = await single();
		expect(codeOf(() => crf.run())).toBe('crf.badInput');
		expect(codeOf(() => crf.labels())).toBe('crf.badInput');
		const good = synthetic(8, 6, 3);
		for (const bad of [
			{ ...good, width: 7 },
			{ ...good, height: 0 },
			{ ...good, width: Number.NaN },
			{ ...good, classes: 4 },
			{ ...good, classes: 0 },
			{ ...synthetic(2, 2, 256) },
			{ ...good, rgb: new Uint8Array(5) },
			{ ...good, unary: good.unary.with(17, Number.NaN) },
			{ ...good, unary: good.unary.with(143, Number.POSITIVE_INFINITY) },
			{ ...good, unary: good.unary.with(0, Number.NEGATIVE_INFINITY) },
		]) {
			expect(codeOf(() => crf.setInput(bad))).toBe('crf.badInput');
			expect(codeOf(() => crf.run())).toBe('crf.badInput');
		}
		await expectUsable(crf);
		expect(codeOf(() => crf.probability(5))).toBe('crf.badInput');
		expect(codeOf(() => crf.messagesAt(200))).toBe('crf.badInput');
		expect(codeOf(() => crf.tieMap('spatial', -1))).toBe('crf.badInput');
	});

	it('parameters', async () => {
		const crf = await single();
		crf.setInput(synthetic(20, 10, 5));
		for (const bad of [
			{ spatialSigma: 0 },
			{ spatialSigma: -1 },
			{ bilateralSigmaXy: Number.NaN },
			{ bilateralSigmaRgb: Number.POSITIVE_INFINITY },
			{ bilateralSigmaRgb: 1e30 },
			{ spatialWeight: Number.NaN },
			{ bilateralWeight: 1e9 },
			{ iterations: -1 },
			{ iterations: 1.5 },
			{ iterations: 1e9 },
			{ pruning: 1 },
			{ pruning: -0.1 },
		]) {
			expect(codeOf(() => crf.setParameters({ ...parameters, ...bad }))).toBe('crf.badParameter');
		}
		const unknown = { ...parameters, normalization: 'both' as 'after' };
		expect(codeOf(() => crf.setParameters(unknown))).toBe('crf.badInput');
		await expectUsable(crf);
	});

	it('a sigma too small for the keys, after one that needs wide ones', async () => {
		const crf = await single();
		crf.setInput(synthetic(60, 40, 3));
		crf.setPairwise(termsOf({ bilateralSigmaXy: 0.05, bilateralSigmaRgb: 0.05 }));
		crf.run();
		expect(sumError(crf.q(), 3)).toBeLessThan(1e-5);
		crf.setPairwise(termsOf({ bilateralSigmaRgb: 1e-5 }));
		expect(codeOf(() => crf.run())).toBe('crf.tooLarge');
		crf.setPairwise(termsOf({ spatialSigma: 1e-6 }));
		expect(codeOf(() => crf.start())).toBe('crf.tooLarge');
		await expectUsable(crf);
	});

	it('large sigmas and weights', async () => {
		const crf = await single();
		crf.setInput(synthetic(33, 21, 5));
		crf.setPairwise(termsOf({ spatialSigma: 1e6, bilateralSigmaXy: 1e6, bilateralSigmaRgb: 1e6 }));
		crf.run();
		expect(sumError(crf.q(), 5)).toBeLessThan(1e-5);
		crf.setPairwise(termsOf({ spatialWeight: 1e4, bilateralWeight: -1e4 }));
		crf.run();
		expect(sumError(crf.q(), 5)).toBeLessThan(1e-5);
	});

	it('more terms than there is room for', async () => {
		const crf = await single();
		crf.setInput(synthetic(8, 6, 3));
		const [, spatial] = termsOf({});
		const terms = Array.from({ length: 257 }, () => ({ ...spatial!, compatibility: 1e-3 }));
		expect(codeOf(() => crf.setPairwise(terms))).toBe('crf.badInput');
		crf.setPairwise(terms.slice(1));
		crf.run(2);
		const q = crf.q();
		crf.setPairwise([{ ...spatial!, compatibility: 0.256 }]);
		crf.run(2);
		expect(difference(crf.q(), q)).toBeLessThan(1e-5);
	});

	it('terms', async () => {
		const crf = await single();
		crf.setInput(synthetic(20, 10, 5));
		const term = { features: { kind: 'grid' }, sigma: [3, 3], normalization: 'symmetric', compatibility: 3 } as const;
		const data = new Float32Array(400);
		expect(codeOf(() => crf.setPairwise([{ ...term, sigma: [3] }]))).toBe('crf.badInput');
		expect(codeOf(() => crf.setPairwise([{ ...term, sigma: [3, 0] }]))).toBe('crf.badInput');
		const features = { kind: 'features', dimensions: 13, data } as const;
		expect(codeOf(() => crf.setPairwise([{ ...term, features }]))).toBe('crf.badInput');
		crf.setPairwise([{ ...term, features: { kind: 'features', dimensions: 2, data: data.subarray(1) } }]);
		expect(codeOf(() => crf.run())).toBe('crf.badInput');
		crf.setPairwise([{ ...term, compatibility: new Float32Array(4) }]);
		expect(codeOf(() => crf.run())).toBe('crf.badInput');
		await expectUsable(crf);
	});

	it('more memory than there is', async () => {
		const crf = await createDenseCrf(kernelModule('dense-crf.wasm'), { memoryLimit: 8 * 2 ** 20 });
		let failures = 0;
		for (let size = 40; size < 400; size += 30) {
			const input = synthetic(size, size, 8);
			const code = codeOf(() => {
				crf.setInput(input);
				crf.setParameters({ ...parameters, bilateralSigmaRgb: 3, pruning: 1e-3 });
				crf.run();
				crf.step();
				crf.tieMap('bilateral', 0);
			});
			failures += code === 'crf.tooLarge' ? 1 : 0;
			expect(code === undefined || code === 'crf.tooLarge').toBe(true);
			expect(crf.memoryBytes).toBeLessThanOrEqual(8 * 2 ** 20);
		}
		expect(failures).toBeGreaterThan(3);
		await expectUsable(crf);
	});
});

describe('threads', () => {
	it.each([2, 3, 4])('%i give what one gives', async (threads) => {
		const [one, many] = [await single(), await threaded(threads)];
		for (const [width, height, classes] of [
			[61, 47, 21],
			[5, 1, 3],
			[1, 1, 2],
			[40, 30, 40],
		] as const) {
			const input = synthetic(width, height, classes);
			for (const pruning of [0, 1e-3]) {
				for (const crf of [one, many]) {
					crf.setInput(input);
					crf.setParameters({ ...parameters, pruning });
					crf.run();
				}
				expect(difference(many.q(), one.q())).toBeLessThan(1e-5);
				expect(many.vertices).toEqual(one.vertices);
			}
			const again = many.q();
			many.run();
			expect(difference(many.q(), again)).toBe(0);
			expect(difference(many.tieMap('bilateral', 0), one.tieMap('bilateral', 0))).toBeLessThan(1e-5);
		}
		many.dispose();
	});

	it.each([2, 3])('%i give what one gives on strips and a lattice that is blurred in waves', async (threads) => {
		const [one, many] = [await single(), await threaded(threads)];
		const input = synthetic(530, 170, 5);
		for (const crf of [one, many]) {
			crf.setInput(input);
			crf.setParameters({ ...parameters, spatialSigma: 1, bilateralWeight: 0, pruning: 0 });
			crf.run(3);
		}
		expect(one.vertices[1]).toBeGreaterThan(65_536);
		expect(many.vertices).toEqual(one.vertices);
		expect(difference(many.q(), one.q())).toBeLessThan(2e-6);
		many.dispose();
	});

	it('that do not start are told', async () => {
		const failing = createDenseCrf(kernelModule('dense-crf-threads.wasm'), {
			threads: 2,
			startThread: () => Promise.reject(new Error('no more threads')),
		});
		await expect(failing).rejects.toMatchObject({
			problem: { code: 'runtime.unavailable', detail: 'no more threads' },
		});
		await expect(createDenseCrf({})).rejects.toMatchObject({ problem: { code: 'runtime.unavailable' } });
	});
});
