import type * as vscode from 'vscode';
import { type Handlers, type Message, type Methods, Peer, type Port } from '../../shared/rpc';

/**
 * The host's end of one webview, over the lives of its pages: VS Code drops a hidden page and loads it anew.
 *
 * @typeParam Host methods served here
 * @typeParam Page methods of the page
 */
export class WebviewConnection<Host extends Methods<Host>, Page extends Methods<Page>> {
	private peer: Peer<Host, Page>;
	private listening = false;
	private disposed = false;

	constructor(
		private readonly webview: vscode.Webview,
		private readonly handlers: Handlers<Host>,
	) {
		this.peer = new Peer<Host, Page>(webviewPort(webview), handlers);
	}

	/** To be called when the page has asked for its state: from now on it is told of changes. */
	pageIsReady(): void {
		this.listening = true;
	}

	/** The page is hidden, and with it gone: what it had not answered is over. */
	pageIsGone(): void {
		this.peer.close();
		this.listening = false;
		if (!this.disposed) {
			this.peer = new Peer<Host, Page>(webviewPort(this.webview), this.handlers);
		}
	}

	/** Calls the page where there is one; one that is not there asks for its state when it is loaded. */
	tell<K extends keyof Page & string>(method: K, params: Page[K]['params']): void {
		if (this.listening) {
			// A page that goes away in between answers no more, and need not.
			this.peer.call(method, params).catch(() => undefined);
		}
	}

	dispose(): void {
		this.disposed = true;
		this.pageIsGone();
	}
}

function webviewPort(webview: vscode.Webview): Port {
	return {
		post: (message) => void webview.postMessage(message),
		listen: (handler) => {
			const subscription = webview.onDidReceiveMessage((message: unknown) => {
				if (isMessage(message)) {
					handler(message);
				}
			});
			return () => subscription.dispose();
		},
	};
}

const kinds: ReadonlySet<unknown> = new Set<Message['kind']>(['request', 'cancel', 'progress', 'result', 'problem']);

function isMessage(value: unknown): value is Message {
	return typeof value === 'object' && value !== null && 'kind' in value && kinds.has(value.kind) && 'id' in value;
}
