import { expect, it } from 'vitest';
import type { Finding } from '../../../src/core/model';
import { describeFinding } from '../../../src/shared/describeFinding';

it('every finding has words of its own', () => {
	const all: readonly Finding[] = (
		[
			{ code: 'branch.notSummed', branch: 6 },
			{ code: 'branch.untrained', branch: 6, standardDeviation: 0.01, kurtosis: 3 },
			{ code: 'head.equalRates', rates: [6, 12] },
			{ code: 'head.unusualRates', rates: [5] },
			{ code: 'head.missing', detail: 'x' },
			{ code: 'weights.zero', tensor: 'w' },
			{ code: 'weights.nonFinite', tensor: 'w', count: 1 },
			{ code: 'weights.nonFinite', tensor: 'w', count: 2 },
			{ code: 'taps.alwaysPadding', branch: 6, taps: [0] },
			{ code: 'taps.alwaysPadding', branch: 6, taps: [0, 1, 2, 3, 5, 6, 7, 8] },
			{ code: 'shapes.open', detail: 'x' },
			{ code: 'batchNorm.untouched', tensor: 'm' },
		] as const
	).map((kind) => ({ severity: 'info', path: undefined, ...kind }));
	const texts = all.map(describeFinding);
	expect(new Set(texts).size).toBe(all.length);
	for (const text of texts) {
		expect(text).toMatch(/^[A-Z\d].*\.$/);
		expect(text).not.toMatch(/undefined|\{\d\}/);
	}
});
