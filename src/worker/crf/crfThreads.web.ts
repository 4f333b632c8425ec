import type { StartCrfThread } from '../../core/crf/threads';

/**
 * Starts the dense CRF's helping threads as workers; only where memory is shared, which needs a page that is
 * cross-origin isolated.
 * @param script gives a URL of `web/crfThread.js` that a worker can be started from
 */
export function webCrfThreads(script: () => Promise<string>): StartCrfThread {
	return async (share) => {
		const worker = new Worker(await script(), { name: 'DeepLab CRF' });
		await new Promise<void>((resolve, reject) => {
			worker.addEventListener('error', ({ message }) => reject(new Error(message || 'the thread failed')), {
				once: true,
			});
			worker.addEventListener('messageerror', () => reject(new Error('a message could not be read')), { once: true });
			worker.addEventListener('message', () => resolve(), { once: true });
			worker.postMessage(share);
		}).catch((error: unknown) => {
			worker.terminate();
			throw error;
		});
		return { terminate: () => worker.terminate() };
	};
}
