/**
 * Compiles the dense CRF kernel (AssemblyScript, src/core/crf/kernel) into dist/assets: dense-crf.wasm, and
 * dense-crf-threads.wasm of the same source for a memory that threads share.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const assets = path.join(root, 'dist/assets');

const common = ['--runtime', 'stub', '--importMemory', '--use', 'abort=', '-O3', '--converge', '--noAssert'];
const builds = [
	{ file: 'dense-crf.wasm', options: ['--enable', 'simd', '--disable', 'threads', '--initialMemory', '1'] },
	{
		file: 'dense-crf-threads.wasm',
		options: [
			'--enable',
			'simd',
			'--enable',
			'threads',
			'--sharedMemory',
			'--initialMemory',
			'1',
			'--maximumMemory',
			'65536',
		],
	},
];

await mkdir(assets, { recursive: true });
for (const { file, options } of builds) {
	const outFile = path.relative(root, path.join(assets, file));
	const { error, stderr } = await asc.main([
		'src/core/crf/kernel/index.ts',
		'--baseDir',
		root,
		'--outFile',
		outFile,
		...common,
		...options,
	]);
	if (error) {
		throw new Error(`${file}: ${stderr.toString()}`, { cause: error });
	}
}
