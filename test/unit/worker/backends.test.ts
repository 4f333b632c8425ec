/** Finding a GPU, and which backend runs, with a played WebGPU. */
import { describe, expect, it } from 'vitest';
import type { BackendStatus } from '../../../src/core/backend';
import type { WorkerSetup } from '../../../src/shared/protocol/worker';
import { GpuFailures } from '../../../src/worker/client/gpuFailures';
import { Backends } from '../../../src/worker/engine/backends';
import type { InferenceEngine } from '../../../src/worker/engine/engine';
import { connectGpu, type Gpu, type GpuAdapterHandle, type GpuDevice, refused } from '../../../src/worker/gpu/gpu';

const adapter = { vendor: 'intel', architecture: 'xe', device: '', description: '' };
const device: GpuDevice = { lost: new Promise(() => undefined), onuncapturederror: null };

function gpuWith(handle: Partial<GpuAdapterHandle> | null): Gpu {
	const whole: GpuAdapterHandle = {
		info: adapter,
		features: new Set(['subgroups', 'texture-compression-bc']),
		limits: { maxBufferSize: 123, maxTextureDimension2D: 9 },
		requestDevice: async () => device,
		...handle,
	};
	return { requestAdapter: async () => (handle ? whole : null) };
}

describe('connectGpu', () => {
	const strict = { allowSoftware: false, patience: 50 };

	it('asks for the features and limits that networks need', async () => {
		let wanted: unknown;
		const requestDevice: GpuAdapterHandle['requestDevice'] = async (descriptor) => {
			wanted = descriptor;
			return device;
		};
		expect(await connectGpu(gpuWith({ requestDevice }), strict)).toMatchObject({ adapter, device });
		expect(wanted).toEqual({ requiredFeatures: ['subgroups'], requiredLimits: { maxBufferSize: 123 } });
	});

	it.each<readonly [string, Gpu | undefined, string, string]>([
		['there is no WebGPU', undefined, 'noWebGpu', ''],
		['there is no adapter', gpuWith(null), 'noAdapter', ''],
		['asking fails', { requestAdapter: () => Promise.reject(new Error('boom')) }, 'noAdapter', 'boom'],
		[
			'asking never ends',
			{ requestAdapter: () => new Promise(() => undefined) },
			'noAdapter',
			'no answer within 0.05 s',
		],
		['it is software', gpuWith({ info: { ...adapter, isFallbackAdapter: true } }), 'blocklisted', 'xe'],
		['it is software, by the older name', gpuWith({ isFallbackAdapter: true }), 'blocklisted', 'xe'],
		[
			'there is no device',
			gpuWith({ requestDevice: () => Promise.reject(new Error('lost it')) }),
			'noDevice',
			'lost it',
		],
	])('refuses where %s', async (_, gpu, reason, detail) => {
		expect(await connectGpu(gpu, strict)).toEqual(refused(reason as 'noAdapter', detail));
	});

	it('takes a software adapter where it will do', async () => {
		const gpu = gpuWith({ info: { ...adapter, isFallbackAdapter: true } });
		expect(await connectGpu(gpu, { allowSoftware: true })).toMatchObject({ device });
	});
});

describe('Backends', () => {
	const engine = (name: string) => ({ name }) as unknown as InferenceEngine;
	const setup = (backend: WorkerSetup['backend']): WorkerSetup => ({ assets: 'file:///', threads: 2, backend });
	/** @param software whether the only adapter is one */
	const open = (backend: WorkerSetup['backend'], software = false) => {
		const asked: boolean[] = [];
		const backends = Backends.open(setup(backend), {
			openGpu: async (_, allowSoftware) => {
				asked.push(allowSoftware);
				return software && !allowSoftware
					? refused('blocklisted', 'soft')
					: { adapter, createEngine: async () => engine('gpu') };
			},
			createWasmEngine: async () => engine('cpu'),
		});
		return { asked, backends };
	};

	it('do not look for a GPU where the setup says WASM, or nothing', async () => {
		for (const backend of ['wasm', undefined] as const) {
			const { asked, backends } = open(backend);
			const { status } = await backends;
			expect(asked).toEqual([]);
			expect(status).toMatchObject({ chosen: 'wasm', runs: { name: 'wasm' }, webgpuRefused: { reason: 'notChosen' } });
			expect(await (await backends).nameFor({})).toBe('wasm');
		}
	});

	it('take WebGPU by themselves where there is one, software only where it is asked for', async () => {
		expect((await open('auto').backends).status).toMatchObject({ runs: { name: 'webgpu', adapter } });
		expect((await open('auto', true).backends).status).toMatchObject({ webgpuRefused: { reason: 'blocklisted' } });
		const { asked, backends } = open('webgpu', true);
		expect((await backends).status.webgpuRefused).toBeUndefined();
		expect(asked).toEqual([true]);
	});

	it('run a model on what its host has settled on', async () => {
		const onGpu = await open('webgpu').backends;
		expect(await onGpu.nameFor({ backend: 'wasm' })).toBe('wasm');
		expect(await onGpu.createEngine('wasm')).toEqual(engine('cpu'));
		const onCpu = await open('wasm').backends;
		expect(await onCpu.nameFor({ backend: 'webgpu' })).toBe('webgpu');
		expect(await onCpu.createEngine('webgpu')).toEqual(engine('gpu'));
	});
});

describe('GpuFailures', () => {
	const status: BackendStatus = { chosen: 'auto', runs: { name: 'webgpu', threads: 1, adapter }, sharedMemory: true };
	const lost = { code: 'runtime.failed', detail: 'lost' } as const;
	const started = () => {
		const failures = new GpuFailures();
		failures.setup({ assets: '', threads: 1, backend: 'auto' });
		return failures;
	};

	it('keep a model from WebGPU after a failure, and no other', () => {
		const failures = started();
		expect(failures.note(lost, 'a', status, undefined)).toBe(true);
		expect(failures.note(lost, 'a', status, undefined)).toBe(false);
		expect(failures.backendOf('a', status, undefined)).toBe('wasm');
		expect(failures.backendOf('b', status, undefined)).toBeUndefined();
		expect(failures.statusOf('a', status).webgpuRefused).toEqual({ reason: 'failed', detail: 'lost' });
		expect(failures.statusOf('b', status)).toBe(status);
	});

	it('are none of a bad picture, a cancel or WASM', () => {
		const failures = started();
		const onWasm: BackendStatus = { ...status, runs: { name: 'wasm', threads: 1 } };
		expect(failures.note({ code: 'picture.empty', name: 'x' }, 'a', status, undefined)).toBe(false);
		expect(failures.note({ code: 'cancelled' }, 'a', status, undefined)).toBe(false);
		expect(failures.note(lost, 'a', onWasm, undefined)).toBe(false);
		expect(failures.note(lost, 'a', status, 'wasm')).toBe(false);
	});

	it('leave WebGPU out where the worker did not start with it, until another choice', () => {
		const failures = started();
		const crash = { code: 'worker.crashed', detail: 'code 1' } as const;
		expect(failures.note(crash, 'a', undefined, undefined)).toBe(true);
		expect(failures.setup({ assets: '', threads: 1, backend: 'auto' }).backend).toBe('wasm');
		expect(failures.note(crash, 'a', undefined, undefined)).toBe(false);
		expect(failures.setup({ assets: '', threads: 1, backend: 'webgpu' }).backend).toBe('webgpu');
	});
});
