import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDenseCrf, type DenseCrf } from '../../../../src/core/crf/denseCrf';
import { type CrfParameters, pairwiseTerms } from '../../../../src/core/crf/parameters';
import { bruteForce } from './bruteForce';
import {
	argmax,
	codeOf,
	difference,
	disagreements,
	kernelModule,
	settings,
	single,
	synthetic,
	threaded,
} from './support';

const parameters: CrfParameters = {
	...settings.A,
	iterations: 4,
	spatialWeight: 2,
	bilateralWeight: 3,
	bilateralSigmaXy: 20,
};

function softmaxOf(unary: Float32Array, classes: number, pixels: number): Float32Array {
	const q = new Float32Array(unary.length);
	for (let i = 0; i < pixels; i++) {
		let sum = 0;
		for (let c = 0; c < classes; c++) {
			sum += Math.exp(-unary[c * pixels + i]!);
		}
		for (let c = 0; c < classes; c++) {
			q[c * pixels + i] = Math.exp(-unary[c * pixels + i]!) / sum;
		}
	}
	return q;
}

/** Largest |sum of Q - 1| of any pixel. */
/** The two kernels with settings outside the bounds that {@link CrfParameters} has. */
function termsOf(change: Partial<CrfParameters>) {
	const { bilateral, spatial } = pairwiseTerms({ ...parameters, ...change });
	return [bilateral, spatial];
}

function sumError(q: Float32Array, classes: number): number {
	const pixels = q.length / classes;
	let largest = 0;
	for (let i = 0; i < pixels; i++) {
		let sum = 0;
		for (let c = 0; c < classes; c++) {
			sum += q[c * pixels + i]!;
		}
		largest = Math.max(largest, Math.abs(sum - 1));
	}
	return largest;
}

