/** Entry of a thread that helps with the dense CRF. */
import { parentPort, workerData } from 'node:worker_threads';
import { type CrfThreadShare, runCrfThread } from '../../core/crf/threads';

if (!parentPort) {
	throw new Error('crfThread.mjs runs in a worker thread');
}
parentPort.postMessage('ready');
runCrfThread(workerData as CrfThreadShare);
