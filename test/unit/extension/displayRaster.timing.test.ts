import { describe, expect, test } from 'vitest';
import { reduceRaster } from '../../../src/extension/inspector/displayRaster';

describe('reduceRaster', () => {
	test('a large picture leaves the thread free', { retry: 3 }, async () => {
		const [width, height] = [6000, 4000];
		let longest = 0;
		let last = performance.now();
		const timer = setInterval(() => {
			longest = Math.max(longest, performance.now() - last);
			last = performance.now();
		}, 1);
		const rgb = new Uint8Array(width * height * 3);
		const labels = new Uint8Array(width * height);
		last = performance.now();
		await reduceRaster(rgb, labels, width, height, 2);
		clearInterval(timer);
		expect(longest).toBeLessThan(50);
	});
});
