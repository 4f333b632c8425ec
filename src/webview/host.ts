/** The seam around `acquireVsCodeApi`: everything a page knows of the world outside it. */
import * as l10n from '@vscode/l10n';
import type { PageSetup } from '../shared/protocol/page';
import { type Handlers, type Message, type Methods, Peer, type Port } from '../shared/rpc';

interface VsCodeApi {
	postMessage(message: unknown, transfer?: readonly Transferable[]): void;
	getState(): unknown;
	setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** A page's connection: its setup, the host's methods, and the state that survives a reload. */
export interface Connection<Local extends Methods<Local>, Remote extends Methods<Remote>> {
	readonly setup: PageSetup;
	readonly host: Peer<Local, Remote>;
	/** What `setState` was last given, also after a reload; undefined at first. */
	getState(): unknown;
	setState(state: unknown): void;
}

/**
 * Connects the page to its host and sets the display language; call it once, before any text is made.
 *
 * @param handlers the methods this page serves
 */
export function connect<Local extends Methods<Local>, Remote extends Methods<Remote>>(
	handlers: Handlers<Local>,
): Connection<Local, Remote> {
	const setup = readSetup();
	l10n.config({ contents: { ...setup.l10n } });
	document.documentElement.lang = setup.language;
	const api = acquireVsCodeApi();
	return {
		setup,
		host: new Peer<Local, Remote>(windowPort(api), handlers),
		getState: () => api.getState(),
		setState: (state) => api.setState(state),
	};
}

function windowPort(api: VsCodeApi): Port {
	return {
		post: (message, transfer) => api.postMessage(message, transfer),
		listen(handler) {
			const onMessage = (event: MessageEvent<unknown>) => {
				// The frame that hosts the page shares its origin; anything else has no business here.
				if (event.origin === window.origin && isMessage(event.data)) {
					handler(event.data);
				}
			};
			window.addEventListener('message', onMessage);
			return () => window.removeEventListener('message', onMessage);
		},
	};
}

const messageKinds: ReadonlySet<unknown> = new Set<Message['kind']>([
	'request',
	'cancel',
	'progress',
	'result',
	'problem',
]);

function isMessage(data: unknown): data is Message {
	return (
		typeof data === 'object' &&
		data !== null &&
		'kind' in data &&
		messageKinds.has(data.kind) &&
		'id' in data &&
		typeof data.id === 'number'
	);
}

function readSetup(): PageSetup {
	const text = document.body.dataset.page;
	if (text === undefined) {
		throw new Error('the page has no data-page attribute');
	}
	return JSON.parse(text) as PageSetup;
}
