/** The status bar item of the backend, with an editor that is played. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { BackendChoice, BackendStatus } from '../../../src/core/backend';
import { BackendStatusItem, type BackendStatusParts } from '../../../src/extension/backend/backendStatus';

const warnings = vi.hoisted(() => [] as string[]);
const picked = vi.hoisted(() => ({ label: '' }));
const picks = vi.hoisted(() => [] as string[][]);
vi.mock('vscode', () => ({
	Disposable: { from: () => ({ dispose: () => undefined }) },
	ConfigurationTarget: { Global: 1 },
	QuickPickItemKind: { Separator: -1 },
	StatusBarAlignment: { Right: 2 },
	window: {
		createStatusBarItem: () => ({ show: () => undefined, hide: () => undefined }),
		showQuickPick: async (items: readonly { label: string }[]) => {
			picks.push(items.map(({ label }) => label));
			return items.find(({ label }) => label === picked.label);
		},
		showWarningMessage: async (text: string) => void warnings.push(text),
	},
	workspace: {
		getConfiguration: () => ({
			inspect: () => undefined,
			update: () => Promise.reject(new Error('the settings have errors')),
		}),
	},
}));

const report = vi.fn();
let choose: (backend: BackendChoice) => void;

function started(): BackendStatusItem {
	const settings = {
		current: { backend: 'webgpu' },
		onDidChange: (listener: (settings: { readonly backend: BackendChoice }) => void) => {
			choose = (backend) => listener({ backend });
		},
	};
	const log = { info: () => undefined, warn: () => undefined };
	const panels = { all: [{ visible: true }], onDidChange: () => undefined };
	return new BackendStatusItem({ panels, settings, problems: { report }, log } as unknown as BackendStatusParts);
}

const refused: BackendStatus = {
	chosen: 'webgpu',
	runs: { name: 'wasm', threads: 2 },
	sharedMemory: true,
	webgpuRefused: { reason: 'noAdapter', detail: '' },
};

beforeEach(() => void warnings.splice(0));

it('shows what is chosen until a run tells what runs, and warns once', () => {
	const item = started();
	expect(item.shown).toBe('WebGPU');
	item.tell(refused);
	item.tell(refused);
	expect([item.shown, item.current, warnings.length]).toEqual(['WASM · 2 threads', refused, 1]);
});

it('is told nothing by a run that began before another choice', () => {
	const item = started();
	choose('auto');
	item.tell(refused);
	expect([item.shown, item.current, warnings]).toEqual(['Automatic', undefined, []]);
});

it('the choice says why WASM runs, and why in one thread', async () => {
	const item = started();
	item.tell({ ...refused, runs: { name: 'wasm', threads: 1 }, sharedMemory: false });
	await item.choose();
	const [, , , title, ...reasons] = picks.at(-1)!;
	expect(title).toBe('Why WASM runs');
	expect(reasons).toHaveLength(2);
	expect(reasons[1]).toMatch(/cross-origin isolated/);
});

it('a choice that cannot be written is told', async () => {
	picked.label = 'WASM';
	await started().choose();
	picked.label = '';
	const problem = { code: 'output.unwritable', name: 'settings.json', detail: 'the settings have errors' };
	expect(report.mock.calls).toEqual([[expect.objectContaining({ problem }), 'Choosing the backend']]);
});
