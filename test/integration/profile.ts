import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { profileTree } from '../../src/core/profile/profileTree';
import { decodeProfile } from '../../src/extension/profile/profileRecord';
import { api, messagesOf, readFile, smallPicture, workspaceFile } from './support';

async function problemOf(work: Promise<unknown>): Promise<string> {
	return await work.then(
		() => 'none',
		(error: { problem?: { code: string } }) => error.problem?.code ?? String(error),
	);
}

describe('the profile of a run', () => {
	it('has the time of each stage and operator, and is kept with the run', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const profile = await inspector.profile(run.id);
		const { geometry } = run;
		assert.deepEqual(profile.inputSize, [geometry.inputHeight, geometry.inputWidth]);
		assert.equal(profile.modelName, run.model.name);
		const stages = profile.stages.map(({ stage }) => stage);
		assert.deepEqual(stages.slice(0, 4), ['decode', 'model', 'network', 'upsample']);
		const network = profileTree(profile).children.find(({ name }) => name === 'network');
		assert.equal(network?.milliseconds, profile.profiledMilliseconds);
		for (const { output } of run.model.branches) {
			assert.ok(
				profile.operators.some((operator) => operator.path.join('.') === output),
				`no operator ${output}`,
			);
		}
		assert.equal(profile.memory?.kind, 'wasmHeap');

		const file = vscode.Uri.joinPath(inspector.runsFolder, run.id, 'profile.json');
		assert.deepEqual(decodeProfile(await readFile(file)), JSON.parse(JSON.stringify(profile)));
		// The worker that holds the run's network is another one, and still there.
		assert.ok(inspector.workerAlive());
	});

	it('cannot be had of a picture that is gone, which is told in the Inspector alone; the next can', async () => {
		const inspector = await api();
		const uri = await smallPicture();
		const run = await inspector.segment(uri);
		await vscode.workspace.fs.delete(uri);
		let code = '';
		const messages = await messagesOf(async () => {
			code = await problemOf(inspector.profile(run.id));
		});
		assert.equal(code, 'picture.notFound');
		assert.deepEqual(messages, []);
		await smallPicture();
		assert.ok((await inspector.profile(run.id)).operators.length > 0);
	});

	it('of another run takes its place', async () => {
		const inspector = await api();
		const first = await inspector.segment(workspaceFile('chelsea.png'));
		const second = await inspector.segment(await smallPicture());
		const ended = problemOf(inspector.profile(first.id));
		await inspector.profile(second.id);
		assert.equal(await ended, 'cancelled');
	});

	it('of a run that is not there fails', async () => {
		const inspector = await api();
		assert.equal(await problemOf(inspector.profile('no-such-run')), 'run.notFound');
	});
});
