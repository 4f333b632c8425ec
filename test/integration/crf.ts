import assert from 'node:assert/strict';
import { decode } from 'fast-png';
import * as vscode from 'vscode';
import { defaultCrfParameters } from '../../src/core/crf/parameters';
import type { InspectorApi } from '../../src/extension/api';
import type { CrfRunView, CrfSettings } from '../../src/shared/protocol/crf';
import { host } from './chosenHost';
import { api, longestGap, messagesOf, pause, readFile, until, workspaceFile } from './support';

const settings = (changes: Partial<CrfSettings['parameters']> = {}): CrfSettings => ({
	parameters: { ...defaultCrfParameters, ...changes },
	resolution: 'picture',
});

function view({ crf }: InspectorApi): CrfRunView {
	const state = crf();
	assert.equal(state.kind, 'run');
	return state.kind === 'run' ? state.view : assert.fail();
}

async function problemOf(work: Promise<unknown>): Promise<string> {
	return await work.then(
		() => 'none',
		(error: { problem?: { code: string } }) => error.problem?.code ?? String(error),
	);
}

describe('the CRF', () => {
	after(async () => {
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
	});

	it('refines the sample: every iteration, and what each class gained and lost', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const outcome = await inspector.refine();
		assert.deepEqual(outcome.settings, settings());
		assert.deepEqual([outcome.width, outcome.height], [451, 300]);
		assert.equal(outcome.steps.length, 11);
		assert.equal(outcome.threads, host.threads ?? outcome.threads);
		assert.ok(outcome.changedPixels > 500 && outcome.changedPixels < 20_000, `${outcome.changedPixels} pixels`);
		const total = (of: 'before' | 'after') => outcome.changes.reduce((sum, change) => sum + change[of], 0);
		assert.deepEqual([total('before'), total('after')], [451 * 300, 451 * 300]);
		const before = new Map(run.classes.map(({ label, pixels }) => [label, pixels]));
		for (const change of outcome.changes) {
			assert.equal(change.before, before.get(change.label) ?? 0);
		}
		assert.equal(view(inspector).runId, run.id);
		assert.deepEqual(view(inspector).outcome, outcome);
	});

	it('is kept with the run, and there again without the worker', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('coffee.png'));
		const chosen = settings({ iterations: 4, spatialWeight: 5 });
		const outcome = await inspector.refine(run.id, chosen);
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		await until('no run', () => inspector.crf().kind === 'noRun');
		await inspector.killWorker();
		await inspector.openRun(run.id);
		await until('the kept CRF', () => {
			const state = inspector.crf();
			return state.kind === 'run' && state.view.outcome !== undefined;
		});
		assert.deepEqual(view(inspector).settings, chosen);
		assert.deepEqual(view(inspector).outcome, outcome);
		assert.equal(inspector.workerAlive(), false);
		// And the same once more costs nothing.
		assert.deepEqual(await inspector.refine(run.id), outcome);
		assert.equal(inspector.workerAlive(), false);
	});

	it('of many settings gives the last, and cancels those between', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const weights = [1, 2, 3, 5, 6, 7];
		const began = performance.now();
		const results = await Promise.all(
			weights.map((bilateralWeight) =>
				inspector.refine(run.id, settings({ bilateralWeight })).then(
					(outcome) => outcome.settings.parameters.bilateralWeight,
					(error: { problem?: { code: string } }) => error.problem?.code,
				),
			),
		);
		assert.deepEqual(results, [...weights.slice(0, -1).map(() => 'cancelled'), 7]);
		console.log(`six settings at once: ${(performance.now() - began).toFixed(0)} ms`);
		assert.equal(view(inspector).outcome?.settings.parameters.bilateralWeight, 7);
	});

	it('at the network’s resolution has a mask of the picture’s size', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('astronaut.png'));
		const outcome = await inspector.refine(run.id, { ...settings({ iterations: 2 }), resolution: 'network' });
		assert.equal(
			outcome.changes.reduce((sum, { after }) => sum + after, 0),
			512 * 512,
		);
	});

	it('by its command brings the view to the front and shows the mask after', async () => {
		const inspector = await api();
		await inspector.segment(workspaceFile('chelsea.png'));
		await vscode.commands.executeCommand('deeplab.refineCrf');
		assert.equal(view(inspector).layer, 'after');
		assert.ok(view(inspector).outcome);
		// With the view in sight the next run is computed by itself.
		const next = await inspector.segment(workspaceFile('coffee.png'));
		await until(
			'the CRF of the next run',
			() => view(inspector).runId === next.id && view(inspector).outcome !== undefined,
			20_000,
		);
		assert.equal(view(inspector).layer, 'mask');
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
	});

	it('saves the mask after', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const outcome = await inspector.refine(run.id, settings());
		const shown = vscode.window as { showSaveDialog: unknown };
		const original = shown.showSaveDialog;
		shown.showSaveDialog = async () => workspaceFile('after.png');
		try {
			await vscode.commands.executeCommand('deeplab.saveMask', run.id, 'after');
		} finally {
			shown.showSaveDialog = original;
		}
		const mask = decode(await readFile(workspaceFile('after.png')));
		for (const { label, after } of outcome.changes) {
			assert.equal(mask.data.filter((each) => each === label).length, after);
		}
	});

	it('ends silently with its Inspector, and the next works', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('astronaut.png'));
		let code = '';
		const messages = await messagesOf(async () => {
			const refining = problemOf(inspector.refine(run.id, settings({ iterations: 50 })));
			await until('the first iteration', () => {
				const { activity } = view(inspector);
				return activity.kind === 'running' && activity.iteration !== undefined;
			});
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			code = await refining;
		});
		assert.equal(code, 'cancelled');
		assert.deepEqual(messages, []);
		assert.ok(inspector.workerAlive());
		assert.equal((await inspector.refine(run.id, settings({ iterations: 1 }))).steps.length, 2);
	});

	it('that fails is one message, and the next works', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const messages = await messagesOf(async () => {
			assert.equal(await problemOf(inspector.refine(run.id, settings({ spatialSigma: -1 }))), 'crf.badParameter');
		});
		assert.equal(messages.length, 1, messages.join('\n'));
		assert.match(messages[0]!, /spatialSigma/);
		const crash = await messagesOf(async () => {
			const refining = problemOf(inspector.refine(run.id, settings({ iterations: 60 })));
			await until('it runs', () => view(inspector).activity.kind === 'running');
			await pause(200);
			await inspector.killWorker();
			assert.equal(await refining, 'worker.crashed');
		});
		assert.equal(crash.length, 1, crash.join('\n'));
		assert.equal((await inspector.refine(run.id, settings({ iterations: 1 }))).steps.length, 2);
	});

	it('leaves the extension host free', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('astronaut.png'));
		const gap = await longestGap(() => inspector.refine(run.id, settings({ bilateralWeight: 2 })));
		console.log(`longest gap of a 10 ms timer while refining: ${gap.toFixed(0)} ms`);
		assert.ok(gap < 100, `${gap.toFixed(0)} ms`);
	});
});
