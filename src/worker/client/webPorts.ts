/** What the host and a worker of a browser say to each other before the worker serves, and the channels they then use. */
import type { Message, Port } from '../../shared/rpc';

/** The one message that a worker gets by itself; the rest goes through its ports. */
export interface WebWorkerStart {
	/** Of the worker's methods. */
	readonly methods: MessagePort;
	/** Of {@link HostFileMethods}. */
	readonly files: MessagePort;
}

/**
 * What the host serves to its worker: only the host reaches a file of the extension whatever the scheme of its URI.
 */
export interface HostFileMethods {
	/** @throws InspectorError `runtime.unavailable` */
	readFile: {
		params: {
			/** Below `dist`, such as `assets/dense-crf.wasm`. */
			readonly path: string;
		};
		result: Uint8Array<ArrayBuffer>;
	};
}

/** The host's files as a worker's assets: their base URL, which only {@link pathOfAsset} reads. */
export const assetsUrl = 'dist:///assets/';

/** @param url below {@link assetsUrl} */
export function pathOfAsset(url: string): string {
	return `assets/${url.slice(url.lastIndexOf('/') + 1)}`;
}

/** Keeps what comes until there is a listener. */
export function portOf(port: MessagePort): Port {
	return {
		post: (message, transfer = []) => port.postMessage(message, [...transfer]),
		listen: (handler) => {
			const listener = (event: MessageEvent<Message>) => handler(event.data);
			port.addEventListener('message', listener);
			port.start();
			return () => port.removeEventListener('message', listener);
		},
	};
}

/** A URL that a worker or a module can be started from, whatever the page's origin and its policy for fetching. */
export function scriptUrl(script: Uint8Array<ArrayBuffer>): string {
	return URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
}
