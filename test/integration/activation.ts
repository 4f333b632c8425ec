import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { host } from './chosenHost';
import { api, extension, readFile } from './support';

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

	it('carries no onnxruntime into the host', async () => {
		const { extensionUri, packageJSON } = extension();
		const entry: string = host.kind === 'web' ? packageJSON.browser : packageJSON.main;
		const bundle = new TextDecoder().decode(await readFile(vscode.Uri.joinPath(extensionUri, entry)));
		assert.ok(bundle.includes('activate'), entry);
		assert.ok(!/InferenceSession\.create|wasmPaths/.test(bundle), `onnxruntime is in ${entry}`);
		const loaded = host.loadedFiles().filter((file) => /onnxruntime/.test(file));
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
