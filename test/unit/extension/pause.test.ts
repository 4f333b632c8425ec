import { describe, expect, it, vi } from 'vitest';
import { pause } from '../../../src/extension/pause';

describe('a pause', () => {
	it('takes its time', async () => {
		vi.useFakeTimers();
		try {
			let over = false;
			void pause(150, new AbortController().signal).then(() => {
				over = true;
			});
			await vi.advanceTimersByTimeAsync(149);
			expect(over).toBe(false);
			await vi.advanceTimersByTimeAsync(1);
			expect(over).toBe(true);
		} finally {
			vi.useRealTimers();
		}
	});

	it('ends at once where it is not wanted any more', async () => {
		const controller = new AbortController();
		const ended = pause(60_000, controller.signal);
		controller.abort();
		await ended;
		await pause(60_000, controller.signal);
	});
});
