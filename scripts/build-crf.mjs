/**
 * Compiles the dense CRF kernel (AssemblyScript, src/core/crf/kernel) into dist/assets: dense-crf.wasm, and
 * dense-crf-threads.wasm of the same source for a memory that threads share.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const compiler = path.join(root, 'node_modules/assemblyscript/bin/asc.js');

const common = ['--runtime', 'stub', '--importMemory', '--initialMemory', '1', '--use', 'abort='];
const optimized = ['-O3', '--converge', '--noAssert'];
/** @type {Record<string, string[]>} */
const features = {
	'dense-crf.wasm': ['--enable', 'simd', '--disable', 'threads'],
	'dense-crf-threads.wasm': ['--enable', 'simd', '--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
};

await mkdir(path.join(root, 'dist/assets'), { recursive: true });
await Promise.all(
	Object.entries(features).map(async ([file, options]) => {
		const to = ['--outFile', `dist/assets/${file}`];
		const args = [compiler, 'src/core/crf/kernel/index.ts', ...to, ...common, ...optimized, ...options];
		await promisify(execFile)(process.execPath, args, { cwd: root });
	}),
);
