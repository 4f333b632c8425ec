import { beforeEach, describe, expect, it, vi } from 'vitest';

const host = vi.hoisted(() => ({
	files: new Map<string, string>(),
	readOnly: false,
	full: false,
	/** Button of the confirmation, and file of the save dialog; undefined where the user gives up. */
	button: undefined as string | undefined,
	saveAs: undefined as string | undefined,
	asked: [] as string[],
	uri: (path: string) => ({ path, scheme: 'file', toString: () => `file://${path}` }),
}));
vi.mock('vscode', () => ({
	FileType: { Directory: 2 },
	ProgressLocation: { Notification: 15 },
	Uri: {
		joinPath: (base: { path: string }, ...parts: string[]) =>
			host.uri(parts.reduce((at, part) => (part === '..' ? at.replace(/\/[^/]*$/, '') : `${at}/${part}`), base.path)),
	},
	window: {
		showWarningMessage: (message: string, _options: unknown, ...buttons: string[]) => {
			host.asked.push(`${message} ${buttons.join(', ')}`);
			return Promise.resolve(host.button);
		},
		showSaveDialog: ({ defaultUri }: { defaultUri: { path: string } }) => {
			host.asked.push(`save ${defaultUri.path}`);
			return Promise.resolve(host.saveAs === undefined ? undefined : host.uri(host.saveAs));
		},
		withProgress: (_options: unknown, work: () => unknown) => work(),
	},
	workspace: {
		workspaceFolders: [{ uri: host.uri('/project') }],
		fs: {
			isWritableFileSystem: () => !host.readOnly,
			stat: () => Promise.resolve({ type: 1 }),
			writeFile: ({ path }: { path: string }, bytes: Uint8Array) => {
				if (host.full) {
					return Promise.reject(new Error('no space left'));
				}
				host.files.set(path, `${bytes}`);
				return Promise.resolve();
			},
			rename: (from: { path: string }, to: { path: string }) => {
				host.files.set(to.path, host.files.get(from.path)!);
				host.files.delete(from.path);
				return Promise.resolve();
			},
			delete: ({ path }: { path: string }) => Promise.resolve(host.files.delete(path)),
		},
	},
}));
const used = vi.hoisted(() => vi.fn());

import { normalization } from '../../../../src/core/image/normalizations';
import type { Preprocessing } from '../../../../src/core/model';
import { keepChoice } from '../../../../src/extension/doctor/keepChoice';

const preprocessing: Preprocessing = {
	...normalization('unit', 'RGB'),
	longestSide: 513,
	padMultiple: 8,
	alignCorners: false,
};

async function keep(file: string, { adopting = false, signal = new AbortController().signal } = {}) {
	const uri = host.uri(file);
	const models = {
		read: (at: { path: string }) => Promise.resolve({ uri: at, name: at.path.replace(/.*\//, '') }),
		use: async (at: { path: string }) => {
			used(at.path);
			return await models.read(at);
		},
	};
	const parts = {
		models,
		extensionUri: host.uri('/extension'),
		prepare: () => Promise.resolve(Uint8Array.of(1, 2)),
	};
	const patient = { file: { uri, name: file.replace(/.*\//, '') }, handle: {}, adopting };
	const choice = { patient, id: 'rgb-unit-fit-half-pixel', before: preprocessing, preprocessing };
	return await keepChoice(parts as never, choice as never, signal);
}

beforeEach(() => {
	host.files = new Map([['/models/net.onnx', 'before']]);
	Object.assign(host, { readOnly: false, full: false, button: undefined, saveAs: undefined });
	host.asked.length = 0;
	used.mockClear();
});

describe('keeping a choice', () => {
	it('rewrites the user’s own model after a confirmation, and uses it', async () => {
		host.button = 'Rewrite';
		expect(await keep('/models/net.onnx')).toMatchObject({ name: 'net.onnx' });
		expect(host.asked).toEqual(['Rewrite how pictures reach “net.onnx”? Rewrite, Save As…']);
		expect([...host.files]).toEqual([['/models/net.onnx', '1,2']]);
		expect(used).toHaveBeenCalledExactlyOnceWith('/models/net.onnx');
	});

	it('saves it elsewhere where that is chosen, and leaves the model', async () => {
		host.button = 'Save As…';
		host.saveAs = '/models/new.onnx';
		await keep('/models/net.onnx');
		expect(host.asked[1]).toBe('save /models/net-rgb-unit-fit-half-pixel.onnx');
		expect([...host.files]).toEqual([
			['/models/net.onnx', 'before'],
			['/models/new.onnx', '1,2'],
		]);
	});

	it.each([
		['a bundled model', '/extension/models/net.onnx', false, false, 'save /project/net-rgb-unit-fit-half-pixel.onnx'],
		['a read-only file system', '/models/net.onnx', true, false, 'save /models/net-rgb-unit-fit-half-pixel.onnx'],
		['a model that is adopted', '/models/net.onnx', false, true, 'save /models/net-deeplab.onnx'],
	])('asks for another file at once for %s', async (_of, file, readOnly, adopting, dialog) => {
		host.readOnly = readOnly;
		expect(await keep(file, { adopting })).toBeUndefined();
		expect(host.asked).toEqual([dialog]);
		expect([...host.files]).toEqual([['/models/net.onnx', 'before']]);
		expect(used).not.toHaveBeenCalled();
	});

	it('refuses the extension’s own folder, and the model that is adopted itself', async () => {
		host.saveAs = '/extension/models/net.onnx';
		await expect(keep('/extension/models/net.onnx')).rejects.toMatchObject({ problem: { code: 'output.unwritable' } });
		host.saveAs = '/models/net.onnx';
		await expect(keep('/models/net.onnx', { adopting: true })).rejects.toMatchObject({
			problem: { code: 'output.unwritable' },
		});
		expect([...host.files]).toEqual([['/models/net.onnx', 'before']]);
	});

	it('that fails or is given up leaves the model, and the setting', async () => {
		expect(await keep('/models/net.onnx')).toBeUndefined();
		host.button = 'Rewrite';
		host.full = true;
		await expect(keep('/models/net.onnx')).rejects.toMatchObject({
			problem: { code: 'output.unwritable', detail: 'no space left' },
		});
		host.full = false;
		const controller = new AbortController();
		controller.abort();
		expect(await keep('/models/net.onnx', { signal: controller.signal })).toBeUndefined();
		expect([...host.files]).toEqual([['/models/net.onnx', 'before']]);
		expect(used).not.toHaveBeenCalled();
	});
});
