import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countClasses } from '../../../../src/core/segmentation/countClasses';

describe('countClasses', () => {
	it('counts every pixel once, largest class first', () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 1, max: 20, maxLength: 400 }), (labels) => {
				const shares = countClasses(labels, 21);
				expect(shares.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(labels.length);
				for (const [i, { label, pixels, share }] of shares.entries()) {
					expect(pixels).toBe(labels.filter((value) => value === label).length);
					expect(share).toBe(pixels / labels.length);
					expect(pixels).toBeLessThanOrEqual(shares[i - 1]?.pixels ?? Number.POSITIVE_INFINITY);
				}
			}),
		);
	});

	it('leaves out the ignore label, but not its area', () => {
		expect(countClasses(Uint8Array.from([255, 255, 3, 0]), 21)).toEqual([
			{ label: 0, pixels: 1, share: 0.25 },
			{ label: 3, pixels: 1, share: 0.25 },
		]);
	});

	it('finds nothing in nothing', () => {
		expect(countClasses(new Uint8Array(0), 21)).toEqual([]);
	});
});
