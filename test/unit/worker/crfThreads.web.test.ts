/** How the CRF's helping threads are started in a browser, whose `Worker` is played. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CrfThreadShare } from '../../../src/core/crf/threads';
import { webCrfThreads } from '../../../src/worker/crf/crfThreads.web';

class PlayedWorker extends EventTarget {
	static last: PlayedWorker;
	/** What the thread does with its share. */
	static answer: (worker: PlayedWorker) => void;
	terminated = false;
	constructor(readonly url: string) {
		super();
		PlayedWorker.last = this;
	}
	postMessage(): void {
		setTimeout(() => PlayedWorker.answer(this), 0);
	}
	terminate(): void {
		this.terminated = true;
	}
}

beforeEach(() => void vi.stubGlobal('Worker', PlayedWorker));
afterEach(() => vi.unstubAllGlobals());

const start = () => webCrfThreads(async () => 'blob:thread')({} as CrfThreadShare);

it('gives a thread once it is ready', async () => {
	PlayedWorker.answer = (worker) => worker.dispatchEvent(new Event('message'));
	const thread = await start();
	expect(PlayedWorker.last).toMatchObject({ url: 'blob:thread', terminated: false });
	thread.terminate();
	expect(PlayedWorker.last.terminated).toBe(true);
});

it.each([
	['error', 'the thread failed'],
	['messageerror', 'a message could not be read'],
])('leaves no worker behind after %s', async (event, message) => {
	PlayedWorker.answer = (worker) => worker.dispatchEvent(new Event(event));
	await expect(start()).rejects.toThrow(message);
	expect(PlayedWorker.last.terminated).toBe(true);
});
