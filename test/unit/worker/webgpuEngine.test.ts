/** A GPU device that is lost, with a played onnxruntime. */
import { describe, expect, it } from 'vitest';
import type { Ort } from '../../../src/worker/engine/ortEngine';
import { WebGpuEngine } from '../../../src/worker/engine/webgpuEngine';
import type { GpuAdapterHandle, GpuDevice } from '../../../src/worker/gpu/gpu';
import { problemOf } from './support';

describe('WebGpuEngine', () => {
	it('says of every call that the device was lost, also of letting the network go', async () => {
		const adapter = { vendor: '', architecture: '', device: '', description: '' };
		let lose: (how: { readonly message: string }) => void = () => undefined;
		const device: GpuDevice = {
			lost: new Promise((resolve) => {
				lose = resolve;
			}),
			onuncapturederror: null,
		};
		const never = () => new Promise<never>(() => undefined);
		const ort = {
			InferenceSession: { create: async () => ({ inputNames: ['image'], run: never, release: never }) },
			Tensor: class {},
		} as unknown as Ort;
		const engine = new WebGpuEngine(ort, { adapter, device, handle: {} as GpuAdapterHandle });
		await engine.load(new Uint8Array(1), 'net.onnx');
		const run = engine.run({ dims: [1], data: new Float32Array(1) }, ['logits']);
		lose({ message: 'unplugged' });
		const lost = { code: 'runtime.failed', detail: 'the GPU device was lost (unplugged)' };
		expect(await problemOf(run)).toEqual(lost);
		expect(await problemOf(engine.unload())).toEqual(lost);
		expect(await problemOf(engine.load(new Uint8Array(1), 'net.onnx'))).toEqual(lost);
	});
});