describe('mean field', () => {
	it('is near the exact kernels’: what is left is the lattice’s own error', async () => {
		const crf = await single();
		for (const seed of [1, 2, 3]) {
			const input = synthetic(23, 19, 4, seed);
			crf.setInput(input);
			crf.setParameters(parameters);
			crf.run();
			const exact = bruteForce(input, parameters);
			const q = crf.q();
			let sum = 0;
			for (const [i, value] of q.entries()) {
				sum += Math.abs(value - exact[i]!);
			}
			expect(sum / q.length).toBeLessThan(0.005);
			expect(difference(q, exact)).toBeLessThan(0.1);
			expect(disagreements(argmax(q, 23 * 19), argmax(exact, 23 * 19))).toBeLessThan(23 * 19 * 0.03);
		}
	});

	const pictures = fc.record({
		width: fc.integer({ min: 1, max: 24 }),
		height: fc.integer({ min: 1, max: 24 }),
		classes: fc.integer({ min: 1, max: 30 }),
		seed: fc.integer({ min: 1, max: 1e6 }),
		pruning: fc.constantFrom(0, 1e-3, 0.05),
	});

	it('Q sums to 1, and step by step is the same as at once', async () => {
		const [crf, other] = [await single(), await single()];
		fc.assert(
			fc.property(pictures, ({ width, height, classes, seed, pruning }) => {
				const input = synthetic(width, height, classes, seed);
				for (const each of [crf, other]) {
					each.setInput(input);
					each.setParameters({ ...parameters, pruning });
				}
				crf.run();
				const q = crf.q();
				expect(sumError(q, classes)).toBeLessThan(2e-6);
				other.start();
				for (let i = 0; i < parameters.iterations; i++) {
					other.step();
				}
				expect(difference(other.q(), q)).toBeLessThan(pruning === 0 ? 1e-6 : 2 * pruning);
				expect(difference(crf.entropyMap(), other.entropyMap())).toBeLessThan(pruning === 0 ? 1e-5 : 1);
			}),
			{ numRuns: 60 },
		);
	});

	it('classes in another order give the same Q in that order', async () => {
		const crf = await single();
		fc.assert(
			fc.property(pictures, ({ width, height, classes, seed }) => {
				const input = synthetic(width, height, classes, seed);
				const pixels = width * height;
				crf.setInput(input);
				crf.setParameters(parameters);
				crf.run();
				const q = crf.q();
				const order = Array.from({ length: classes }, (_, c) => (c * 7 + 3) % classes);
				fc.pre(new Set(order).size === classes);
				const permute = (values: Float32Array) => {
					const result = new Float32Array(values.length);
					for (const [to, from] of order.entries()) {
						result.set(values.subarray(from * pixels, (from + 1) * pixels), to * pixels);
					}
					return result;
				};
				crf.setInput({ ...input, unary: permute(input.unary) });
				crf.run();
				expect(difference(crf.q(), permute(q))).toBeLessThan(1e-5);
			}),
			{ numRuns: 30 },
		);
	});

	it('without weights is the softmax of the unary', async () => {
		const crf = await single();
		const input = synthetic(21, 14, 11);
		crf.setInput(input);
		crf.setParameters({ ...parameters, spatialWeight: 0, bilateralWeight: 0 });
		crf.run();
		expect(difference(crf.q(), softmaxOf(input.unary, 11, 21 * 14))).toBeLessThan(1e-6);
		expect(crf.vertices).toEqual([0, 0]);
	});

	it('after any change of parameters is what a fresh one gives', async () => {
		const reused = await single();
		const input = synthetic(31, 22, 9);
		reused.setInput(input);
		const changes: Partial<CrfParameters>[] = [
			{},
			{ spatialWeight: 5 },
			{ bilateralSigmaRgb: 7 },
			{ bilateralWeight: 0 },
			{ spatialSigma: 1, iterations: 7 },
			{ normalization: 'after' },
			{ pruning: 1e-3 },
			{},
		];
		for (const change of changes) {
			reused.setParameters({ ...parameters, ...change });
			reused.run();
			const fresh = await single();
			fresh.setInput(input);
			fresh.setParameters({ ...parameters, ...change });
			fresh.run();
			expect(difference(reused.q(), fresh.q())).toBe(0);
		}
	});

	it('keeps the lattice that a change does not touch', async () => {
		const crf = await single();
		crf.setInput(synthetic(40, 30, 5));
		crf.setParameters(parameters);
		crf.run();
		const [bilateral, spatial] = crf.vertices;
		crf.setParameters({ ...parameters, bilateralSigmaRgb: 4 });
		crf.run();
		expect(crf.vertices[0]).toBeGreaterThan(bilateral!);
		expect(crf.vertices[1]).toBe(spatial);
	});

	it.each([8, 30])('brings pruned classes of %i back when they grow', async (classes) => {
		const [pruned, exact] = [await single(), await single()];
		const input = synthetic(30, 24, classes);
		const { unary } = input;
		// Class 0 rules at first, and repels itself: the others, hopeless alone, take over.
		unary.fill(0, 0, 720);
		for (let i = 720; i < unary.length; i++) {
			unary[i] = 7 + (unary[i]! % 1);
		}
		for (const [crf, pruning] of [
			[pruned, 5e-3],
			[exact, 0],
		] as const) {
			crf.setInput(input);
			crf.setPairwise(termsOf({ spatialWeight: -4, bilateralWeight: -5 }), pruning);
		}
		expect(pruned.start().activeClasses).toBeLessThan(classes);
		const steps = [pruned.step(), pruned.step(), pruned.step()];
		expect(steps.map(({ activeClasses }) => activeClasses)).toContain(classes);
		const stepped = pruned.q();
		pruned.run(3);
		exact.run(3);
		for (const q of [stepped, pruned.q()]) {
			expect(sumError(q, classes)).toBeLessThan(1e-5);
			expect(difference(q, exact.q())).toBeLessThan(0.1);
		}
	});

	it('leaves the unary as it is where it prunes as many classes as there can be', async () => {
		const crf = await single();
		const [classes, pixels] = [255, 64];
		const unary = Float32Array.from({ length: classes * pixels }, (_, i) =>
			Math.floor(i / pixels) === (i % pixels) % 3 ? 1 : 21,
		);
		crf.setInput({ width: 8, height: 8, classes, unary, rgb: new Uint8Array(pixels * 3) });
		crf.setParameters({ ...parameters, pruning: 1e-3 });
		expect(crf.start().activeClasses).toBe(3);
		const kept = Array.from({ length: pixels }, (_, pixel) => crf.messagesAt(pixel).unary);
		expect(unary.map((_, i) => kept[i % pixels]![Math.floor(i / pixels)]!)).toEqual(unary);
	});

	it('takes another picture after a term with a number went before one with a matrix', async () => {
		const crf = await single();
		const [number, vector] = [2, Float32Array.of(-1, -2, -3)].map((compatibility) => ({
			features: { kind: 'grid' } as const,
			sigma: [3, 3],
			normalization: 'symmetric' as const,
			compatibility,
		}));
		crf.setInput(synthetic(12, 10, 3));
		crf.setPairwise([number!, vector!]);
		crf.run(1);
		crf.setInput(synthetic(9, 8, 3));
		expect(crf.run(1).iteration).toBe(1);
	});

	it('tells entropy, changes and the classes that are active', async () => {
		const crf = await single();
		const input = synthetic(30, 20, 3);
		crf.setInput(input);
		crf.setParameters(parameters);
		const start = crf.start();
		const q = crf.q();
		let entropy = 0;
		for (const value of q) {
			entropy -= value > 0 ? value * Math.log(value) : 0;
		}
		expect(start.meanEntropy).toBeCloseTo(entropy / 600, 5);
		const before = crf.labels();
		const step = crf.step();
		expect(step.changedPixels).toBe(disagreements(before, crf.labels()));
		expect(step.activeClasses).toBe(3);
		expect(crf.step().klDivergence).toBeLessThan(step.klDivergence);
		expect(crf.probability(2)).toEqual(crf.q().subarray(1200));
	});

	it('explains a pixel: the softmax of unary and messages is its Q', async () => {
		const crf = await single();
		for (const [classes, pruning] of [
			[6, 0],
			[40, 0],
			[12, 0.1],
		] as const) {
			const input = synthetic(26, 17, classes);
			crf.setInput(input);
			crf.setParameters({ ...parameters, pruning });
			for (const inference of [() => crf.run(3), () => crf.start(), () => crf.step()]) {
				inference();
				const pixel = 7 * 26 + 11;
				const { unary, bilateral, spatial, q } = crf.messagesAt(pixel);
				const energies = unary.map((value, c) => value - bilateral[c]! - spatial[c]!);
				expect(difference(softmaxOf(energies, classes, 1), q)).toBeLessThan(1e-5);
				const all = crf.q();
				expect(
					difference(
						q,
						Float32Array.from(q, (_, c) => all[c * 26 * 17 + pixel]!),
					),
				).toBeLessThan(1e-6);
			}
		}
	});

	it('tells how a pixel is tied to the others: the sum over them of ties times Q is the message', async () => {
		const crf = await single();
		crf.setInput(synthetic(19, 15, 3));
		crf.setParameters(parameters);
		crf.start();
		const q = crf.q();
		crf.step();
		const pixel = 140;
		const messages = crf.messagesAt(pixel);
		for (const kernel of ['bilateral', 'spatial'] as const) {
			// The blur's axes have an order: to receive is not quite to send.
			const ties = crf.tieMap(kernel, pixel);
			for (let c = 0; c < 3; c++) {
				const sum = ties.reduce((total, tie, j) => total + tie * q[c * 285 + j]!, 0);
				expect(Math.abs(sum - messages[kernel][c]!)).toBeLessThan(0.03 * Math.max(0.1, messages[kernel][c]!));
			}
		}
	});
});

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
