/**
 * How a thread is ended that may have processes of its own. Only the thread that has started a process hears of its end; where
 * the thread goes first, the process stays behind as a zombie for as long as the editor runs.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

/** Asks a thread to end its processes and then itself. */
const endMessage = 'end';

/** A thread that computes hears nothing, in milliseconds. */
const patience = 300;

/** Shared between a thread and the one that may end it: how many processes there are. */
export function processCounter(): Int32Array<SharedArrayBuffer> {
	return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** @param counter that the thread was given */
export async function endThread(worker: Worker, counter: Int32Array): Promise<void> {
	if (Atomics.load(counter, 0) > 0) {
		const exited = new Promise((resolve) => worker.once('exit', resolve));
		worker.postMessage(endMessage);
		await Promise.race([exited, pause(patience, undefined, { ref: false })]);
	}
	await worker.terminate();
}

/** The processes of a thread, in it. */
export class ThreadProcesses {
	private readonly living = new Set<ChildProcess>();

	constructor(private readonly counter: Int32Array) {}

	add(child: ChildProcess): void {
		const count = (change: number) => Atomics.add(this.counter, 0, change);
		const gone = () => this.living.delete(child) && count(-1);
		this.living.add(child);
		count(1);
		child.once('exit', gone);
		// One that has not even started has no exit.
		child.once('error', () => child.pid === undefined && gone());
	}

	/** @returns whether a message is the one after which the thread has no more to say, and ends */
	endsBy(message: unknown): boolean {
		if (message !== endMessage) {
			return false;
		}
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
