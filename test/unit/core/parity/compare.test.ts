import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOutcomes, relativeDifference } from '../../../../src/core/parity/compare';
import { runtimeVersion } from '../../../../src/core/runtimeVersion';

const floats = (...values: number[]) => Float32Array.from(values);
const outcome = (values: number[], labels: number[] = [0, 1]) => ({
	logits: { channels: 1, height: 1, width: values.length, data: floats(...values) },
	labels: Uint8Array.from(labels),
});

describe('relativeDifference', () => {
	it('is the largest difference over the reference’s largest magnitude', () => {
		expect(relativeDifference(floats(1, -4, 2), floats(1, -4, 3))).toBeCloseTo(0.25);
		expect(relativeDifference(floats(0, 0), floats(0, 0))).toBe(0);
		expect(relativeDifference(floats(0, 0), floats(0, 2))).toBe(1);
		expect(relativeDifference(floats(), floats())).toBe(0);
	});

	it('is infinite where a value is not finite on either side, or on both, or where the sizes differ', () => {
		const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
		for (const odd of [nan, infinity, -infinity]) {
			expect(relativeDifference(floats(1, odd), floats(1, 1))).toBe(infinity);
			expect(relativeDifference(floats(1, 1), floats(1, odd))).toBe(infinity);
			expect(relativeDifference(floats(1, odd), floats(1, odd))).toBe(infinity);
		}
		expect(relativeDifference(floats(1), floats(1, 1))).toBe(infinity);
	});

	it('does not change where both are scaled by a power of two', () => {
		const values = fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, min: -1000, max: 1000 });
		fc.assert(
			fc.property(values, values, fc.integer({ min: -8, max: 8 }), (one, two, exponent) => {
				const length = Math.min(one.length, two.length);
				const [a, b] = [one.slice(0, length), two.slice(0, length)].map((each) =>
					each.map((value) => (Math.abs(value) < 1e-20 ? 0 : value)),
				) as [Float32Array, Float32Array];
				const scaled = (each: Float32Array) => each.map((value) => value * 2 ** exponent);
				expect(relativeDifference(scaled(a), scaled(b))).toBe(relativeDifference(a, b));
			}),
		);
	});
});

describe('compareOutcomes', () => {
	it('agrees within both limits', () => {
		const labels = Array.from({ length: 2000 }, () => 1);
		const near = compareOutcomes(outcome([10, -20], labels), outcome([10.01, -20], labels.with(3, 2).with(5, 0)));
		expect(near).toMatchObject({ agrees: true, labelAgreement: 0.999, limit: { difference: 1e-3, labels: 0.999 } });
		expect(near.largestDifference).toBeCloseTo(0.0005, 5);
	});

	it('differs over either limit', () => {
		expect(compareOutcomes(outcome([10, -20]), outcome([10.03, -20])).agrees).toBe(false);
		const labels = Array.from({ length: 100 }, () => 1);
		expect(compareOutcomes(outcome([1], labels), outcome([1], labels.with(0, 2)))).toMatchObject({
			agrees: false,
			largestDifference: 0,
			labelAgreement: 0.99,
		});
	});

	it('differs with values that are not finite and with logits of another size, in plain JSON', () => {
		const odd = compareOutcomes(outcome([1, 2]), outcome([1, Number.NaN]));
		expect(odd).toMatchObject({ agrees: false, largestDifference: null, labelAgreement: 1 });
		expect(JSON.parse(JSON.stringify(odd))).toEqual(odd);
		expect(compareOutcomes(outcome([1, 2]), outcome([1, 2, 3]))).toMatchObject({ agrees: false });
		expect(compareOutcomes(outcome([1], [0]), outcome([1], [0, 0]))).toMatchObject({ labelAgreement: 0 });
	});
});

it('the version that reports carry is that of the package', () => {
	const { version } = JSON.parse(readFileSync('node_modules/onnxruntime-web/package.json', 'utf8')) as {
		version: string;
	};
	expect(runtimeVersion).toBe(version);
});
