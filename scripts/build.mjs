/**
 * Builds everything into dist/: extension hosts of Node and of the web, their inference workers, terminal, webview
 * pages, their wasm files, the dense CRF's kernel and models/*.onnx from the bundled weights. `--watch` rebuilds the code on change.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';
import { copyDawn, dawnFolders } from './lib/dawn.mjs';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** ESM bundles may contain CommonJS packages that call `require`. */
const requireShim =
	"import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** @type {esbuild.BuildOptions} */
const common = {
	bundle: true,
	sourcemap: !production,
	minify: production,
	logLevel: 'warning',
	target: 'es2022',
	absWorkingDir: root,
	metafile: true,
};

/** @type {esbuild.BuildOptions[]} */
const bundles = [
	{
		...common,
		entryPoints: { extension: 'src/extension/extension.ts' },
		outdir: 'dist',
		outExtension: { '.js': '.cjs' },
		format: 'cjs',
		platform: 'node',
		external: ['vscode'],
	},
	{
		...common,
		entryPoints: { worker: 'src/worker/main.node.ts' },
		outdir: 'dist',
		outExtension: { '.js': '.mjs' },
		format: 'esm',
		platform: 'node',
		banner: { js: requireShim },
	},
	{
		...common,
		entryPoints: { crfThread: 'src/worker/crf/crfThread.node.ts' },
		outdir: 'dist',
		outExtension: { '.js': '.mjs' },
		format: 'esm',
		platform: 'node',
	},
	{
		...common,
		entryPoints: { gpu: 'src/worker/gpu/gpuMain.node.ts', gpuKeeper: 'src/worker/gpu/gpuKeeper.node.ts' },
		outdir: 'dist',
		outExtension: { '.js': '.mjs' },
		format: 'esm',
		platform: 'node',
	},
	{
		...common,
		entryPoints: { extension: 'src/extension/extension.web.ts' },
		outdir: 'dist/web',
		outExtension: { '.js': '.cjs' },
		format: 'cjs',
		platform: 'browser',
		external: ['vscode'],
	},
	{
		// Classic workers: the web's extension host starts no others.
		...common,
		entryPoints: { worker: 'src/worker/main.web.ts', crfThread: 'src/worker/crf/crfThread.web.ts' },
		outdir: 'dist/web',
		format: 'iife',
		platform: 'browser',
		alias: { 'onnxruntime-web': 'onnxruntime-web/wasm' },
		conditions: ['onnxruntime-web-use-extern-wasm'],
		// No file is found by it: all are handed over.
		define: { 'import.meta.url': '""' },
	},
	{
		...common,
		entryPoints: { cli: 'src/cli/main.node.ts' },
		outdir: 'dist',
		outExtension: { '.js': '.mjs' },
		format: 'esm',
		platform: 'node',
		banner: { js: `#!/usr/bin/env node\n${requireShim}` },
	},
	{
		...common,
		entryPoints: {
			inspector: 'src/webview/inspector/main.ts',
			runs: 'src/webview/runs/main.ts',
			model: 'src/webview/model/main.ts',
			crf: 'src/webview/crf/main.ts',
			aspp: 'src/webview/aspp/main.ts',
			receptiveField: 'src/webview/receptiveField/main.ts',
			doctor: 'src/webview/doctor/main.ts',
		},
		outdir: 'dist/webview',
		format: 'iife',
		platform: 'browser',
		loader: { '.ttf': 'file' },
		assetNames: '[name]',
	},
];

/** Files that are loaded by URL at run time, from the product's own folder. */
const assets = [
	'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm',
	'onnxruntime-web/dist/ort-wasm-simd-threaded.mjs',
	'onnxruntime-web/dist/ort.webgpu.min.mjs',
	'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm',
	'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs',
	'@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
	'@jsquash/webp/codec/dec/webp_dec.wasm',
];

await mkdir(path.join(root, 'dist/assets'), { recursive: true });
for (const asset of assets) {
	await copyFile(path.join(root, 'node_modules', asset), path.join(root, 'dist/assets', path.basename(asset)));
}
await copyDawn(dawnFolders([`${process.platform}-${process.arch}`]));
await import('./build-crf.mjs');
const present = bundles.filter((bundle) =>
	Object.values(/** @type {Record<string, string>} */ (bundle.entryPoints)).every((entry) =>
		existsSync(path.join(root, entry)),
	),
);
if (watch) {
	for (const bundle of present) {
		await (await esbuild.context(bundle)).watch();
	}
} else {
	const results = await Promise.all(present.map((bundle) => esbuild.build(bundle)));
	if (production) {
		await writeBundledPackages(results.flatMap(({ metafile }) => bundledInputs(metafile)));
	}
	if (existsSync(path.join(root, 'scripts/build-model.mjs'))) {
		await import('./build-model.mjs');
	}
}

/**
 * Files of which something is left after unused code is dropped.
 * @param {esbuild.Metafile | undefined} metafile
 */
function bundledInputs(metafile) {
	return Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) =>
		Object.entries(inputs)
			.filter(([, { bytesInOutput }]) => bytesInOutput > 0)
			.map(([input]) => input),
	);
}

/**
 * Writes out/bundled.json, the npm packages that end up in a release, for the third-party notices.
 * @param {string[]} inputs
 */
async function writeBundledPackages(inputs) {
	// Dawn is in the packages for one platform; the notices are the same in all.
	const names = [...inputs, ...assets.map((asset) => `node_modules/${asset}`), 'node_modules/webgpu']
		.map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1])
		.filter((name) => name !== undefined);
	await mkdir(path.join(root, 'out'), { recursive: true });
	await writeFile(path.join(root, 'out/bundled.json'), JSON.stringify([...new Set(names)].sort(), undefined, '\t'));
}
