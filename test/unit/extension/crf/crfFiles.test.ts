import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultCrfParameters } from '../../../../src/core/crf/parameters';
import type { KeptCrf } from '../../../../src/extension/crf/crfFiles';
import { decodeCrfRecord, encodeCrfRecord } from '../../../../src/extension/crf/crfRecord';
import type { RunStoreOptions } from '../../../../src/extension/runs/runStore';
import { storeIn } from '../storeIn';
import { diskFiles, makeRun } from '../support';

let folder: string;
const log = { info: vi.fn(), warn: vi.fn() };

beforeEach(async () => {
	folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'deeplab-crf-')), 'runs');
	log.warn.mockClear();
});
afterEach(async () => {
	await rm(path.dirname(folder), { recursive: true, force: true });
});

const openStore = (options: Partial<RunStoreOptions> = {}) => storeIn(folder, log, options);

const run = makeRun('a');
const file = (name: string) => path.join(folder, 'a', name);
const kept = (spatialWeight = 3): KeptCrf => ({
	settings: { parameters: { ...defaultCrfParameters, iterations: 1, spatialWeight }, resolution: 'network' },
	steps: [0, 1].map((iteration) => ({
		iteration,
		changedPixels: iteration * 4,
		meanEntropy: 0.5,
		klDivergence: 1.5,
		activeClasses: 2,
		milliseconds: 3,
	})),
	timings: { prepare: 1, lattice: 2, iterations: 6 },
	threads: 2,
	width: 5,
	height: 4,
	labels: Uint8Array.from({ length: 20 }, (_, i) => (i + spatialWeight) % 2),
	entropyBefore: Uint8Array.from({ length: 20 }, (_, i) => 200 + i),
	entropyAfter: Uint8Array.from({ length: 20 }, (_, i) => i),
});

describe('a kept CRF', () => {
	test('comes back whole in the next session, and counts with the run’s size', async () => {
		const store = openStore();
		const { bytes } = await store.add(run);
		expect(await store.crf('a')).toBeUndefined();
		await store.keepCrf('a', kept());
		expect(await store.crf('a')).toEqual(kept());
		const again = openStore();
		await again.load();
		expect(await again.crf('a')).toEqual(kept());
		const weight = (await readFile(file('crf-labels.npy'))).length + (await readFile(file('crf-entropy.npy'))).length;
		expect(again.get('a')!.bytes).toBe(bytes + weight);
		expect(store.get('a')!.bytes).toBe(bytes + weight);
		expect((await readdir(path.join(folder, 'a'))).filter((name) => name.includes('part'))).toEqual([]);
	});

	test('takes the place of the one before', async () => {
		const store = openStore();
		await store.add(run);
		await store.keepCrf('a', kept(1));
		await store.keepCrf('a', kept(2));
		expect(await openStore().crf('a')).toEqual(kept(2));
	});

	test.each<[string, () => Promise<unknown>]>([
		['a record that is no JSON', () => writeFile(file('crf.json'), '{')],
		[
			'a record of another version',
			() => writeFile(file('crf.json'), '{"version":2,"settings":{},"steps":[],"timings":{}}'),
		],
		['a cut mask', () => truncate(file('crf-labels.npy'), 90)],
		['a missing mask', () => rm(file('crf-labels.npy'))],
		[
			'the mask of another picture',
			async () => await writeFile(file('crf-entropy.npy'), await readFile(file('rgb.npy'))),
		],
	])('with %s is left out, with a word in the log; the run stays', async (_, damage) => {
		const store = openStore();
		await store.add(run);
		await store.keepCrf('a', kept());
		await damage();
		const again = openStore();
		expect(await again.crf('a')).toBeUndefined();
		expect(log.warn).toHaveBeenCalledTimes(1);
		expect(await again.labels('a')).toEqual(run.tensors.labels);
		await again.keepCrf('a', kept(5));
		expect(await openStore().crf('a')).toEqual(kept(5));
	});

	test.each([1, 2, 3, 4, 5, 6])('whose writing fails at step %i is not there at all, and is told', async (step) => {
		const store = openStore();
		await store.add(run);
		await store.keepCrf('a', kept(1));
		let steps = 0;
		const failing = <A extends unknown[]>(work: (...args: A) => Thenable<void>) => {
			return async (...args: A) => {
				if (++steps >= step) {
					throw new Error('ENOSPC');
				}
				await work(...args);
			};
		};
		const full = openStore({
			fs: { ...diskFiles, writeFile: failing(diskFiles.writeFile), rename: failing(diskFiles.rename) },
		});
		await expect(full.keepCrf('a', kept(2))).rejects.toMatchObject({ problem: { code: 'output.unwritable' } });
		const names = await readdir(path.join(folder, 'a'));
		expect(names.filter((name) => name.includes('part'))).toEqual([]);
		const after = await openStore().crf('a');
		// What was there before may stay, but no mixture.
		expect([undefined, kept(1).labels]).toContainEqual(after?.labels);
	});

	test('of a run that was removed meanwhile leaves no folder', async () => {
		const store = openStore();
		await store.add(run);
		const keeping = store.keepCrf('a', kept()).catch(() => undefined);
		await store.remove('a');
		await keeping;
		await expect(readdir(path.join(folder, 'a'))).rejects.toThrow('ENOENT');
		await expect(store.keepCrf('a', kept())).rejects.toMatchObject({ problem: { code: 'run.notFound' } });
	});

	test('starts from the run’s picture and logits', async () => {
		const store = openStore();
		await store.add(run);
		const { rgb, logits } = run.tensors;
		expect(await store.crfSource('a')).toEqual({ rgb, logits, geometry: run.info.geometry });
	});
});

describe('crf.json', () => {
	const { labels, entropyBefore, entropyAfter, ...findings } = kept();
	const record = { version: 1 as const, bytes: 10, ...findings };
	const changed = (change: (json: Record<string, unknown>) => void) => {
		const json = JSON.parse(JSON.stringify(record)) as Record<string, unknown>;
		change(json);
		return () => decodeCrfRecord(new TextEncoder().encode(JSON.stringify(json)));
	};

	test('comes back as it was', () => {
		expect(decodeCrfRecord(encodeCrfRecord(record))).toEqual(record);
	});

	test.each<[string, (json: Record<string, unknown>) => void, RegExp]>([
		['without steps', (json) => delete json.steps, /steps is missing/],
		['with too few steps', (json) => (json.steps as unknown[]).pop(), /1 steps of 1 iterations/],
		[
			'with a step that is no number',
			(json) => ((json.steps as { milliseconds: unknown }[])[0]!.milliseconds = null),
			/milliseconds/,
		],
		['of an unknown resolution', (json) => ((json.settings as { resolution: string }).resolution = '4k'), /resolution/],
		[
			'with settings out of their bounds',
			(json) => ((json.settings as { parameters: { spatialSigma: number } }).parameters.spatialSigma = -1),
			/crf\.badParameter/,
		],
	])('%s is refused', (_, change, message) => {
		expect(changed(change)).toThrow(message);
	});
});
