/** The web's extension host, with an editor and workers that are played. */
import { afterEach, expect, it, vi } from 'vitest';
import type { InferenceOptions } from '../../../src/extension/platform/platform';
import { webPlatform } from '../../../src/extension/platform/platform.web';
import type { WebWorkerSource } from '../../../src/worker/client/startWorker.web';

const started = vi.hoisted(() => [] as Promise<string>[]);
vi.mock('vscode', () => ({
	Uri: { joinPath: (_: unknown, ...parts: string[]) => parts.join('/') },
	workspace: { fs: { readFile: async () => new Uint8Array(1) } },
}));
vi.mock('../../../src/worker/client/startWorker.web', () => ({
	startWebWorker: ({ script }: WebWorkerSource) => {
		started.push(script());
		throw new Error('no worker here');
	},
}));
afterEach(() => vi.restoreAllMocks());

it('makes one URL of the worker’s script, whatever the number of clients', async () => {
	const made = vi.spyOn(URL, 'createObjectURL');
	for (let i = 0; i < 3; i++) {
		const { client } = await webPlatform.createInference({
			threads: () => 1,
			backend: () => 'wasm',
			idleMilliseconds: () => Number.POSITIVE_INFINITY,
		} as unknown as InferenceOptions);
		const model = { key: 'net', name: 'net.onnx', load: async () => new Uint8Array(1) };
		await client.describeModel(model).catch(() => undefined);
		await started[i];
		await client.dispose();
	}
	expect(started).toHaveLength(3);
	expect(new Set(await Promise.all(started)).size).toBe(1);
	expect(made).toHaveBeenCalledTimes(1);
});
