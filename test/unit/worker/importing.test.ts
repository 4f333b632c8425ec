/** Importing in the real worker: what it holds, what it gives, what it refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCheckpoint } from '../../../src/core/checkpoint/importCheckpoint';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import { readMetadata } from '../../../src/core/onnx/metadata';
import type { ImportStage } from '../../../src/shared/protocol/import';
import { global, op, pickled, text, torchZip, tuple } from '../core/checkpoint/pickles';
import { hasMini, miniFile } from '../core/onnx/networks/mini';
import { ensureBuilt, problemOf, sample, testClient } from './support';

const t = testClient();
const { client } = t;
beforeAll(ensureBuilt);
afterAll(() => client.dispose());

function checkpoint(name: string, bytes: () => Uint8Array) {
	let loads = 0;
	const handle = {
		key: name,
		name,
		load: async () => {
			loads++;
			return bytes();
		},
	};
	return { handle, loads: () => loads };
}

describe.skipIf(!hasMini)('a checkpoint in the worker', () => {
	const file = 'resnet101-kazuto.zip.pth';

	it('is sent once, looked at as often as wanted, and gone when its model is made', async () => {
		const { handle, loads } = checkpoint(file, () => miniFile(file));
		const stages: ImportStage[] = [];
		const onProgress = (stage: ImportStage) => stages.push(stage);
		const found = await client.examineCheckpoint({ checkpoint: handle, overrides: {} }, { onProgress });
		expect(found.report).toMatchObject({ family: 'kazuto', backbone: 'resnet101', modelRates: [6, 12, 18, 24] });
		const uses = new Set(found.tensors.map(({ use }) => use));
		expect(uses).toEqual(new Set(['network', 'counter']));
		const overrides = { sum: [6, 12], outputStride: 16 } as const;
		const again = await client.examineCheckpoint({ checkpoint: handle, overrides }, { onProgress });
		expect(again.report.modelRates).toEqual([3, 6]);
		const leftOut = again.tensors.filter(({ use }) => use === 'leftOut').map(({ name }) => name);
		expect(leftOut).toEqual(expect.arrayContaining([expect.stringContaining('aspp.c2.weight')]));
		expect(leftOut).toHaveLength(4);
		const { bytes, summary, report } = await client.buildModel({ checkpoint: handle, overrides }, { onProgress });
		expect(loads()).toBe(1);
		expect(stages).toEqual(['recognize', 'build']);
		expect(report).toEqual(again.report);
		expect(Buffer.from(bytes).equals(encodeOnnx(importCheckpoint(miniFile(file), file, overrides).model))).toBe(true);
		expect(summary).toMatchObject({
			backbone: 'resnet101',
			outputStride: 16,
			rates: [3, 6],
			classes: 21,
			classSet: 'voc',
			memory: { inputSize: [513, 513] },
		});
		expect(summary.memory!.bytes).toBeGreaterThan(3 * bytes.length - 1);
		await client.examineCheckpoint({ checkpoint: handle, overrides: {} });
		expect(loads()).toBe(2);
		await client.releaseCheckpoint();
		await client.buildModel({ checkpoint: handle, overrides: {} });
		expect(loads()).toBe(3);
	});

	it('gives a model that segments', async () => {
		const { handle } = checkpoint(file, () => miniFile(file));
		const { bytes } = await client.buildModel({ checkpoint: handle, overrides: { outputStride: 32 } });
		expect(readMetadata(decodeOnnx(bytes, 'n'), 'n').outputStride).toBe(32);
		const model = { key: 'imported', name: 'imported.onnx', load: async () => bytes };
		const summary = await client.summarizeModel({ ...model, load: async () => new Uint8Array(bytes) });
		expect(summary.rates).toEqual([2, 3, 5, 6]);
		const { info } = await client.segment({
			picture: { name: 'coffee.png', bytes: sample('coffee') },
			model,
			longestSide: 129,
		});
		expect(info.geometry.gridWidth).toBe(5);
	});

	it('that does not fit what is said is refused, and held on to', async () => {
		const { handle, loads } = checkpoint('kept.pth', () => miniFile(file));
		await client.examineCheckpoint({ checkpoint: handle, overrides: {} });
		expect(
			await problemOf(client.examineCheckpoint({ checkpoint: handle, overrides: { classes: 'cityscapes' } })),
		).toMatchObject({ code: 'weights.unsupported', name: 'kept.pth' });
		await client.examineCheckpoint({ checkpoint: handle, overrides: {} });
		expect(loads()).toBe(1);
	});

	it('is given up at once, and the next request works', async () => {
		const { handle } = checkpoint(file, () => miniFile(file));
		const controller = new AbortController();
		const given = client.buildModel(
			{ checkpoint: handle, overrides: {} },
			{ signal: controller.signal, onProgress: () => controller.abort() },
		);
		expect(await problemOf(given)).toEqual({ code: 'cancelled' });
		expect((await client.examineCheckpoint({ checkpoint: handle, overrides: {} })).report.classes).toBe(21);
	});
});

describe('what is no DeepLabv2', () => {
	it('names what a pickle would have run', async () => {
		const bytes = () => torchZip(pickled([...global('os', 'system'), ...tuple(text('id')), ...op.reduce]));
		const { handle } = checkpoint('evil.pth', bytes);
		expect(await problemOf(client.examineCheckpoint({ checkpoint: handle, overrides: {} }))).toMatchObject({
			name: 'evil.pth',
			detail: expect.stringContaining('os.system'),
		});
	});

	it('is refused with its reason', async () => {
		const { handle } = checkpoint('picture.pth', () => new Uint8Array(sample('coffee')));
		expect(await problemOf(client.buildModel({ checkpoint: handle, overrides: {} }))).toMatchObject({
			code: 'weights.unsupported',
			detail: expect.stringContaining('it is no checkpoint'),
		});
	});
});
