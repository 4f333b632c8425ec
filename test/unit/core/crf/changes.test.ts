import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChangeCount, maskChanges } from '../../../../src/core/crf/changes';

describe('maskChanges', () => {
	it('counts what each class had, has, gained and lost, the largest after first', () => {
		const before = Uint8Array.of(0, 0, 0, 1, 1, 255);
		const after = Uint8Array.of(0, 1, 1, 1, 2, 255);
		expect(maskChanges(before, after)).toEqual({
			changedPixels: 3,
			changes: [
				{ label: 1, before: 2, after: 3, gained: 2, lost: 1 },
				{ label: 0, before: 3, after: 1, gained: 0, lost: 2 },
				{ label: 255, before: 1, after: 1, gained: 0, lost: 0 },
				{ label: 2, before: 0, after: 1, gained: 1, lost: 0 },
			],
		});
	});

	it('of two equal masks is nothing, and of none is empty', () => {
		expect(maskChanges(Uint8Array.of(3, 3), Uint8Array.of(3, 3))).toEqual({
			changedPixels: 0,
			changes: [{ label: 3, before: 2, after: 2, gained: 0, lost: 0 }],
		});
		expect(maskChanges(new Uint8Array(), new Uint8Array())).toEqual({ changedPixels: 0, changes: [] });
	});

	it('adds up, also in slices', () => {
		const masks = fc
			.integer({ min: 0, max: 200 })
			.chain((length) =>
				fc.tuple(...[0, 1].map(() => fc.uint8Array({ minLength: length, maxLength: length, max: 4 }))),
			);
		fc.assert(
			fc.property(masks, fc.nat(200), (pair, cut) => {
				const [before, after] = pair as [Uint8Array, Uint8Array];
				const whole = maskChanges(before, after);
				for (const change of whole.changes) {
					expect(change.after - change.before).toBe(change.gained - change.lost);
				}
				expect(whole.changes.reduce((sum, { gained }) => sum + gained, 0)).toBe(whole.changedPixels);
				expect(whole.changes.reduce((sum, entry) => sum + entry.after, 0)).toBe(after.length);
				const count = new ChangeCount(before, after);
				const middle = Math.min(cut, before.length);
				count.add(0, middle);
				count.add(middle);
				expect(count.result()).toEqual(whole);
			}),
		);
	});

	it('of masks of different sizes is refused', () => {
		expect(() => maskChanges(new Uint8Array(2), new Uint8Array(3))).toThrow(RangeError);
	});
});
