import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, messagesOf, until, useQuickNetwork, workspaceFile } from './support';

describe('kept runs', () => {
	useQuickNetwork();

	it('are listed newest first', async () => {
		const inspector = await api();
		const first = await inspector.segment(workspaceFile('chelsea.png'));
		const second = await inspector.segment(workspaceFile('coffee.png'));
		assert.deepEqual(
			inspector
				.runs()
				.slice(0, 2)
				.map(({ id }) => id),
			[second.id, first.id],
		);
	});

	it('open again within 150 ms', async () => {
		const inspector = await api();
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		const runs = ['astronaut.png', 'chelsea.png', 'coffee.png'].map(
			(name) => inspector.runs().find(({ pictureName }) => pictureName === name)!,
		);
		const times: number[] = [];
		for (const run of [...runs, ...runs]) {
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			await until('no editor', () => inspector.inspectors().length === 0);
			const began = performance.now();
			await inspector.openRun(run.id);
			times.push(performance.now() - began);
			const shown = inspector.inspectors().find(({ active }) => active);
			assert.ok(shown?.state.kind === 'run' && shown.state.info.id === run.id);
		}
		console.log(`opening a run: ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
		assert.ok(Math.max(...times) < 150, times.map((time) => time.toFixed(0)).join(', '));
	});

	it('share one tab, which segmenting and keeping turn into the run’s own', async () => {
		const inspector = await api();
		const [first, second, third] = ['astronaut.png', 'chelsea.png', 'coffee.png'].map(
			(name) => inspector.runs().find(({ pictureName }) => pictureName === name)!,
		);
		const shown = () => inspector.inspectors().map(({ state }) => (state.kind === 'run' ? state.info.id : state.kind));
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		await until('no editor', () => inspector.inspectors().length === 0);
		await inspector.openRun(first!.id);
		await inspector.openRun(second!.id);
		assert.deepEqual(shown(), [second!.id]);
		await inspector.openRun(second!.id, true);
		await inspector.openRun(third!.id);
		await inspector.openRun(first!.id);
		assert.deepEqual(shown(), [second!.id, first!.id]);
		const anew = await inspector.segment(workspaceFile('astronaut.png'));
		await inspector.openRun(third!.id);
		assert.deepEqual(shown(), [second!.id, anew.id, third!.id]);
	});

	it('can be removed, which closes their tab', async () => {
		const inspector = await api();
		const run = inspector.runs()[0]!;
		await inspector.openRun(run.id);
		await inspector.removeRun(run.id);
		assert.ok(inspector.runs().every(({ id }) => id !== run.id));
		await until('the tab’s end', () =>
			inspector.inspectors().every(({ state }) => state.kind !== 'run' || state.info.id !== run.id),
		);
		const messages = await messagesOf(() => inspector.openRun(run.id));
		assert.equal(messages.length, 1, messages.join('\n'));
	});
});
