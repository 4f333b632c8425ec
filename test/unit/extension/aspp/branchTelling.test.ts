import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BranchTelling } from '../../../../src/extension/aspp/branchTelling';
import type { InspectorBranches } from '../../../../src/shared/protocol/aspp';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function mask(rate: number): InspectorBranches {
	const logits = { channels: 1, height: 1, width: 1, data: Float32Array.of(rate) };
	return { runId: 'run', labels: Uint8Array.of(rate), logits, rates: [rate], changes: [], changedPixels: 0 };
}

describe('telling an Inspector of branches', () => {
	test('the mask goes at once and without its logits, which follow once it stays', () => {
		const tell = { branches: vi.fn(), branchLogits: vi.fn() };
		const telling = new BranchTelling(tell);
		telling.show(mask(6));
		telling.show(mask(12));
		expect(tell.branches.mock.calls.map(([{ rates, logits }]) => [rates, logits])).toEqual([
			[[6], undefined],
			[[12], undefined],
		]);
		expect(tell.branchLogits).not.toHaveBeenCalled();
		vi.runAllTimers();
		expect(tell.branchLogits.mock.calls).toEqual([[{ runId: 'run', logits: mask(12).logits }]]);
	});

	test('a mask that is taken back leaves no logits behind', () => {
		const tell = { branches: vi.fn(), branchLogits: vi.fn() };
		const telling = new BranchTelling(tell);
		telling.show(mask(6));
		telling.show(null);
		vi.runAllTimers();
		expect(tell.branches).toHaveBeenLastCalledWith(null);
		expect(tell.branchLogits).not.toHaveBeenCalled();
	});
});
