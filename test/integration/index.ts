/** Entry of the integration suite: the extension host calls `run`. */
import assert from 'node:assert/strict';
import Mocha from 'mocha';
import { host } from './chosenHost';
import { extension, saveSetting, skipReasons } from './support';

interface Result {
	readonly title: string;
	readonly state: 'passed' | 'failed' | 'skipped';
	readonly milliseconds: number;
	readonly error?: string;
	/** Why it was skipped. */
	readonly reason?: string;
}

export async function run(): Promise<void> {
	const mocha = new Mocha({
		ui: 'bdd',
		reporter: 'spec',
		timeout: host.form.backend === 'webgpu' ? 180_000 : 60_000,
		color: false,
	});
	await host.prepare();
	for (const [name, value] of Object.entries(host.form.settings)) {
		await saveSetting(name, value);
	}
	mocha.suite.emit('pre-require', globalThis, '', mocha);
	if (host.form.backend === 'webgpu') {
		mocha.suite.afterEach('nothing was taken over by WASM unnoticed', notRefused);
	}
	// In this order: activation is measured before anything else runs.
	await import('./activation');
	await import('./segmenting');
	await import('./badInput');
	if (host.form.backend === 'webgpu') {
		await import('./webgpu');
	}
	await import('./runs');
	await import('./crf');
	await import('./aspp');
	await import('./profile');
	await import('./strides');
	await import('./importing');
	await import('./adopt');
	await import('./doctor');
	await import('./mixedHead');
	await import('./endurance');
	await import('./kills');
	if (host.form.only) {
		mocha.grep(host.form.only);
	}
	const results: Result[] = [];
	const failures = await new Promise<number>((resolve) => {
		const runner = mocha.run(resolve);
		const note = (state: Result['state']) => (test: Mocha.Test | Mocha.Hook, error?: Error) => {
			const title = test.fullTitle();
			const reason = skipReasons.get(title);
			results.push({ title, state, milliseconds: test.duration ?? 0, error: error?.stack, reason });
		};
		runner.on('pass', note('passed'));
		runner.on('fail', note('failed'));
		runner.on('pending', note('skipped'));
	});
	const count = (state: Result['state']) => results.filter((result) => result.state === state).length;
	const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
	await host.sendResults(JSON.stringify({ ...counts, results }, undefined, '\t'));
	if (failures > 0) {
		throw new Error(`${failures} failed`);
	}
}

/** A test that has WebGPU fail chooses it anew before it ends. */
async function notRefused(): Promise<void> {
	if (extension().isActive) {
		assert.equal(extension().exports.backend().status?.webgpuRefused, undefined);
	}
}
