import { Worker } from 'node:worker_threads';
import type { StartCrfThread } from '../../core/crf/threads';

/**
 * Starts the dense CRF's helping threads as `worker_threads`.
 * @param script path or `file:` URL of `crfThread.mjs`
 */
export function nodeCrfThreads(script: string | URL): StartCrfThread {
	return (share) =>
		new Promise((resolve, reject) => {
			// The parent's flags (inspector, loaders) are not for this thread.
			const worker = new Worker(script, { execArgv: [], workerData: share });
			worker.once('error', reject);
			worker.once('exit', (code) => reject(new Error(`the thread ended with code ${code}`)));
			worker.once('message', () => {
				worker.removeAllListeners('error');
				worker.on('error', () => {});
				// A thread at rest does not keep the process alive.
				worker.unref();
				resolve({ terminate: () => void worker.terminate() });
			});
		});
}
