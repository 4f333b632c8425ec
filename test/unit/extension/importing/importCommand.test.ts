import { expect, it, vi } from 'vitest';

const asked = vi.hoisted(() => ({ action: vi.fn() }));
vi.mock('vscode', () => ({
	ProgressLocation: { Notification: 15 },
	Uri: { joinPath: (base: { path: string }, part: string) => ({ path: `${base.path}/${part}` }) },
	window: {
		withProgress: (_options: unknown, work: (progress: unknown, token: unknown) => unknown) =>
			work({ report: () => undefined }, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
		showOpenDialog: () => Promise.resolve([{ path: '/names.txt' }]),
	},
	workspace: {
		fs: {
			stat: () => Promise.reject(new Error('not there')),
			readFile: () => Promise.reject(new Error('no permission')),
		},
	},
}));
vi.mock('../../../../src/extension/segmenting/pictureChoice', () => ({ pictureInActiveEditor: () => undefined }));
vi.mock('../../../../src/extension/importing/checkpointFile', () => ({
	checkpointFile: (uri: unknown) => Promise.resolve({ uri, name: 'mine.pth' }),
}));
vi.mock('../../../../src/extension/importing/importing', () => ({ defaultTarget: () => ({ path: '/mine.onnx' }) }));
vi.mock('../../../../src/extension/importing/importMenu', () => ({ askImportAction: asked.action }));
vi.mock('../../../../src/extension/importing/steps', () => ({
	askText: () => Promise.resolve('Mine'),
	pickOne: () => Promise.resolve('file'),
}));

import { type ImportCommandParts, importCheckpointCommand } from '../../../../src/extension/importing/importCommand';

it('a file of names that cannot be read is told, and the menu stays with what was said before', async () => {
	for (const action of ['name', 'classes', undefined]) {
		asked.action.mockResolvedValueOnce(action);
	}
	const report = vi.fn();
	const parts = {
		importing: {
			examine: () => Promise.resolve({ report: { classes: 21, classSet: 'voc' } }),
			release: () => Promise.resolve(),
		},
		problems: { report },
	} as unknown as ImportCommandParts;

	await importCheckpointCommand(parts, { path: '/mine.pth' } as never);

	expect(report).toHaveBeenCalledOnce();
	expect(report.mock.calls[0]![0]).toMatchObject({
		problem: { code: 'usage', detail: '“names.txt” cannot be read (no permission).' },
	});
	expect(asked.action).toHaveBeenCalledTimes(3);
	expect(asked.action.mock.calls[2]).toEqual([
		'mine.pth',
		expect.objectContaining({ overrides: { name: 'Mine' } }),
		'classes',
	]);
});
