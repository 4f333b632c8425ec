import os from 'node:os';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { WorkerHandle } from '../../worker/client/client';
import type { Platform } from './platform';

/** The desktop's and the remote server's extension host. */
export const nodePlatform: Platform = {
	hardwareThreads: () => os.availableParallelism(),
	homeFolder: () => vscode.Uri.file(os.homedir()),
	createInference: async ({ extensionUri, threads, backend, ...rest }) => {
		const [{ InferenceClient }, { startNodeWorker }, { nodeGpuModule }] = await Promise.all([
			import('../../worker/client/client'),
			import('../../worker/client/startWorker.node'),
			import('../../worker/gpu/gpuModule.node'),
		]);
		const dist = vscode.Uri.joinPath(extensionUri, 'dist').fsPath;
		const assets = pathToFileURL(`${dist}/assets/`).href;
		const gpuModule = nodeGpuModule(dist);
		let worker: WorkerHandle | undefined;
		const client = new InferenceClient({
			startWorker: () => {
				worker = startNodeWorker(pathToFileURL(`${dist}/worker.mjs`));
				return worker;
			},
			setup: () => ({ assets, threads: threads(), backend: backend(), ...(gpuModule ? { gpuModule } : {}) }),
			...rest,
		});
		return { client, kill: async () => worker?.terminate() };
	},
};
