/** WebGPU that fails with a network, with a WASM that says it is WebGPU. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { InspectorError, type Problem } from '../../../src/core/problem';
import { atOutputStride, InferenceClient, type ModelHandle } from '../../../src/worker/client/client';
import { inProcessWorker } from './inProcessWorker';
import { ensureBuilt, modelFile, sample } from './support';
import { PretendedWebGpu } from './wrongEngine';

beforeAll(ensureBuilt);

let client: InferenceClient;
let fallbacks: { readonly problem: Problem; readonly name: string }[];
afterEach(() => client.dispose());

class FailingWebGpu extends PretendedWebGpu {
	override run(): Promise<never> {
		return Promise.reject(new InspectorError({ code: 'runtime.failed', detail: 'lost' }));
	}
}

function start() {
	const worker = inProcessWorker((track) => new FailingWebGpu([], track));
	fallbacks = [];
	client = new InferenceClient({
		startWorker: worker.start,
		setup: () => ({ ...worker.setup(), backend: 'auto' }),
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
		onFallback: (problem, name) => fallbacks.push({ problem, name }),
	});
	return worker;
}

const model: ModelHandle = {
	key: 'bundled',
	name: 'net.onnx',
	load: async () => new Uint8Array(readFileSync(modelFile)),
};
const picture = { name: 'chelsea.png', bytes: sample('chelsea') };

/** A picture's run on WASM, and what is asked of it at another stride. */
async function strideRequest() {
	const { info, tensors } = await client.segment({ picture, model, backend: 'wasm', longestSide: 129 });
	const { geometry, model: metadata } = info;
	return { model: atOutputStride(model, 16), rgb: tensors.rgb, geometry, preprocessing: metadata.preprocessing };
}

describe('at another output stride', () => {
	it('WASM takes over where WebGPU fails, once told', async () => {
		const worker = start();
		const request = await strideRequest();
		expect((await client.segmentAtStride(request)).rates).toEqual([3, 6, 9, 12]);
		expect((await client.segmentAtStride(request)).rates).toEqual([3, 6, 9, 12]);
		expect(fallbacks).toEqual([{ problem: { code: 'runtime.failed', detail: 'lost' }, name: 'net.onnx' }]);
		expect(worker.made.filter((name) => name === 'webgpu')).toHaveLength(1);
	});

	it('the network runs on what the host has settled on', async () => {
		const worker = start();
		await client.segmentAtStride({ ...(await strideRequest()), backend: 'wasm' });
		expect(fallbacks).toEqual([]);
		expect(worker.made).not.toContain('webgpu');
	});
});
