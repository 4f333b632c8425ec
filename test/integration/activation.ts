import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { api, extension } from './support';

describe('activation', () => {
	it('takes less than 50 ms and starts no worker', async () => {
		const found = extension();
		assert.equal(found.isActive, false, 'activated without being asked for');
		const began = performance.now();
		const inspector = await found.activate();
		const whole = performance.now() - began;
		console.log(`activate() ${inspector.activationMilliseconds.toFixed(1)} ms, with loading ${whole.toFixed(1)} ms`);
		assert.ok(inspector.activationMilliseconds < 50, `${inspector.activationMilliseconds} ms`);
		assert.equal(inspector.workerAlive(), false);
	});

	it('carries no onnxruntime into the host', () => {
		const bundle = readFileSync(path.join(extension().extensionPath, 'dist/extension.cjs'), 'utf8');
		assert.ok(!/InferenceSession|ort-wasm/.test(bundle), 'onnxruntime is in dist/extension.cjs');
		const loaded = Object.keys(require.cache).filter((file) => /onnxruntime/.test(file));
		assert.deepEqual(loaded, []);
	});

	it('registers every command of the manifest', async () => {
		await api();
		const registered = await vscode.commands.getCommands(true);
		const contributed = (extension().packageJSON.contributes.commands as { command: string }[]).map(
			({ command }) => command,
		);
		assert.ok(contributed.includes('deeplab.segmentImage'));
		assert.deepEqual(
			contributed.filter((command) => !registered.includes(command)),
			[],
		);
	});
});
