import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { WorkerHandle } from '../../worker/client/client';
import { errorDetail } from '../files';
import type { Platform } from './platform';

/** Of the worker's script, one for all clients: the host holds what it stands for as long as it runs. */
let workerUrl: string | undefined;

/** The extension host of VS Code for the Web, itself a worker. */
export const webPlatform: Platform = {
	// Threads need shared memory, which browsers give to cross-origin isolated pages only.
	hardwareThreads: () => (crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency) : 1),
	homeFolder: () => undefined,
	createInference: async ({ extensionUri, threads, backend, ...rest }) => {
		const [{ InferenceClient }, { startWebWorker }, { assetsUrl, scriptUrl }] = await Promise.all([
			import('../../worker/client/client'),
			import('../../worker/client/startWorker.web'),
			import('../../worker/client/webPorts'),
		]);
		const readFile = (path: string) => readDistFile(extensionUri, path);
		let worker: WorkerHandle | undefined;
		const client = new InferenceClient({
			startWorker: () => {
				worker = startWebWorker({
					script: async () => {
						workerUrl ??= scriptUrl(await readFile('web/worker.js'));
						return workerUrl;
					},
					readFile,
				});
				return worker;
			},
			setup: () => ({ assets: assetsUrl, threads: threads(), backend: backend() }),
			...rest,
		});
		return { client, kill: async () => worker?.terminate() };
	},
};

/** Through VS Code, which knows every scheme that an extension may have been installed from. */
async function readDistFile(extensionUri: vscode.Uri, path: string): Promise<Uint8Array<ArrayBuffer>> {
	const uri = vscode.Uri.joinPath(extensionUri, 'dist', ...path.split('/'));
	try {
		// A copy with a buffer of its own, which can be moved.
		return new Uint8Array(await vscode.workspace.fs.readFile(uri));
	} catch (error) {
		const detail = `${uri.toString(true)}: ${errorDetail(error)}`;
		throw new InspectorError({ code: 'runtime.unavailable', detail }, { cause: error });
	}
}
