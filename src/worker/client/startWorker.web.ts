import { InspectorError, toProblem } from '../../core/problem';
import { Peer, Transferred } from '../../shared/rpc';
import type { WorkerHandle } from './client';
import { type HostFileMethods, portOf, type WebWorkerStart } from './webPorts';

export interface WebWorkerSource {
	/** A URL of `web/worker.js` that a worker can be started from. */
	script(): Promise<string>;
	/** Reads a file below `dist`. @throws InspectorError `runtime.unavailable` */
	readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Starts the inference worker in a browser: a dedicated worker, nested where the host is one itself. The host's own
 * `Worker` loads the script with `importScripts`, so that it is a classic one.
 */
export function startWebWorker({ script, readFile }: WebWorkerSource): WorkerHandle {
	const methods = new MessageChannel();
	const files = new MessageChannel();
	const fileServer = new Peer<HostFileMethods, Record<never, never>>(portOf(files.port1), {
		readFile: async ({ path }) => {
			const bytes = await readFile(path);
			return new Transferred(bytes, [bytes.buffer]);
		},
	});
	let worker: Worker | undefined;
	let ended: string | undefined;
	const told: ((detail: string) => void)[] = [];
	const end = (detail: string) => {
		if (ended !== undefined) {
			return;
		}
		ended = detail;
		worker?.terminate();
		fileServer.close();
		methods.port1.close();
		files.port1.close();
		for (const callback of told) {
			callback(detail);
		}
	};
	const launch = async () => {
		const url = await script();
		if (ended !== undefined) {
			return;
		}
		worker = new Worker(url, { name: 'DeepLab' });
		worker.addEventListener('error', ({ message }) => end(message || 'the worker failed'));
		worker.addEventListener('messageerror', () => end('a message could not be read'));
		const start: WebWorkerStart = { methods: methods.port2, files: files.port2 };
		worker.postMessage(start, [start.methods, start.files]);
	};
	methods.port1.addEventListener('messageerror', () => end('a message could not be read'));
	launch().catch((error: unknown) => {
		const problem = error instanceof InspectorError ? error.problem : toProblem(error);
		end('detail' in problem ? problem.detail : problem.code);
	});
	return {
		port: portOf(methods.port1),
		onExit: (callback) => {
			if (ended === undefined) {
				told.push(callback);
			} else {
				callback(ended);
			}
		},
		terminate: async () => end('the worker was ended'),
	};
}
