/** What the package holds: everything it needs, nothing else. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { root } from '../../scripts/lib/paths.mjs';
import { bundledPackages, notices } from '../../scripts/notices.mjs';
import { vsixPath } from '../../scripts/package.mjs';

const limitBytes = 40 * 1024 * 1024;

let files: readonly string[] = [];

test.beforeAll(async () => {
	const names: string[] = [];
	unzipSync(readFileSync(await vsixPath()), {
		filter: ({ name }) => {
			names.push(name);
			return false;
		},
	});
	files = names.filter((name) => name.startsWith('extension/')).map((name) => name.slice('extension/'.length));
});

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
