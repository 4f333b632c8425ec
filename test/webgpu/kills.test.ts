/** The device, its process and the worker, killed in the middle of runs. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { InspectorError, type Problem } from '../../src/core/problem';
import type { RequestOptions } from '../../src/worker/client/client';
import { greyPng } from '../support/pictures';
import { networkWithHead } from '../unit/core/aspp/networkWithHead';
import { assets, ensureBuilt, type TestClient, testClient } from '../unit/worker/support';
import { faultyGpu } from './support';

const kills = 50;
const workerKills = 10;
/** What the process may have grown by since the first few kills. */
const limitBytes = 100 * 2 ** 20;
const warmUp = 5;

/** Of few layers: each new process compiles their shaders again, which is most of the time here. */
const network = encodeOnnx(networkWithHead({ rates: [2, 4] }).model);
let t: TestClient;
let fallbacks: Problem[] = [];

beforeAll(async () => {
	await ensureBuilt();
	t = testClient({
		setup: { assets, threads: 1, backend: 'webgpu', gpuModule: faultyGpu('lostOnSignal') },
		onFallback: (problem) => fallbacks.push(problem),
	});
});
afterAll(() => t.client.dispose());

/** One that has not failed on WebGPU, by its key. */
async function segment(key: string, onProgress?: RequestOptions['onProgress']): Promise<string> {
	const request = {
		picture: { name: 'small.png', bytes: greyPng(33, 33) },
		model: { key, name: `${key}.onnx`, load: async () => new Uint8Array(network) },
		longestSide: 33,
	};
	const { info } = await t.client.segment(request, { onProgress });
	return info.backend.name;
}

/** How long a run takes in a worker that has had one. */
async function usualTime(): Promise<number> {
	await segment('first');
	const began = performance.now();
	expect(await segment('second')).toBe('webgpu');
	return performance.now() - began;
}

/** The children of this process: those that run WebGPU, and those that have ended without anybody looking. */
function children(): { readonly gpu: readonly number[]; readonly zombies: readonly number[] } {
	const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
	const own = stdout
		.split('\n')
		.map((line) => line.trim().split(/\s+/))
		.filter(([, parent]) => Number(parent) === process.pid);
	const pids = (those: typeof own) => those.map(([pid]) => Number(pid));
	return {
		gpu: pids(own.filter(([, , state, ...args]) => !state?.startsWith('Z') && args.join(' ').includes('gpu.mjs'))),
		zombies: pids(own.filter(([, , state]) => state?.startsWith('Z'))),
	};
}

function expectGivenBack(sizes: readonly number[]): void {
	const after = Math.min(...sizes.slice(-warmUp));
	expect(after - Math.max(...sizes.slice(0, warmUp))).toBeLessThan(limitBytes);
}

describe('killed in mid-run on WebGPU', () => {
	it(`the device or its process, ${kills} times: a result, the next run works, memory is given back`, async () => {
		const duration = await usualTime();
		const sizes: number[] = [];
		let met = 0;
		for (let kill = 0; kill < kills; kill++) {
			fallbacks = [];
			const [pid] = children().gpu;
			const signal = kill % 2 === 0 ? 'SIGKILL' : 'SIGUSR2';
			// As the network begins, or at any time from when it is loaded until a little after the run.
			const [at, delay] = kill % 4 < 2 ? ['network', 0] : ['model', (duration * kill) / kills];
			let killed: Promise<unknown> | undefined;
			const backend = await segment(`killed-${kill}`, ({ stage }) => {
				if (stage === at) {
					killed ??= (delay > 0 ? pause(delay) : Promise.resolve()).then(() => process.kill(pid!, signal));
				}
			});
			await killed;
			expect(fallbacks).toEqual(backend === 'wasm' ? [expect.objectContaining({ code: 'runtime.failed' })] : []);
			met += fallbacks.length;
			// Where the kill came too late for its run, it meets this one.
			const next = await segment(`next-${kill}`);
			expect(next).toBe(fallbacks.length > 0 && backend === 'webgpu' ? 'wasm' : 'webgpu');
			expect(await segment(`works-${kill}`)).toBe('webgpu');
			expect(children()).toEqual({ gpu: [expect.any(Number)], zombies: [] });
			sizes.push(process.memoryUsage.rss());
		}
		console.log(
			`${met} of ${kills} kills met a run; process: ${sizes.map((size) => Math.round(size / 2 ** 20)).join(', ')} MiB`,
		);
		expect(met).toBeGreaterThan(kills / 2);
		expectGivenBack(sizes);
	}, 400_000);

	it('the worker while it computes on WASM: the process of WebGPU is gone', async () => {
		expect(await segment('first')).toBe('webgpu');
		const [pid] = children().gpu;
		const computing = new Promise<void>((resolve) => {
			const request = { picture: { name: 'large.png', bytes: greyPng(1025, 1025) }, model: t.model, longestSide: 1025 };
			const onProgress: RequestOptions['onProgress'] = ({ stage }) => stage === 'network' && resolve();
			t.client.segment({ ...request, backend: 'wasm' }, { onProgress }).catch(() => undefined);
		});
		await computing;
		// It takes seconds, in which the worker hears nothing.
		await pause(100);
		await t.handles.at(-1)!.terminate();
		expect(existsSync(`/proc/${pid}`)).toBe(false);
		expect(children()).toEqual({ gpu: [], zombies: [] });
	});

	it(`the worker, ${workerKills} times: no process of WebGPU is left`, async () => {
		const duration = await usualTime();
		for (let kill = 0; kill < workerKills; kill++) {
			// Also while it starts.
			const running = segment(`worker-${kill}`).catch((error: unknown) => {
				expect(error).toBeInstanceOf(InspectorError);
				return (error as InspectorError).problem.code;
			});
			await pause((duration * 1.1 * kill) / workerKills);
			const { gpu } = children();
			await t.handles.at(-1)!.terminate();
			// The run goes on in another worker, which may have a process by now.
			expect(gpu.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
			expect(children().zombies).toEqual([]);
			expect(['wasm', 'webgpu', 'worker.crashed']).toContain(await running);
			expect(await segment(`after-${kill}`)).toBe('webgpu');
		}
		await t.client.dispose();
		expect(children()).toEqual({ gpu: [], zombies: [] });
	});
});
