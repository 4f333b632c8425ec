import { describe, expect, test, vi } from 'vitest';
import { defaultCrfParameters } from '../../../../src/core/crf/parameters';
import { type HeldCrf, inspectorCrf } from '../../../../src/extension/crf/crfDisplay';
import { reduceRaster } from '../../../../src/extension/displayRaster';

function heldOf(width: number, height: number): HeldCrf {
	const bytes = (seed: number) => Uint8Array.from({ length: width * height }, (_, i) => (i * seed) % 251);
	return {
		settings: { parameters: { ...defaultCrfParameters, iterations: 0 }, resolution: 'picture' },
		steps: [],
		timings: { prepare: 1, lattice: 10, iterations: 100 },
		threads: 1,
		width,
		height,
		labels: new Map([[0, bytes(7)]]),
		entropyBefore: bytes(11),
		entropyAfter: bytes(13),
	};
}
const signal = new AbortController().signal;

describe('inspectorCrf', () => {
	test('of a picture that is shown whole copies nothing', async () => {
		const crf = heldOf(4, 3);
		const labels = crf.labels.get(0)!;
		const target = { runId: 'a', before: new Uint8Array(12), width: 4, height: 3, step: 1 };
		const shown = await inspectorCrf(crf, labels, 0, target, signal);
		expect(shown.labels).toBe(labels);
		expect(shown).toMatchObject({ runId: 'a', iteration: 0, milliseconds: 111, changedPixels: 11 });
	});

	test.each([
		[10, 7, 2],
		[9, 9, 4],
		[5, 1, 3],
	])('of %s x %s with step %s has the pixels that the run’s own labels have', async (width, height, step) => {
		const crf = heldOf(width, height);
		const labels = crf.labels.get(0)!;
		const target = { runId: 'a', before: labels, width, height, step };
		const shown = await inspectorCrf(crf, labels, 0, target, signal);
		const raster = await reduceRaster(new Uint8Array(width * height * 3), labels, width, height, step);
		expect(shown.labels).toEqual(raster.labels);
		expect(shown.entropyBefore).toHaveLength(raster.labels.length);
		expect(shown.changedPixels).toBe(0);
	});

	test('of a large picture pauses, and ends where it is not wanted any more', async () => {
		const crf = heldOf(3000, 2000);
		const labels = crf.labels.get(0)!;
		const target = { runId: 'a', before: labels, width: 3000, height: 2000, step: 2 };
		const pause = vi.fn(async () => undefined);
		await inspectorCrf(crf, labels, 0, target, signal, pause);
		expect(pause.mock.calls.length).toBeGreaterThan(5);
		const controller = new AbortController();
		const aborting = async () => controller.abort();
		await expect(inspectorCrf(crf, labels, 0, target, controller.signal, aborting)).rejects.toThrow();
	});
});
