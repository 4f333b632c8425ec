import { expect, it, vi } from 'vitest';

const disk = vi.hoisted(() => ({
	files: new Map<string, string>(),
	joinPath: (base: { path: string }, ...parts: string[]) => {
		const path = parts.reduce((at, part) => (part === '..' ? at.replace(/\/[^/]*$/, '') : `${at}/${part}`), base.path);
		return { path, toString: () => path };
	},
}));
vi.mock('vscode', () => ({
	FileType: { Directory: 2 },
	ProgressLocation: { Notification: 15 },
	Uri: { joinPath: disk.joinPath },
	window: {
		showInformationMessage: (...texts: unknown[]) => Promise.resolve(texts.at(-1)),
		showQuickPick: (items: readonly unknown[]) => Promise.resolve(items[0]),
		showSaveDialog: ({ defaultUri }: { defaultUri: unknown }) => Promise.resolve(defaultUri),
		withProgress: (_options: unknown, work: (progress: unknown, token: unknown) => unknown) =>
			work({}, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
	},
	workspace: {
		fs: {
			stat: () => Promise.resolve({ type: 1 }),
			// A disk that fills up: half of the file is there when writing ends.
			writeFile: ({ path }: { path: string }) => {
				disk.files.set(path, 'half');
				return Promise.reject(new Error('no space left'));
			},
			rename: () => Promise.resolve(),
			delete: ({ path }: { path: string }) => Promise.resolve(disk.files.delete(path)),
		},
	},
}));
vi.mock('../../../src/shared/describeAdoption', () => ({ describeAdoption: () => ({ facts: [], notes: [] }) }));

import { type AdoptionParts, offerAdoption } from '../../../src/extension/adoptModel';

it('a model whose writing fails leaves the file that was there, and no part of the new one', async () => {
	disk.files.set('/models/net-deeplab.onnx', 'before');
	const report = vi.fn();
	const parts = {
		models: { read: () => Promise.resolve({ name: 'net.onnx' }) },
		adopt: () => Promise.resolve({ report: {}, bytes: new Uint8Array(4) }),
		problems: { report },
	} as unknown as AdoptionParts;

	const uri = { path: '/models/net.onnx', toString: () => '/models/net.onnx' };
	expect(await offerAdoption(parts, uri as never)).toBeUndefined();

	expect([...disk.files]).toEqual([['/models/net-deeplab.onnx', 'before']]);
	expect(report.mock.calls[0]![0]).toMatchObject({
		problem: { code: 'output.unwritable', name: 'net-deeplab.onnx', detail: 'no space left' },
	});
});
