/** A run's picture at other output strides, in the real worker. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import { readMetadata, writeMetadata } from '../../../src/core/onnx/metadata';
import type { OutputStride } from '../../../src/core/onnx/networks/outputStride';
import type { SegmentResult, StageProgress } from '../../../src/shared/protocol/worker';
import { atOutputStride, type ModelHandle, type SegmentRequest } from '../../../src/worker/client/client';
import { ensureBuilt, modelFile, problemOf, sample, testClient } from './support';

const t = testClient();
const { client, model } = t;
const picture = { name: 'chelsea.png', bytes: sample('chelsea') };
let run: SegmentResult;

beforeAll(async () => {
	await ensureBuilt();
	run = await client.segment({ picture, model });
}, 120_000);
afterAll(() => client.dispose());

const again = (stride: OutputStride, of: ModelHandle = model, from = run) => {
	const { geometry, model: metadata, multiScale } = from.info;
	return {
		model: atOutputStride(of, stride),
		rgb: from.tensors.rgb,
		geometry,
		preprocessing: metadata.preprocessing,
		...(multiScale ? { multiScale: multiScale.rule } : {}),
	};
};

describe('a run once more at another output stride', { timeout: 60_000 }, () => {
	it('at the model’s own has the run’s mask and grid', async () => {
		const { labels, gridWidth, gridHeight, rates } = await client.segmentAtStride(again(8));
		expect([gridWidth, gridHeight, rates]).toEqual([58, 39, [6, 12, 18, 24]]);
		expect(Buffer.from(labels).equals(run.tensors.labels)).toBe(true);
	});

	it.each<[OutputStride, number[], readonly [number, number]]>([
		[16, [3, 6, 9, 12], [30, 20]],
		[32, [2, 3, 5, 6], [16, 11]],
	])('at %i is what the picture gives there, with every stage told', async (stride, rates, grid) => {
		const stages: StageProgress[] = [];
		const result = await client.segmentAtStride(again(stride), { onProgress: (progress) => stages.push(progress) });
		expect([result.rates, [result.gridWidth, result.gridHeight]]).toEqual([rates, grid]);
		expect(stages.map((progress) => progress.stage)).toEqual(['decode', 'model', 'network', 'upsample']);
		const loads = t.loads();
		const expected = await client.segment({ picture, model: atOutputStride(model, stride) });
		expect(t.loads()).toBe(loads);
		expect(expected.info.model.outputStride).toBe(stride);
		expect(Buffer.from(result.labels).equals(expected.tensors.labels)).toBe(true);
		expect(Buffer.from(result.labels).equals(run.tensors.labels)).toBe(false);
		expect(run.tensors.rgb.byteLength).toBe(451 * 300 * 3);
	});

	it('keeps to the size and the scales of the run', async () => {
		const request: SegmentRequest = { picture, model, longestSide: 201, multiScale: 'caffe' };
		const small = await client.segment(request);
		const result = await client.segmentAtStride(again(16, model, small));
		const expected = await client.segment({ ...request, model: atOutputStride(model, 16) });
		expect(result.gridWidth).toBe(14);
		expect(Buffer.from(result.labels).equals(expected.tensors.labels)).toBe(true);
	});

	it('leaves the model as it is for the next picture', async () => {
		await client.segmentAtStride(again(32));
		const next = await client.segment({ picture, model });
		expect(next.info.model.outputStride).toBe(8);
		expect(next.tensors.logits.data).toEqual(run.tensors.logits.data);
	});

	it('is refused with the reason, and ends when cancelled; the next works', async () => {
		const graph = decodeOnnx(new Uint8Array(readFileSync(modelFile)), 'x');
		const metadata = readMetadata(graph, 'x');
		const other = encodeOnnx({ ...graph, metadata: writeMetadata({ ...metadata, outputStride: 16 }) });
		const wrong: ModelHandle = { key: 'wrong', name: 'wrong.onnx', load: async () => new Uint8Array(other) };
		expect(await problemOf(client.segmentAtStride(again(8, wrong)))).toMatchObject({
			code: 'model.fixedStride',
			name: 'wrong.onnx',
			outputStride: 8,
			detail: 'it says that its output stride is 16, its layers step 8 pixels',
		});
		const controller = new AbortController();
		const cancelled = client.segmentAtStride(again(16), {
			signal: controller.signal,
			onProgress: ({ stage }) => stage === 'network' && controller.abort(),
		});
		expect(await problemOf(cancelled)).toEqual({ code: 'cancelled' });
		expect((await client.segmentAtStride(again(16))).gridWidth).toBe(30);
	});
});
