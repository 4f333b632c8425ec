import { type MessagePort, Worker } from 'node:worker_threads';
import type { Message } from '../../shared/rpc';
import { GpuKeepers } from '../gpu/gpuKeepers.node';
import type { WorkerHandle } from './client';

/** What the inference worker's thread is given. */
export interface InferenceThreadData {
	readonly keepers: MessagePort;
}

/**
 * Starts the inference worker in a thread of this process.
 * @param script path or `file:` URL of `worker.mjs`
 */
export function startNodeWorker(script: string | URL): WorkerHandle {
	// The parent's flags (inspector, loaders) are not for this thread.
	const keepers = new GpuKeepers();
	const data: InferenceThreadData = { keepers: keepers.port };
	const worker = new Worker(script, { execArgv: [], workerData: data, transferList: [keepers.port] });
	worker.once('exit', () => void keepers.end());
	let failure: string | undefined;
	worker.on('error', (error: unknown) => {
		failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
	});
	worker.on('messageerror', (error) => {
		failure = `a message could not be read: ${error.message}`;
		void worker.terminate();
	});
	return {
		port: {
			post: (message, transfer = []) => worker.postMessage(message, transfer),
			listen: (handler) => {
				const listener = (message: Message) => handler(message);
				worker.on('message', listener);
				return () => worker.off('message', listener);
			},
		},
		onExit: (callback) => {
			worker.once('exit', (code) => callback(failure ?? `the worker ended with code ${code}`));
		},
		terminate: async () => {
			await worker.terminate();
			await keepers.end();
		},
	};
}
