import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRunId } from '../../../src/extension/runs/runId';
import { RunStore, type RunStoreOptions } from '../../../src/extension/runs/runStore';
import { diskFiles, joinPath, makeRun, uriOf } from './support';

let folder: string;
const log = { info: vi.fn(), warn: vi.fn() };

beforeEach(async () => {
	folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'deeplab-runs-')), 'runs');
	log.info.mockClear();
	log.warn.mockClear();
});

afterEach(async () => {
	await rm(path.dirname(folder), { recursive: true, force: true });
});

function openStore(options: Partial<RunStoreOptions> = {}): RunStore {
	return new RunStore({
		fs: diskFiles,
		joinPath,
		folder: uriOf(folder),
		log,
		drawThumbnail: async () => Uint8Array.from([0x89, 0x50, 0x4e, 0x47]),
		onChange: () => undefined,
		...options,
	});
}

const ids = (store: RunStore) => store.list().map(({ info }) => info.id);

describe('RunStore', () => {
	test('a kept run comes back whole in the next session', async () => {
		const run = makeRun('a');
		await openStore().add(run);
		const store = openStore();
		await store.load();
		expect(store.list()).toHaveLength(1);
		expect(store.list()[0]).toMatchObject({ info: run.info, thumbnail: 'data:image/png;base64,iVBORw==' });
		expect(await store.tensors('a')).toEqual(run.tensors);
		expect(await store.shown('a')).toEqual({
			info: run.info,
			rgb: run.tensors.rgb,
			labels: run.tensors.labels,
			displayStep: 1,
			displayWidth: 5,
			displayHeight: 4,
			logits: run.tensors.logits,
		});
		expect(await store.picture('a')).toEqual({ info: run.info, rgb: run.tensors.rgb, labels: run.tensors.labels });
	});

	test('a run of several scales keeps which of them won each pixel', async () => {
		const one = makeRun('a');
		const multiScale = { rule: 'kazuto', scales: [1, 0.75, 0.5], shares: [0.5, 0.25, 0.25] } as const;
		const winningScales = Uint8Array.from(one.tensors.labels, (_, at) => at % 3);
		const run = { info: { ...one.info, multiScale }, tensors: { ...one.tensors, winningScales } };
		await openStore().add(run);
		const store = openStore();
		await store.load();
		expect(store.list()[0]!.info).toEqual(run.info);
		expect(await store.tensors('a')).toEqual(run.tensors);
	});

	test('its size is what its files weigh', async () => {
		const { bytes } = await openStore().add(makeRun('a'));
		const files = (await readdir(path.join(folder, 'a'))).filter((name) => name !== 'run.json');
		const sizes = await Promise.all(files.map(async (name) => (await readFile(path.join(folder, 'a', name))).length));
		expect(bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
	});

	test('a large picture is shown reduced and kept whole', async () => {
		const run = makeRun('large', { width: 10, height: 7 });
		await openStore({ displayPixelLimit: 20 }).add(run);
		const store = openStore();
		const shown = await store.shown('large');
		expect([shown.displayStep, shown.displayWidth, shown.displayHeight]).toEqual([2, 5, 4]);
		expect([shown.rgb.length, shown.labels.length]).toEqual([60, 20]);
		expect((await store.picture('large')).rgb).toEqual(run.tensors.rgb);
	});

	test('newest first', async () => {
		const store = openStore();
		await store.add(makeRun('b', { createdAt: 2 }));
		await store.add(makeRun('c', { createdAt: 3 }));
		await store.add(makeRun('a', { createdAt: 1 }));
		expect(ids(store)).toEqual(['c', 'b', 'a']);
	});

	test('the oldest make room, by number and by size', async () => {
		const store = openStore({ maxRuns: 2 });
		for (const [i, id] of ['a', 'b', 'c'].entries()) {
			await store.add(makeRun(id, { createdAt: i }));
		}
		expect(ids(store)).toEqual(['c', 'b']);
		expect((await readdir(folder)).sort()).toEqual(['b', 'c']);

		const tight = openStore({ maxBytes: 1 });
		await tight.add(makeRun('d', { createdAt: 9 }));
		expect(await readdir(folder)).toEqual(['d']);
	});

	test('a run is found before anything was read; one that is not kept has its problem', async () => {
		await openStore().add(makeRun('a'));
		const store = openStore();
		expect(store.get('a')).toBeUndefined();
		expect((await store.find('a')).info.id).toBe('a');
		await expect(store.find('b')).rejects.toMatchObject({ problem: { code: 'run.notFound', name: 'b' } });
	});

	test('a damaged entry is left out with a line in the log; the others stay', async () => {
		const store = openStore();
		for (const id of ['good', 'cut', 'foreign', 'empty', 'renamed']) {
			await store.add(makeRun(id));
		}
		await truncate(path.join(folder, 'cut/run.json'), 20);
		await writeFile(path.join(folder, 'foreign/run.json'), '{"version":1,"info":{"id":"foreign"}}');
		await rm(path.join(folder, 'empty/run.json'));
		await writeFile(path.join(folder, 'renamed/run.json'), await readFile(path.join(folder, 'good/run.json')));
		await writeFile(path.join(folder, 'stray.txt'), 'x');
		const next = openStore();
		await next.load();
		expect(ids(next)).toEqual(['good']);
		expect(log.warn.mock.calls.map(([line]) => /run (\S+)/.exec(String(line))?.[1]).sort()).toEqual([
			'cut',
			'empty',
			'foreign',
			'renamed',
			'stray.txt',
		]);
	});

	test('a run whose tensors are damaged says so when it is opened', async () => {
		await openStore().add(makeRun('a'));
		await truncate(path.join(folder, 'a/labels.npy'), 100);
		await expect(openStore().shown('a')).rejects.toMatchObject({ problem: { code: 'run.notFound', name: 'a.png' } });
		await writeFile(path.join(folder, 'a/labels.npy'), await readFile(path.join(folder, 'a/rgb.npy')));
		await expect(openStore().shown('a')).rejects.toMatchObject({ problem: { code: 'run.notFound' } });
	});

	test('no file can be reached through an id', async () => {
		await openStore().add(makeRun('a'));
		await expect(openStore().shown('../runs/a')).rejects.toMatchObject({ problem: { code: 'run.notFound' } });
	});

	test.each([1, 3, 6, 8])('nothing stays of a run whose write number %i fails', async (failing) => {
		let writes = 0;
		const store = openStore({
			fs: {
				...diskFiles,
				writeFile: async (uri, content) => {
					if (++writes === failing) {
						throw new Error('ENOSPC: no space left on device');
					}
					await diskFiles.writeFile(uri, content);
				},
			},
		});
		await expect(store.add(makeRun('a'))).rejects.toMatchObject({ problem: { code: 'output.unwritable' } });
		expect(await readdir(folder)).toEqual([]);
		expect(ids(store)).toEqual([]);
		await store.add(makeRun('a'));
		expect(ids(store)).toEqual(['a']);
	});

	test('nothing stays of a run that is cancelled while it is written', async () => {
		const controller = new AbortController();
		const store = openStore({
			fs: {
				...diskFiles,
				writeFile: async (uri, content) => {
					await diskFiles.writeFile(uri, content);
					if (uri.fsPath.endsWith('run.json')) {
						controller.abort();
					}
				},
			},
		});
		await expect(store.add(makeRun('a'), controller.signal)).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		expect(await readdir(folder)).toEqual([]);
	});

	test('what an ended session left half-written is deleted, what another window writes is not', async () => {
		const old = `.new-${createRunId(Date.now() - 3_600_000)}`;
		const fresh = `.new-${createRunId()}`;
		for (const name of [old, fresh, '.new-']) {
			await mkdir(path.join(folder, name), { recursive: true });
			await writeFile(path.join(folder, name, 'rgb.npy'), 'half');
		}
		const store = openStore();
		await store.load();
		expect(await readdir(folder)).toEqual([fresh]);
		expect(ids(store)).toEqual([]);
	});

	test('a removed run is gone', async () => {
		const store = openStore();
		await store.add(makeRun('a'));
		await store.remove('a');
		expect(ids(store)).toEqual([]);
		expect(await readdir(folder)).toEqual([]);
		await expect(store.shown('a')).rejects.toMatchObject({ problem: { code: 'run.notFound' } });
		await store.remove('a');
	});

	test('only the last two pictures are held in memory', async () => {
		const reads: string[] = [];
		const store = openStore({
			fs: {
				...diskFiles,
				readFile: async (uri) => {
					reads.push(path.relative(folder, uri.fsPath));
					return await diskFiles.readFile(uri);
				},
			},
		});
		for (const [i, id] of ['a', 'b', 'c'].entries()) {
			await store.add(makeRun(id, { createdAt: i }));
		}
		await store.shown('b');
		await store.shown('c');
		expect(reads).toEqual([]);
		await store.shown('a');
		expect(reads.sort()).toEqual(['a/labels.npy', 'a/logits.npy', 'a/rgb.npy']);
		await store.shown('a');
		expect(reads).toHaveLength(3);
		await store.shown('b');
		expect(reads).toHaveLength(6);
	});

	test('a store that cannot be read at all is empty', async () => {
		await mkdir(path.dirname(folder), { recursive: true });
		await writeFile(folder, 'not a folder');
		const store = openStore();
		await store.load();
		expect(ids(store)).toEqual([]);
		await expect(store.add(makeRun('a'))).rejects.toMatchObject({ problem: { code: 'output.unwritable' } });
	});
});

test('ids sort by time and differ', () => {
	expect(createRunId(1_000_000) < createRunId(2_000_000_000_000)).toBe(true);
	expect(new Set(Array.from({ length: 100 }, () => createRunId(5))).size).toBe(100);
});
