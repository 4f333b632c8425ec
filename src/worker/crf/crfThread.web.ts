/** Entry of a thread that helps with the dense CRF, in a browser: a worker of the inference worker. */
import { type CrfThreadShare, runCrfThread } from '../../core/crf/threads';

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener(
	'message',
	({ data }: MessageEvent<CrfThreadShare>) => {
		self.postMessage('ready');
		runCrfThread(data);
	},
	{ once: true },
);
