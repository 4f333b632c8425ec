/** What is asked of the worker for a comparison of output strides, without VS Code. */
import { describe, expect, it } from 'vitest';
import type { BackendName } from '../../../../src/core/backend';
import { InspectorError, toProblem } from '../../../../src/core/problem';
import type { RunInfo } from '../../../../src/core/run';
import { StrideController, type StrideControllerParts } from '../../../../src/extension/strides/strideController';
import type { StrideRequest } from '../../../../src/worker/client/client';
import { makeRun } from '../support';

const { info: made, tensors } = makeRun('a');

/** @param found what comparing has found the model to run on */
async function askedFor(ran: BackendName, found: BackendName | undefined): Promise<readonly StrideRequest[]> {
	const info: RunInfo = {
		...made,
		backend: { name: ran, threads: 1 },
		modelFile: { location: '', key: 'net' },
	};
	const asked: StrideRequest[] = [];
	const client = {
		segmentAtStride: (request: StrideRequest) => {
			asked.push(request);
			return Promise.reject(new InspectorError({ code: 'cancelled' }));
		},
	};
	const parts = {
		inference: async () => ({ client }),
		models: { ofRun: async () => ({ key: 'net', name: 'net.onnx' }) },
		store: {
			// What is kept has not been read yet.
			get: () => undefined,
			find: async () => ({ info }),
			strides: async () => undefined,
			labels: async () => tensors.labels,
			shown: async () => ({ displayStep: 1 }),
			picture: async () => tensors,
		},
		panels: { all: [], onDidChange: () => ({ dispose: () => undefined }), showRun: () => undefined },
		crf: { layerOf: () => 'mask', showLayer: () => undefined },
		parity: { backendFor: (key: string) => (key === 'net' ? found : undefined) },
		problems: { report: (error: unknown) => toProblem(error) },
		log: { info: () => undefined },
	} as unknown as StrideControllerParts;
	const controller = new StrideController(parts);
	await controller.compare(info.id, [8, 16]).catch(() => undefined);
	controller.dispose();
	return asked;
}

describe('another output stride', () => {
	it.each<readonly [BackendName, BackendName | undefined, BackendName | undefined]>([
		['webgpu', undefined, undefined],
		['webgpu', 'wasm', 'wasm'],
		['wasm', undefined, 'wasm'],
	])('of a run on %s, where comparing has found %s, runs on %s', async (ran, found, backend) => {
		const [request] = await askedFor(ran, found);
		expect(request).toMatchObject({ model: { key: 'net@16' } });
		expect(request?.backend).toBe(backend);
	});
});
