import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * URL of the module that brings WebGPU to Node; undefined where this build carries none for this platform.
 * @param dist folder of the build
 */
export function nodeGpuModule(dist: string): string | undefined {
	const folder = path.join(dist, 'webgpu');
	const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
	return existsSync(path.join(folder, 'dist', platform, 'dawn.node'))
		? pathToFileURL(path.join(folder, 'index.js')).href
		: undefined;
}
