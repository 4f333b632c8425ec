import { describe, expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import { WebviewConnection } from '../../../src/extension/pages/webviewConnection';
import type { RunsHostMethods, RunsPageMethods } from '../../../src/shared/protocol/sideViews';
import type { Message } from '../../../src/shared/rpc';

const nothing = { runs: [], activeId: undefined, inProgress: [] };

function openView() {
	const sent: Message[] = [];
	const listeners = new Set<(message: unknown) => void>();
	const webview = {
		postMessage: (message: Message) => {
			sent.push(message);
			return Promise.resolve(true);
		},
		onDidReceiveMessage: (listener: (message: unknown) => void) => {
			listeners.add(listener);
			return { dispose: () => listeners.delete(listener) };
		},
	} as unknown as vscode.Webview;
	const open = vi.fn(() => null);
	const connection = new WebviewConnection<RunsHostMethods, RunsPageMethods>(webview, {
		ready: () => {
			connection.pageIsReady();
			return nothing;
		},
		open,
		remove: () => null,
		segmentImage: () => null,
	});
	const receive = (message: unknown) => {
		for (const listener of [...listeners]) {
			listener(message);
		}
	};
	return { connection, sent, receive, listeners, open };
}

const ready: Message = { kind: 'request', id: 1, method: 'ready', params: null };

describe('WebviewConnection', () => {
	test('a page that has not asked for its state is told nothing', async () => {
		const { connection, sent, receive } = openView();
		connection.tell('show', nothing);
		expect(sent).toEqual([]);
		receive(ready);
		await vi.waitFor(() => expect(sent).toEqual([{ kind: 'result', id: 1, value: nothing }]));
		connection.tell('show', nothing);
		expect(sent.at(-1)).toMatchObject({ kind: 'request', method: 'show' });
	});

	test('a hidden page is told nothing until it is loaded again', async () => {
		const { connection, sent, receive, listeners } = openView();
		receive(ready);
		await vi.waitFor(() => expect(sent).toHaveLength(1));
		connection.tell('show', nothing);
		connection.pageIsGone();
		connection.tell('show', nothing);
		expect(sent).toHaveLength(2);
		expect(listeners.size).toBe(1);
		receive(ready);
		await vi.waitFor(() => expect(sent).toHaveLength(3));
		connection.tell('show', nothing);
		expect(sent).toHaveLength(4);
	});

	test('foreign messages are passed over', () => {
		const { receive, open } = openView();
		for (const message of [undefined, null, 1, 'x', {}, { kind: 'other', id: 1 }, { kind: 'request' }]) {
			expect(() => receive(message)).not.toThrow();
		}
		expect(open).not.toHaveBeenCalled();
	});

	test('nobody listens after dispose', () => {
		const { connection, receive, listeners, open } = openView();
		connection.dispose();
		expect(listeners.size).toBe(0);
		receive({ kind: 'request', id: 1, method: 'open', params: 'a' });
		expect(open).not.toHaveBeenCalled();
	});
});
