/** An Inspector's tab without VS Code: what its page is told, and in which order. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';

vi.mock('vscode', () => ({
	EventEmitter: class {
		readonly event = () => ({ dispose: () => undefined });
		fire() {}
		dispose() {}
	},
	Uri: { joinPath: (base: unknown) => base },
	env: { language: 'en' },
	l10n: {},
}));

import { InspectorPanel, type InspectorPanelServices } from '../../../src/extension/inspector/inspectorPanel';
import type { InspectorRun } from '../../../src/shared/protocol/inspector';
import { makeRun } from './support';

interface Told {
	readonly kind: string;
	readonly id: number;
	readonly method?: string;
	readonly params?: unknown;
}

const { info } = makeRun('b');
let told: Told[];
let fromPage: Set<(message: unknown) => void>;
let read: (run: InspectorRun) => void;
/** What is told of a run to a page that has been given it. */
let restated: () => void;
let tab: { visible: boolean; readonly webview: object; title: string };
let viewStateChanged: () => void;
let panel: InspectorPanel;

/** Results are those of the page's own requests. */
const names = () => told.map(({ kind, method }) => method ?? kind);
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const ready = (id: number) => {
	for (const handler of [...fromPage]) {
		handler({ kind: 'request', id, method: 'ready', params: null });
	}
};

function see(visible: boolean): void {
	tab.visible = visible;
	viewStateChanged();
}

/** One of each that a page is told of a run. */
function tellAll(runId = 'b'): void {
	panel.tellRun(runId, 'crf', null);
	panel.tellRun(runId, 'layer', 'branches');
	panel.tellRun(runId, 'branches', null);
	panel.tellRun(runId, 'dominance', null);
	panel.tellRun(runId, 'profile', { runId, state: { kind: 'reading' } });
	panel.tellRun(runId, 'parity', null);
	panel.tellRun(runId, 'radius', null);
}
const all = ['crf', 'layer', 'branches', 'dominance', 'profile', 'parity', 'radius'];

beforeEach(() => {
	[told, fromPage, restated] = [[], new Set(), () => undefined];
	const nothing = () => ({ dispose: () => undefined });
	tab = {
		webview: {
			cspSource: '',
			asWebviewUri: (uri: unknown) => uri,
			postMessage: async (message: Told) => void told.push(message),
			onDidReceiveMessage: (handler: (message: unknown) => void) => {
				fromPage.add(handler);
				return { dispose: () => fromPage.delete(handler) };
			},
		},
		title: '',
		visible: true,
	};
	const events = {
		onDidDispose: nothing,
		onDidChangeViewState: (listener: () => void) => {
			viewStateChanged = listener;
			return nothing();
		},
	};
	const services: Partial<InspectorPanelServices> = {
		extensionUri: { toString: () => 'file:///extension' } as vscode.Uri,
		opacity: () => 0.6,
		loadRun: () =>
			new Promise((resolve) => {
				read = resolve;
			}),
		loadCrf: async () => undefined,
		parityOf: () => undefined,
		probeMoved: () => undefined,
		pageIsReady: () => restated(),
	};
	panel = new InspectorPanel(
		Object.assign(tab, events) as unknown as vscode.WebviewPanel,
		services as InspectorPanelServices,
	);
});

describe('what is told of a run', () => {
	it('before the page that is there shows it comes once it does', async () => {
		ready(1);
		await turn();
		panel.show({ kind: 'run', info, probe: undefined });
		tellAll();
		panel.tellRun('another', 'crf', null);
		panel.setProbe({ x: 1, y: 2 });
		expect(names()).toEqual(['result']);
		restated = () => panel.tellRun('b', 'fields', null);
		read({ info } as InspectorRun);
		await turn();
		expect(names().slice(1)).toEqual(['show', ...all, 'probe', 'fields']);
		expect(told[1]!.params).toMatchObject({ probe: { x: 1, y: 2 } });
		tellAll();
		expect(names().slice(-all.length)).toEqual(all);
	});

	it('while a page that has just been loaded waits for its state comes after that', async () => {
		panel.show({ kind: 'run', info, probe: undefined });
		ready(1);
		await turn();
		tellAll();
		// The run is read once more for the probe that has moved.
		panel.setProbe({ x: 1, y: 2 });
		read({ info } as InspectorRun);
		await turn();
		expect(told).toEqual([]);
		read({ info } as InspectorRun);
		await turn();
		expect(names()).toEqual(['result', ...all, 'probe']);
	});

	it('is not told where the page goes on to another run, nor kept for a page that is hidden', async () => {
		ready(1);
		await turn();
		panel.show({ kind: 'run', info, probe: undefined });
		tellAll();
		panel.show({ kind: 'cancelled', pictureName: 'c.png' });
		await turn();
		expect(names()).toEqual(['result', 'show']);
		see(false);
		panel.show({ kind: 'run', info, probe: undefined });
		tellAll();
		see(true);
		ready(2);
		await turn();
		read({ info } as InspectorRun);
		await turn();
		expect(names()).toEqual(['result', 'show', 'result']);
	});

	it('is told to no page that was hidden before it had its state', async () => {
		panel.show({ kind: 'run', info, probe: undefined });
		ready(1);
		await turn();
		see(false);
		read({ info } as InspectorRun);
		await turn();
		tellAll();
		panel.setOpacity(0.5);
		expect(told).toEqual([]);
	});
});
