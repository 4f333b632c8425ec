/** A comparison of output strides as it is kept with its run. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeNpy } from '../../../../src/core/checkpoint/npy';
import type { RunStoreOptions } from '../../../../src/extension/runs/runStore';
import type { KeptStrides } from '../../../../src/extension/strides/strideFiles';
import {
	decodeStrideRecord,
	encodeStrideRecord,
	type StrideRecord,
} from '../../../../src/extension/strides/strideRecord';
import { stridePairs } from '../../../../src/shared/protocol/strides';
import { storeIn } from '../storeIn';
import { diskFiles, makeRun } from '../support';

let folder: string;
const log = { info: vi.fn(), warn: vi.fn() };

beforeEach(async () => {
	folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'deeplab-strides-')), 'runs');
	log.warn.mockClear();
});
afterEach(async () => {
	await rm(path.dirname(folder), { recursive: true, force: true });
});

const openStore = (fs: Partial<RunStoreOptions['fs']> = {}) => storeIn(folder, log, { fs });

const run = makeRun('a');
const file = (name: string) => path.join(folder, 'a', name);
const parts = async () => (await readdir(path.join(folder, 'a'))).filter((name) => name.includes('part'));
const mask = (shift: number) => Uint8Array.from({ length: 20 }, (_, i) => ((i + shift) >> 1) % 2);
const kept = (shift = 0): KeptStrides => ({
	pair: [16, 32],
	strides: [
		{ stride: 16, gridWidth: 2, gridHeight: 2, rates: [3, 6], milliseconds: 7.5, labels: mask(shift) },
		{ stride: 32, gridWidth: 1, gridHeight: 1, rates: [2, 3], milliseconds: 0, labels: mask(shift + 1) },
	],
});

describe('a kept comparison of output strides', () => {
	test('comes back whole in the next session, and counts with the run’s size', async () => {
		const store = openStore();
		const { bytes } = await store.add(run);
		expect(await store.strides('a')).toBeUndefined();
		await store.keepStrides('a', kept());
		expect(await store.strides('a')).toEqual(kept());
		const again = openStore();
		await again.load();
		expect(await again.strides('a')).toEqual(kept());
		const masks = await Promise.all([16, 32].map(async (each) => (await readFile(file(`stride-${each}.npy`))).length));
		expect(again.get('a')!.bytes).toBe(bytes + masks[0]! + masks[1]!);
		expect(store.get('a')!.bytes).toBe(bytes + masks[0]! + masks[1]!);
		expect(await parts()).toEqual([]);
		expect(log.warn).not.toHaveBeenCalled();
	});

	test('weighs no more than its masks: a label a pixel', async () => {
		const store = openStore();
		await store.add(run);
		const before = await readdir(path.join(folder, 'a'));
		await store.keepStrides('a', kept());
		const added = (await readdir(path.join(folder, 'a'))).filter((name) => !before.includes(name));
		expect(added.sort()).toEqual(['stride-16.npy', 'stride-32.npy', 'strides.json']);
		expect((await readFile(file('stride-16.npy'))).length).toBeLessThanOrEqual(20 + 128);
	});

	test('takes the place of the one before; masks that are there are not written again', async () => {
		const written: string[] = [];
		const writing: RunStoreOptions['fs']['writeFile'] = (uri, bytes) => {
			written.push(path.basename(uri.fsPath));
			return diskFiles.writeFile(uri, bytes);
		};
		const store = openStore({ writeFile: writing });
		await store.add(run);
		const both = kept();
		await store.keepStrides('a', { pair: [8, 16], strides: [both.strides[0]!] });
		written.length = 0;
		await store.keepStrides('a', both);
		expect(written).toEqual(['stride-32.npy.part', 'strides.json.part']);
		written.length = 0;
		await store.keepStrides('a', { ...both, pair: undefined });
		expect(written).toEqual(['strides.json.part']);
		expect(await openStore().strides('a')).toEqual({ ...kept(), pair: undefined });
		await store.keepStrides('a', kept(1));
		expect(await openStore().strides('a')).toEqual(kept(1));
	});

	test.each<[string, () => Promise<unknown>]>([
		['a record that is no JSON', () => writeFile(file('strides.json'), '{')],
		['a cut mask', () => truncate(file('stride-16.npy'), 90)],
		['a missing mask', () => rm(file('stride-32.npy'))],
		[
			'the mask of another picture',
			async () => await writeFile(file('stride-16.npy'), await readFile(file('rgb.npy'))),
		],
		[
			'a label that is no class',
			() => writeFile(file('stride-16.npy'), encodeNpy({ shape: [4, 5], data: new Uint8Array(20).fill(2) })),
		],
	])('with %s is left out, with a word in the log; the run stays', async (_, damage) => {
		const store = openStore();
		await store.add(run);
		await store.keepStrides('a', kept());
		await damage();
		const again = openStore();
		expect(await again.strides('a')).toBeUndefined();
		expect(log.warn).toHaveBeenCalledExactlyOnceWith(
			expect.stringMatching(/^The comparison of output strides of the kept run a is left out: \w*Error: /),
		);
		expect(await again.labels('a')).toEqual(run.tensors.labels);
		await again.keepStrides('a', kept(1));
		expect(await openStore().strides('a')).toEqual(kept(1));
	});

	test.each([1, 2, 3, 4, 5, 6])('whose writing fails at step %i is no mixture, and is told', async (step) => {
		const store = openStore();
		await store.add(run);
		await store.keepStrides('a', kept());
		let steps = 0;
		const failing = <A extends unknown[]>(work: (...args: A) => Thenable<void>) => {
			return async (...args: A) => {
				if (++steps >= step) {
					throw new Error('ENOSPC');
				}
				await work(...args);
			};
		};
		const full = openStore({ writeFile: failing(diskFiles.writeFile), rename: failing(diskFiles.rename) });
		await expect(full.keepStrides('a', kept(1))).rejects.toMatchObject({ problem: { code: 'output.unwritable' } });
		expect(await parts()).toEqual([]);
		expect([undefined, kept()]).toContainEqual(await openStore().strides('a'));
		expect(await full.strides('a')).toBeUndefined();
	});

	test('goes with its run, and does not bring it back', async () => {
		const store = openStore();
		await store.add(run);
		const keeping = store.keepStrides('a', kept()).catch(() => undefined);
		await store.remove('a');
		await keeping;
		await expect(readdir(path.join(folder, 'a'))).rejects.toThrow('ENOENT');
		await expect(store.keepStrides('a', kept())).rejects.toMatchObject({ problem: { code: 'run.notFound' } });
		await expect(store.strides('a')).rejects.toMatchObject({ problem: { code: 'run.notFound' } });
	});
});

const findings = (stride: 8 | 16 | 32) => ({ stride, gridWidth: 3, gridHeight: 2, rates: [3, 6], milliseconds: 1.5 });
const small: StrideRecord = { version: 1, bytes: 40, pair: [8, 16], strides: [findings(16), findings(32)] };

describe('strides.json', () => {
	test('is the record, whatever it holds', () => {
		const size = fc.integer({ min: 1, max: 1e6 });
		const anyFindings = (stride: 8 | 16 | 32) =>
			fc.record({
				stride: fc.constant(stride),
				gridWidth: size,
				gridHeight: size,
				rates: fc.array(size, { maxLength: 5 }),
				milliseconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
			});
		const anyRecord = fc.record({
			version: fc.constant(1 as const),
			bytes: size,
			pair: fc.constantFrom(null, ...stridePairs),
			strides: fc.tuple(anyFindings(16), anyFindings(32)),
		});
		fc.assert(
			fc.property(anyRecord, (record) => {
				expect(decodeStrideRecord(encodeStrideRecord(record), 8)).toEqual(JSON.parse(JSON.stringify(record)));
			}),
		);
	});

	test.each<[string, object, RegExp]>([
		['another version', { version: 2 }, /version 2/],
		['no size', { bytes: null }, /record\.bytes/],
		['an unknown pair', { pair: [16, 8] }, /pair 16,8/],
		['a pair without its mask', { strides: [findings(32)] }, /pair 8,16 .* has no mask/],
		['the run’s own stride', { strides: [findings(16), findings(8)] }, /stride 8 is there twice, or the run’s own/],
		['a stride twice', { strides: [findings(16), findings(16)] }, /stride 16 is there twice/],
		['an unknown stride', { strides: [{ ...findings(16), stride: 4 }] }, /output stride 4/],
		['a grid of no size', { strides: [{ ...findings(16), gridWidth: 0 }] }, /gridWidth/],
		['a time below zero', { strides: [{ ...findings(16), milliseconds: -1 }] }, /milliseconds/],
		['a rate that is none', { strides: [{ ...findings(16), rates: ['6'] }] }, /a rate/],
	])('with %s is refused by name', (_, change, message) => {
		const bytes = new TextEncoder().encode(JSON.stringify({ ...small, ...change }));
		expect(() => decodeStrideRecord(bytes, 8)).toThrow(message);
	});

	test('that is damaged anywhere is refused, or is a record that can be shown', () => {
		const text = JSON.stringify(small);
		fc.assert(
			fc.property(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 6 }), (at, length, instead) => {
				const bytes = new TextEncoder().encode(text.slice(0, at) + instead + text.slice(at + length));
				let record: StrideRecord;
				try {
					record = decodeStrideRecord(bytes, 8);
				} catch (error) {
					expect(error).toBeInstanceOf(Error);
					return;
				}
				const there = new Set([8, ...record.strides.map(({ stride }) => stride)]);
				expect(there.size).toBe(record.strides.length + 1);
				expect([record.pair === null, record.pair?.every((stride) => there.has(stride))]).toContain(true);
				const sizes = record.strides.flatMap((each) => [each.gridWidth, each.gridHeight, ...each.rates]);
				expect(sizes.every((each) => Number.isSafeInteger(each) && each > 0)).toBe(true);
				// Nothing that is not known goes along.
				expect(Object.keys(record)).toEqual(Object.keys(small));
			}),
			{ numRuns: 400 },
		);
	});
});
