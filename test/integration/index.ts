/** Entry of the integration suite: the extension host calls `run`. */
import { writeFile } from 'node:fs/promises';
import Mocha from 'mocha';

interface Result {
	readonly title: string;
	readonly state: 'passed' | 'failed' | 'skipped';
	readonly milliseconds: number;
	readonly error?: string;
}

export async function run(): Promise<void> {
	const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', timeout: 60_000, color: false });
	mocha.suite.emit('pre-require', globalThis, '', mocha);
	// In this order: activation is measured before anything else runs.
	await import('./activation');
	await import('./segmenting');
	await import('./badInput');
	await import('./webgpu');
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
	// For a narrower run while something is being worked on.
	const only = process.env.DEEPLAB_TEST_ONLY;
	if (only) {
		mocha.grep(only);
	}
	const results: Result[] = [];
	const failures = await new Promise<number>((resolve) => {
		const runner = mocha.run(resolve);
		const note = (state: Result['state']) => (test: Mocha.Test | Mocha.Hook, error?: Error) => {
			results.push({ title: test.fullTitle(), state, milliseconds: test.duration ?? 0, error: error?.stack });
		};
		runner.on('pass', note('passed'));
		runner.on('fail', note('failed'));
		runner.on('pending', note('skipped'));
	});
	const count = (state: Result['state']) => results.filter((result) => result.state === state).length;
	const file = process.env.DEEPLAB_TEST_RESULTS;
	if (file) {
		const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
		await writeFile(file, JSON.stringify({ ...counts, results }, undefined, '\t'));
	}
	if (failures > 0) {
		throw new Error(`${failures} failed`);
	}
}
