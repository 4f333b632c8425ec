import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CrfParameters } from '../../../../src/core/crf/parameters';
import { bruteForce } from './bruteForce';
import { argmax, difference, disagreements, parameters, single, sumError, synthetic, termsOf } from './support';

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
