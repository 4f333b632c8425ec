/** A GPU that computes wrongly, played in the browser: the package's own worker runs with these lines before it. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Copies an unpacked package and gives the copy's worker a GPU that passes for a real one, and whose depthwise
 * convolutions do not heed a dilation across the picture.
 * @param extension folder of the unpacked package
 * @param target folder of the copy
 */
export function playFaultyGpu(extension: string, target: string): void {
	cpSync(extension, target, { recursive: true });
	const worker = path.join(target, 'dist/web/worker.js');
	writeFileSync(worker, `(${fault.toString()})();\n${readFileSync(worker, 'utf8')}`);
}

interface ShaderSource {
	readonly code: string;
}

/** Runs in the worker: nothing of this file is there. */
function fault(): void {
	const { GPUDevice, GPUAdapterInfo } = globalThis as unknown as {
		readonly GPUDevice: { prototype: { createShaderModule(source: ShaderSource): unknown } };
		readonly GPUAdapterInfo: { prototype: object };
	};
	Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false });
	const { createShaderModule } = GPUDevice.prototype;
	GPUDevice.prototype.createShaderModule = function (source) {
		const code = source.code.replace('wWidth * uniforms.dilations[1]', 'wWidth');
		return createShaderModule.call(this, { ...source, code });
	};
}
