/** What the package holds: everything it needs, nothing else. */
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { root } from '../../scripts/lib/paths.mjs';
import { bundledPackages, notices } from '../../scripts/notices.mjs';
import { packageExtension, vsixPath } from '../../scripts/package.mjs';

const limitBytes = 40 * 1024 * 1024;

let files: readonly string[] = [];

test.beforeAll(async () => {
	files = filesOf(await vsixPath());
});

function filesOf(vsix: string): string[] {
	const names: string[] = [];
	unzipSync(readFileSync(vsix), {
		filter: ({ name }) => {
			names.push(name);
			return false;
		},
	});
	return names.filter((name) => name.startsWith('extension/')).map((name) => name.slice('extension/'.length));
}

test('is smaller than 40 MB', async () => {
	expect(statSync(await vsixPath()).size).toBeLessThan(limitBytes);
});

test('holds what runs, the model, the texts and the licences', () => {
	expect(files).toEqual(
		expect.arrayContaining([
			'package.json',
			'package.nls.json',
			'readme.md',
			'changelog.md',
			'LICENSE.txt',
			'THIRD_PARTY_NOTICES.txt',
			'dist/extension.cjs',
			'dist/worker.mjs',
			'dist/crfThread.mjs',
			'dist/gpu.mjs',
			'dist/gpuKeeper.mjs',
			'dist/assets/ort.webgpu.min.mjs',
			'dist/assets/ort-wasm-simd-threaded.asyncify.mjs',
			'dist/assets/ort-wasm-simd-threaded.asyncify.wasm',
			'dist/web/extension.cjs',
			'dist/web/worker.js',
			'dist/web/crfThread.js',
			'dist/assets/dense-crf.wasm',
			'dist/assets/dense-crf-threads.wasm',
			'dist/cli.mjs',
			'dist/assets/ort-wasm-simd-threaded.wasm',
			'dist/webview/inspector.js',
			'dist/webview/runs.js',
			'dist/webview/model.js',
			'models/README.md',
			'media/icon.png',
		]),
	);
	expect(files.filter((name) => name.endsWith('.onnx'))).toHaveLength(1);
});

test('holds no sources, tests, maps, weights or packages', () => {
	const strays = files.filter(
		(name) =>
			/\.(ts|map|safetensors|vsix|log)$/.test(name) || /^(src|test|scripts|node_modules|out|test-output|\.)/.test(name),
	);
	expect(strays).toEqual([]);
});

test('has no Dawn, and a package for one platform has that platform’s alone', async () => {
	expect(files.filter((name) => name.startsWith('dist/webgpu'))).toEqual([]);
	const targets = ['linux-x64', 'win32-x64'];
	const packages = await packageExtension({ targets, built: true, quiet: true });
	for (const [index, target] of targets.entries()) {
		const file = packages[index]!;
		const more = filesOf(file).filter((name) => !files.includes(name));
		expect(more.filter((name) => name.startsWith('dist/webgpu/'))).toEqual(more);
		expect(more).toEqual(expect.arrayContaining(['dist/webgpu/index.js', `dist/webgpu/dist/${target}/dawn.node`]));
		expect(more.filter((name) => name.endsWith('dawn.node'))).toHaveLength(1);
		expect(statSync(file).size).toBeLessThan(60 * 1024 * 1024);
		rmSync(file);
	}
});

test('has every file that its manifest names', () => {
	const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
	const named = [manifest.main, manifest.browser, manifest.icon, ...Object.values(manifest.bin)].map((file) =>
		path.posix.normalize(file),
	);
	const icons = JSON.stringify(manifest.contributes).match(/media\/[\w./-]+/g) ?? [];
	expect(files).toEqual(expect.arrayContaining([...named, ...icons]));
});

test('has the notices of all that it contains', async () => {
	expect((await bundledPackages()).length).toBeGreaterThan(3);
	expect(readFileSync(path.join(root, 'THIRD_PARTY_NOTICES.txt'), 'utf8')).toBe(await notices());
});
