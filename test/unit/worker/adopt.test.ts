/** A model of another tool in the real worker: adopted, then run. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import type { ModelHandle } from '../../../src/worker/client/client';
import { stripped } from '../core/onnx/discover/foreign';
import { ensureBuilt, modelFile, problemOf, sample, testClient } from './support';

const t = testClient();
const { client } = t;
let foreign: ModelHandle;

beforeAll(async () => {
	await ensureBuilt();
	const bytes = encodeOnnx(stripped(decodeOnnx(new Uint8Array(readFileSync(modelFile)), modelFile)));
	foreign = { key: 'foreign', name: 'foreign.onnx', load: () => Promise.resolve(bytes.slice()) };
}, 120_000);
afterAll(() => client.dispose());

const picture = { name: 'chelsea.png', bytes: sample('chelsea') };

describe('a model of another tool', () => {
	it('is told as one, and runs once it is adopted', async () => {
		expect(await problemOf(client.segment({ picture, model: foreign }))).toEqual({
			code: 'model.foreign',
			name: 'foreign.onnx',
		});
		const { report, bytes } = await client.adoptModel(foreign, { normalization: 'symmetric' });
		expect(report.metadata).toMatchObject({ linearHead: true, branches: [6, 12, 18, 24].map((rate) => ({ rate })) });
		const model: ModelHandle = { key: 'adopted', name: 'adopted.onnx', load: () => Promise.resolve(bytes.slice()) };
		const { info } = await client.segment({ picture, model, longestSide: 257 });
		expect(info.model.classes[info.classes[0]!.label]!.name).toBe('cat');
		expect(await client.readHead(model)).toMatchObject({ linear: true, classes: 21 });
	}, 60_000);

	it('of one size alone cannot be run at several scales', async () => {
		const { preprocessing } = (await client.adoptModel(foreign, {})).report.metadata;
		const fixed = { ...preprocessing, inputSize: [129, 193] as const };
		const once = await client.segment({ picture, model: t.model, preprocessing: fixed });
		expect(once.info.geometry).toMatchObject({ inputHeight: 129, inputWidth: 193, resizedWidth: 193 });
		const problem = await problemOf(
			client.segment({ picture, model: t.model, preprocessing: fixed, multiScale: 'caffe' }),
		);
		expect(problem).toMatchObject({ code: 'model.unsupported', detail: expect.stringContaining('129 x 193 alone') });
	}, 60_000);

	it('of sides that are multiples alone cannot be run at several scales', async () => {
		const { preprocessing: own } = (await client.adoptModel(foreign, {})).report.metadata;
		const preprocessing = { ...own, padMultiple: 16, padRemainder: 0 as const };
		const problem = await problemOf(client.segment({ picture, model: t.model, preprocessing, multiScale: 'caffe' }));
		expect(problem).toMatchObject({
			code: 'model.unsupported',
			detail: expect.stringContaining('multiples of 16 alone'),
		});
	}, 60_000);
});
