/** The CRF on the real worker with the real kernel, after the real network. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { maskChanges } from '../../../src/core/crf/changes';
import { defaultCrfParameters } from '../../../src/core/crf/parameters';
import type { CrfSettings } from '../../../src/shared/protocol/crf';
import type { SegmentResult } from '../../../src/shared/protocol/worker';
import type { RefineRequest } from '../../../src/worker/client/client';
import { ensureBuilt, problemOf, root, sample, type TestClient, testClient } from './support';

let t: TestClient;
let run: SegmentResult;

beforeAll(async () => {
	await ensureBuilt();
	const { client, model } = testClient();
	run = await client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model });
	await client.dispose();
});
beforeEach(() => {
	t = testClient();
});
afterEach(() => t.client.dispose());

const request = (changes: Partial<CrfSettings['parameters']> = {}, resolution: CrfSettings['resolution'] = 'picture') =>
	({
		runId: 'chelsea',
		settings: { parameters: { ...defaultCrfParameters, ...changes }, resolution },
		loadSource: async () => ({
			rgb: run.tensors.rgb.slice(),
			logits: { ...run.tensors.logits, data: run.tensors.logits.data.slice() },
			geometry: run.info.geometry,
		}),
	}) satisfies RefineRequest;

describe('the CRF of chelsea.png', () => {
	it('begins with the network’s mask and moves its borders', async () => {
		const result = await t.client.refine(request());
		expect(result.labels).toHaveLength(11);
		expect(maskChanges(run.tensors.labels, result.labels[0]!).changedPixels).toBe(0);
		const { changedPixels } = maskChanges(run.tensors.labels, result.labels.at(-1)!);
		expect(changedPixels).toBeGreaterThan(1000);
		expect(changedPixels).toBeLessThan(15_000);
		for (const { iteration, changedPixels: changed } of result.steps.slice(1)) {
			expect(maskChanges(result.labels[iteration - 1]!, result.labels[iteration]!).changedPixels).toBe(changed);
		}
		const entropies = result.steps.map(({ meanEntropy }) => meanEntropy);
		expect(entropies.at(-1)).toBeLessThan(entropies[0]! / 5);
		const mean = result.entropyBefore.reduce((a, b) => a + b, 0) / result.entropyBefore.length;
		expect((mean / 255) * Math.log(21)).toBeCloseTo(entropies[0]!, 1);
	});

	it('is the same with one thread and with two, and at a second time', async () => {
		t.setup = { ...t.setup, threads: 1 };
		const one = await t.client.refine(request());
		t.setup = { ...t.setup, threads: 2 };
		const two = await t.client.refine(request());
		expect([one.threads, two.threads]).toEqual([1, 2]);
		// The order of sums differs between threads: a near tie may fall otherwise.
		expect(maskChanges(one.labels.at(-1)!, two.labels.at(-1)!).changedPixels).toBeLessThan(5);
		const again = await t.client.refine(request());
		expect(again.labels).toEqual(two.labels);
		expect([again.timings.prepare, again.timings.lattice]).toEqual([0, 0]);
	});

	it('of other weights needs no lattice', async () => {
		await t.client.refine(request());
		const { timings } = await t.client.refine(request({ bilateralWeight: 7 }));
		expect([timings.prepare, timings.lattice]).toEqual([0, 0]);
		expect((await t.client.refine(request({ bilateralSigmaXy: 30 }))).timings.lattice).toBeGreaterThan(0);
	});

	it.each([
		['other weights', { bilateralWeight: 7, spatialWeight: 2 }],
		['other sigmas', { bilateralSigmaXy: 30, spatialSigma: 2 }],
		['more iterations', { iterations: 13 }],
		['fewer iterations', { iterations: 4 }],
		['none', { iterations: 0 }],
	])('has the mask of %s alone, that of the steps', async (_, changes) => {
		await t.client.refine(request());
		const moved = request(changes);
		const { iterations } = moved.settings.parameters;
		const mask = await t.client.crfMask({ ...moved, iteration: iterations, entropy: false });
		const stepped = await t.client.refine(moved);
		expect(maskChanges(mask.labels, stepped.labels.at(-1)!).changedPixels).toBe(0);
		const { entropy } = await t.client.crfMask({ ...moved, iteration: iterations, entropy: true });
		expect(entropy).toEqual(stepped.entropyAfter);
	});

	it('at the network’s resolution has masks of the picture’s size', async () => {
		t.setup = { ...t.setup, threads: 1 };
		const result = await t.client.refine(request({ iterations: 3 }, 'network'));
		expect([result.width, result.height]).toEqual([451, 300]);
		expect(result.labels.at(-1)).toHaveLength(451 * 300);
	});
});

describe('a probe', () => {
	it.each([0, 1, 3])('at iteration %i adds up to what the mask shows', async (iteration) => {
		const { labels } = await t.client.refine(request({ iterations: 3 }));
		for (const [x, y] of [
			[0, 0],
			[200, 150],
			[450, 299],
		] as const) {
			const { classes, color } = await t.client.probeCrf({ ...request({ iterations: 3 }), iteration, x, y });
			expect(classes).toHaveLength(21);
			expect(classes.reduce((sum, { q }) => sum + q, 0)).toBeCloseTo(1, 5);
			const best = classes.reduce((a, b) => (b.q > a.q ? b : a));
			expect(best.label).toBe(labels[iteration]![y * 451 + x]);
			expect(color).toEqual([...run.tensors.rgb.subarray((y * 451 + x) * 3, (y * 451 + x) * 3 + 3)]);
			const messages = classes.reduce(
				(sum, { bilateral, spatial }) => sum + Math.abs(bilateral) + Math.abs(spatial),
				0,
			);
			expect(messages > 0).toBe(iteration > 0);
		}
	});
});

describe('ties', () => {
	it.each(['bilateral', 'spatial'] as const)('of the %s kernel are strongest near the pixel', async (kernel) => {
		const ties = await t.client.crfTies({ ...request(), kernel, x: 200, y: 150 });
		expect([ties.width, ties.height]).toEqual([451, 300]);
		expect(ties.largest).toBeGreaterThan(0);
		const strong = [...ties.values.keys()].filter((i) => ties.values[i]! > 100);
		expect(strong.length).toBeGreaterThan(1);
		const reach = kernel === 'bilateral' ? 2 * 49 : 3 * 3;
		for (const i of strong) {
			expect(Math.hypot((i % 451) - 200, Math.floor(i / 451) - 150)).toBeLessThan(reach);
		}
		expect(ties.values.at(-1)).toBe(0);
	});

	it('between two probes leave the iteration as it is', async () => {
		const probing = { ...request({ iterations: 2 }), iteration: 2, x: 100, y: 100 };
		const before = await t.client.probeCrf(probing);
		await t.client.crfTies({ ...request({ iterations: 2 }), kernel: 'bilateral', x: 5, y: 5 });
		expect(await t.client.probeCrf(probing)).toEqual(before);
	});
});

describe('when things go wrong', () => {
	it('a cancel between two iterations leaves the worker, its network and its lattices', async () => {
		await t.client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model: t.model });
		const controller = new AbortController();
		const cancelled = t.client.refine(request(), {
			signal: controller.signal,
			onProgress: ({ iteration }) => iteration === 2 && controller.abort(),
		});
		expect(await problemOf(cancelled)).toEqual({ code: 'cancelled' });
		const { labels, timings } = await t.client.refine(request());
		expect(labels).toHaveLength(11);
		expect([timings.prepare, timings.lattice]).toEqual([0, 0]);
		expect(t.handles).toHaveLength(1);
		await t.client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model: t.model });
		expect(t.loads()).toBe(1);
	});

	it('sigmas whose lattice does not fit are told, and the next settings work', async () => {
		const problem = await problemOf(t.client.refine(request({ spatialSigma: -3 })));
		expect(problem).toMatchObject({ code: 'crf.badParameter', parameter: 'spatialSigma' });
		expect((await t.client.refine(request({ iterations: 1 }))).labels).toHaveLength(2);
	});

	it('a missing kernel is told, and with it back the next works', async () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'assets-'));
		try {
			for (const file of readdirSync(path.join(root, 'dist/assets')).filter((name) => !name.startsWith('dense-crf'))) {
				copyFileSync(path.join(root, 'dist/assets', file), path.join(folder, file));
			}
			t.setup = { assets: `${pathToFileURL(folder).href}/`, threads: 1 };
			const problem = await problemOf(t.client.refine(request()));
			expect(problem).toMatchObject({ code: 'runtime.unavailable', detail: expect.stringContaining('dense-crf.wasm') });
			copyFileSync(path.join(root, 'dist/assets/dense-crf.wasm'), path.join(folder, 'dense-crf.wasm'));
			expect((await t.client.refine(request({ iterations: 1 }))).labels).toHaveLength(2);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
