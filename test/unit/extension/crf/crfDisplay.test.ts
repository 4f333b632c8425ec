import { describe, expect, test, vi } from 'vitest';
import { defaultCrfParameters } from '../../../../src/core/crf/parameters';
import { type CrfMask, inspectorCrf, updateOf } from '../../../../src/extension/crf/crfDisplay';
import { reduceRaster } from '../../../../src/extension/inspector/displayRaster';

function maskOf(width: number, height: number): CrfMask {
	const bytes = (seed: number) => Uint8Array.from({ length: width * height }, (_, i) => (i * seed) % 251);
	return {
		settings: { parameters: { ...defaultCrfParameters, iterations: 0 }, resolution: 'picture' },
		iteration: 0,
		timings: { prepare: 1, lattice: 10, iterations: 100 },
		labels: bytes(7),
		entropyBefore: bytes(11),
		entropyAfter: bytes(13),
	};
}
const signal = new AbortController().signal;

describe('inspectorCrf', () => {
	test('of a picture that is shown whole copies nothing', async () => {
		const mask = maskOf(4, 3);
		const { labels } = mask;
		const target = { runId: 'a', before: new Uint8Array(12), width: 4, height: 3, step: 1 };
		const shown = await inspectorCrf(mask, target, undefined, signal);
		expect(shown.labels).toBe(labels);
		expect(shown).toMatchObject({ runId: 'a', iteration: 0, milliseconds: 111, changedPixels: 11 });
	});

	test.each([
		[10, 7, 2],
		[9, 9, 4],
		[5, 1, 3],
	])('of %s x %s with step %s has the pixels that the run’s own labels have', async (width, height, step) => {
		const mask = maskOf(width, height);
		const { labels } = mask;
		const target = { runId: 'a', before: labels, width, height, step };
		const shown = await inspectorCrf(mask, target, undefined, signal);
		const raster = await reduceRaster(new Uint8Array(width * height * 3), labels, width, height, step);
		expect(shown.labels).toEqual(raster.labels);
		expect(shown.entropyBefore).toHaveLength(raster.labels.length);
		expect(shown.changedPixels).toBe(0);
	});

	test('of a large picture pauses, and ends where it is not wanted any more', async () => {
		const mask = maskOf(3000, 2000);
		const { labels } = mask;
		const target = { runId: 'a', before: labels, width: 3000, height: 2000, step: 2 };
		const pause = vi.fn(async () => undefined);
		await inspectorCrf(mask, target, undefined, signal, pause);
		expect(pause.mock.calls.length).toBeGreaterThan(5);
		const controller = new AbortController();
		const aborting = async () => controller.abort();
		await expect(inspectorCrf(mask, target, undefined, controller.signal, aborting)).rejects.toThrow();
	});

	test('takes what is the same from the one before, and what the page has is not told again', async () => {
		const target = { runId: 'a', before: new Uint8Array(70), width: 10, height: 7, step: 2 };
		const mask = maskOf(10, 7);
		const crf = await inspectorCrf(mask, target, undefined, signal);
		expect(updateOf(crf, undefined)).toEqual(crf);
		const entropies = { entropyBefore: mask.entropyBefore!.slice(), entropyAfter: new Uint8Array(70) };
		const finished = await inspectorCrf({ ...mask, ...entropies }, target, { mask, crf }, signal);
		expect(finished.labels).toBe(crf.labels);
		expect(finished.changes).toBe(crf.changes);
		const update = updateOf(finished, crf);
		expect(Object.keys(update)).not.toContain('labels');
		expect(update.entropyAfter).toEqual(new Uint8Array(20));
		const scrubbed = { ...mask, ...entropies, iteration: 1, labels: new Uint8Array(70).fill(3) };
		const next = await inspectorCrf(scrubbed, target, { mask: { ...mask, ...entropies }, crf: finished }, signal);
		expect(updateOf(next, finished)).toMatchObject({
			iteration: 1,
			changedPixels: 70,
			labels: new Uint8Array(20).fill(3),
		});
		expect(Object.keys(updateOf(next, finished))).not.toContain('entropyBefore');
		expect(Object.keys(updateOf(next, finished))).not.toContain('entropyAfter');
	});

	test('before there are entropies has none, and keeps those of before while there are no others', async () => {
		const target = { runId: 'a', before: new Uint8Array(12), width: 4, height: 3, step: 1 };
		const first = { ...maskOf(4, 3), entropyBefore: undefined, entropyAfter: undefined };
		const crf = await inspectorCrf(first, target, undefined, signal);
		expect([crf.entropyBefore, crf.entropyAfter]).toEqual([undefined, undefined]);
		const mask = maskOf(4, 3);
		const finished = await inspectorCrf(mask, target, { mask: first, crf }, signal);
		expect(finished.entropyAfter).toBe(mask.entropyAfter);
	});
});
