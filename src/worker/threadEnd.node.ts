/**
 * How a thread is ended that may have processes of its own. Only the thread that has started a process hears of its end; where
 * the thread goes first, the process stays behind as a zombie for as long as the editor runs.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

/** Asks a thread to end its processes and then itself. */
const endMessage = 'end';

/** A thread that computes hears nothing; one that has heard may still take its time, in milliseconds. */
const patience = { hear: 300, end: 5000 };

/** Places in what is shared: how many processes there are, and whether the thread has heard that it is to end. */
const count = 0;
const heard = 1;

/** Shared between a thread and the one that may end it. */
export function processCounter(): Int32Array<SharedArrayBuffer> {
	return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

/** @param counter that the thread was given */
export async function endThread(worker: Worker, counter: Int32Array): Promise<void> {
	if (Atomics.load(counter, count) > 0) {
		const exited = new Promise((resolve) => worker.once('exit', resolve));
		worker.postMessage(endMessage);
		const within = (milliseconds: number) => Promise.race([exited, pause(milliseconds, undefined, { ref: false })]);
		await within(patience.hear);
		if (Atomics.load(counter, heard) > 0) {
			await within(patience.end);
		}
	}
	await worker.terminate();
}

/** The processes of a thread, in it. */
export class ThreadProcesses {
	private readonly living = new Set<ChildProcess>();

	constructor(private readonly counter: Int32Array) {}

	add(child: ChildProcess): void {
		const gone = () => this.living.delete(child) && Atomics.sub(this.counter, count, 1);
		this.living.add(child);
		Atomics.add(this.counter, count, 1);
		child.once('exit', gone);
		// One that has not even started has no exit.
		child.once('error', () => child.pid === undefined && gone());
	}

	/** @returns whether a message is the one after which the thread has no more to say, and ends */
	endsBy(message: unknown): boolean {
		if (message !== endMessage) {
			return false;
		}
		Atomics.store(this.counter, heard, 1);
		void this.end();
		return true;
	}

	private async end(): Promise<void> {
		const exits = [...this.living].map((child) => new Promise((resolve) => child.once('exit', resolve)));
		for (const child of this.living) {
			child.kill('SIGKILL');
		}
		await Promise.all(exits);
		process.exit(1);
	}
}
