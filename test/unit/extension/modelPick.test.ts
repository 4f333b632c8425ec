/** The list that models are chosen from, and the model in use, with an editor that is played. */
import { beforeEach, describe, expect, it, vi } from 'vitest';

interface Item {
	readonly label: string;
	readonly description?: string;
	readonly buttons?: readonly unknown[];
}

const editor = vi.hoisted(() => ({
	setting: '/models/gone.onnx',
	/** Where the settings cannot be written. */
	broken: false,
	pick: undefined as unknown as { items: readonly Item[]; press(item: Item): Promise<void>; hide(): void },
	uri: (path: string) => ({ path, fsPath: path, scheme: 'file', toString: () => path }),
}));
vi.mock('vscode', () => ({
	ConfigurationTarget: { Global: 1 },
	EventEmitter: class {
		private readonly listeners: (() => void)[] = [];
		readonly event = (listener: () => void) => {
			this.listeners.push(listener);
			return { dispose: () => undefined };
		};
		fire() {
			for (const listener of this.listeners) {
				listener();
			}
		}
	},
	FileSystemError: class extends Error {
		readonly code = 'FileNotFound';
	},
	FileType: { Directory: 2 },
	QuickPickItemKind: { Separator: -1 },
	ThemeIcon: class {},
	Uri: {
		file: editor.uri,
		joinPath: (_: unknown, ...parts: string[]) => editor.uri(`/extension/${parts.join('/')}`),
		parse: editor.uri,
	},
	window: {
		createQuickPick: () => {
			let pressed: (event: { item: Item }) => Promise<void>;
			let hidden: () => void;
			editor.pick = {
				items: [],
				activeItems: [],
				onDidAccept: () => undefined,
				onDidTriggerItemButton: (listener: typeof pressed) => {
					pressed = listener;
				},
				onDidHide: (listener: typeof hidden) => {
					hidden = listener;
				},
				show: () => undefined,
				dispose: () => undefined,
				press: async (item: Item) => await pressed({ item }),
				hide: () => hidden(),
			} as never;
			return editor.pick;
		},
	},
	workspace: {
		workspaceFolders: [],
		asRelativePath: ({ path }: { path: string }) => path,
		findFiles: async () => [],
		fs: {
			stat: async ({ path }: { path: string }) => {
				if (path.includes('gone')) {
					const { FileSystemError } = await import('vscode');
					throw new FileSystemError();
				}
				return { type: 1, size: 10, mtime: 1 };
			},
		},
		getConfiguration: () => ({
			inspect: () => undefined,
			update: async (_: string, value: string) => {
				if (editor.broken) {
					throw new Error('the settings have errors');
				}
				editor.setting = value;
			},
		}),
	},
}));

import { InspectorError } from '../../../src/core/problem';
import { ModelLibrary } from '../../../src/extension/models/modelLibrary';
import { pickModel } from '../../../src/extension/models/modelPick';
import { Models } from '../../../src/extension/models/models';

const report = vi.fn();
let memory: Map<string, unknown>;
let models: Models;

function open() {
	const globalState = {
		get: (key: string, fallback: unknown) => memory.get(key) ?? fallback,
		update: async (key: string, value: unknown) => void memory.set(key, value),
	};
	const settings = {
		get current() {
			return { model: editor.setting };
		},
	};
	models = new Models({ globalState, extensionUri: {} } as never, settings as never, {} as never);
	const damaged = new InspectorError({ code: 'model.damaged', name: 'net.onnx', detail: 'cut' });
	const inference = async () => ({ client: { summarizeModel: () => Promise.reject(damaged) } });
	const library = new ModelLibrary(globalState as never, models, inference as never);
	const current = async () =>
		await models.current().then(
			({ uri }) => uri.toString(),
			() => undefined,
		);
	return pickModel({ models, library, problems: { report } }, { title: 'Select Model', current });
}

/** The models that the list marks as in use, and those that are gone. */
const marked = (mark: string) =>
	editor.pick.items.filter(({ description }) => description?.includes(mark)).map(({ label }) => label);

beforeEach(() => {
	Object.assign(editor, { setting: '/models/gone.onnx', broken: false });
	memory = new Map([['importedModels', ['/models/gone.onnx']]]);
	report.mockClear();
});

describe('the model in use, whose file is gone,', () => {
	it('is taken off the list, which at once has the bundled one as in use', async () => {
		const picked = open();
		await vi.waitFor(() => expect(marked('gone')).toHaveLength(1));
		expect(marked('in use')).toEqual([]);
		await editor.pick.press(editor.pick.items.find(({ description }) => description === 'gone')!);
		expect(marked('gone')).toEqual([]);
		expect(marked('in use')).toEqual(['deeplabv2-mobilenetv2-voc']);
		expect(editor.setting).toBe('');
		editor.pick.hide();
		expect(await picked).toBeUndefined();
	});

	it('stays so where the settings cannot be written, which is told', async () => {
		editor.broken = true;
		const picked = open();
		await vi.waitFor(() => expect(marked('gone')).toHaveLength(1));
		await editor.pick.press(editor.pick.items.find(({ description }) => description === 'gone')!);
		const [error] = report.mock.calls[0]!;
		expect(error).toMatchObject({ problem: { code: 'output.unwritable', name: 'settings.json' } });
		expect(report).toHaveBeenCalledOnce();
		editor.pick.hide();
		await picked;
	});
});

it('a model that is made the one in use is told, also where the setting has it already', async () => {
	open().catch(() => undefined);
	const told = vi.fn();
	models.onDidUse(told);
	editor.setting = '/models/net.onnx';
	await models.use(editor.uri('/models/net.onnx') as never);
	expect(told).toHaveBeenCalledOnce();
	await expect(models.use(editor.uri('/models/gone.onnx') as never)).rejects.toMatchObject({
		problem: { code: 'model.notFound' },
	});
	expect(told).toHaveBeenCalledOnce();
});
