/** What the tests of WebGPU share: engines of both backends in this process, and clients of a worker that has WebGPU. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { WasmEngine } from '../../src/worker/engine/wasmEngine';
import { createWebGpuEngine, type WebGpuEngine, webgpuEngineFiles } from '../../src/worker/engine/webgpuEngine';
import { connectGpu } from '../../src/worker/gpu/gpu';
import { openNodeGpu } from '../../src/worker/gpu/gpu.node';
import { assets, root } from '../unit/worker/support';

export const gpuModule = pathToFileURL(path.join(root, 'node_modules/webgpu/index.js')).href;

/** A setup whose WebGPU fails in a way: see faultyGpu.mjs. */
export function faultyGpu(fault: string): string {
	return `${pathToFileURL(path.join(import.meta.dirname, 'faultyGpu.mjs')).href}?${fault}`;
}

export async function gpuEngine(): Promise<WebGpuEngine> {
	const gpu = await openNodeGpu({ assets, threads: 1, gpuModule });
	const connection = 'refused' in gpu ? gpu : await connectGpu(gpu, { allowSoftware: true });
	if ('refused' in connection) {
		throw new Error(`no WebGPU: ${JSON.stringify(connection.refused)}`);
	}
	const [runtimeUrl, moduleUrl, wasm] = webgpuEngineFiles.map((file) => new URL(file, assets).href);
	return await createWebGpuEngine(connection, { runtimeUrl: runtimeUrl!, moduleUrl: moduleUrl!, wasm: wasm! });
}

export function cpuEngine(): WasmEngine {
	return new WasmEngine({ assets, threads: 1 });
}

/** The largest difference as a share of the largest magnitude. */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
	let difference = actual.length === expected.length ? 0 : Number.NaN;
	let magnitude = 0;
	for (const [index, value] of expected.entries()) {
		difference = Math.max(difference, Math.abs(actual[index]! - value));
		magnitude = Math.max(magnitude, Math.abs(value));
	}
	return difference / magnitude;
}

/** The same numbers each time, in -1…1. */
export function noise(count: number, seed: number): Float32Array {
	let state = seed >>> 0;
	return Float32Array.from({ length: count }, () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 31 - 1;
	});
}
