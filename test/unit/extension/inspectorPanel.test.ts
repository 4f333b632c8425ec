/** An Inspector's tab without VS Code: what its page is told, and in which order. */

import { expect, it, vi } from 'vitest';
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
import type { InspectorStrides } from '../../../src/shared/protocol/strides';
import { makeRun } from './support';

interface Told {
	readonly kind: string;
	readonly id: number;
	readonly method?: string;
}

it('a page that gets another run is told of its comparison of output strides once it shows the run', async () => {
	const told: Told[] = [];
	let fromPage: (message: unknown) => void = () => undefined;
	const nothing = () => ({ dispose: () => undefined });
	const webview = {
		cspSource: '',
		asWebviewUri: (uri: unknown) => uri,
		postMessage: async (message: Told) => void told.push(message),
		onDidReceiveMessage: (handler: typeof fromPage) => {
			fromPage = handler;
			return { dispose: () => undefined };
		},
	};
	const tab = { webview, title: '', visible: true, onDidDispose: nothing, onDidChangeViewState: nothing };
	const { info } = makeRun('b');
	const strides: InspectorStrides = {
		runId: 'b',
		pair: [8, 16],
		sides: [undefined, undefined],
		effect: undefined,
		activity: { kind: 'idle' },
	};
	const tellStrides = (panel: InspectorPanel) => panel.tellRun('b', 'strides', strides);
	let read: (run: InspectorRun) => void = () => undefined;
	const services: Partial<InspectorPanelServices> = {
		extensionUri: { toString: () => 'file:///extension' } as vscode.Uri,
		opacity: () => 0.6,
		loadRun: () =>
			new Promise((resolve) => {
				read = resolve;
			}),
		loadCrf: async () => undefined,
		parityOf: () => undefined,
		pageIsReady: () => undefined,
		runIsShown: tellStrides,
	};
	const panel = new InspectorPanel(tab as unknown as vscode.WebviewPanel, services as InspectorPanelServices);
	fromPage({ kind: 'request', id: 1, method: 'ready', params: null });
	await vi.waitFor(() => expect(told.map(({ kind }) => kind)).toEqual(['result']));

	panel.show({ kind: 'run', info, probe: undefined });
	// The page does not know the run yet, and leaves this out.
	tellStrides(panel);
	read({ info } as InspectorRun);
	await vi.waitFor(() => expect(told.slice(1).map(({ method }) => method)).toEqual(['strides', 'show', 'strides']));
});
