/** What is asked of the CRF from outside its view, without VS Code. */
import { expect, it, vi } from 'vitest';
import { InspectorError } from '../../../../src/core/problem';
import { CrfController, type CrfControllerParts } from '../../../../src/extension/crf/crfController';
import { makeRun } from '../support';

vi.mock('vscode', () => ({
	EventEmitter: class {
		readonly event = () => ({ dispose: () => undefined });
		fire() {}
		dispose() {}
	},
	Disposable: { from: () => ({ dispose: () => undefined }) },
}));

it('a run is found also where what is kept has not been read yet', async () => {
	const { info } = makeRun('a');
	const asked: string[] = [];
	const client = {
		refine: async ({ runId }: { readonly runId: string }) => {
			asked.push(runId);
			throw new InspectorError({ code: 'runtime.failed', detail: 'enough' });
		},
	};
	const shown: unknown[] = [];
	const controller = new CrfController({
		inference: async () => ({ client }),
		store: { get: () => undefined, find: async () => ({ info }), crf: async () => undefined },
		panels: {
			all: [],
			lastActive: undefined,
			onDidChange: () => ({ dispose: () => undefined }),
			showRun: (run: unknown) => shown.push(run),
		},
		presets: { list: () => [] },
		problems: { report: (error: InspectorError) => error.problem },
		log: { info: () => undefined, warn: () => undefined },
	} as unknown as CrfControllerParts);
	await expect(controller.refine('a')).rejects.toMatchObject({ problem: { code: 'runtime.failed' } });
	expect([asked, shown]).toEqual([['a'], [info]]);
	controller.dispose();
});
