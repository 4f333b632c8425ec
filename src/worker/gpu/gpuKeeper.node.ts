/**
 * Entry of the thread that keeps the process of WebGPU: it starts the process, passes on what the inference worker and the
 * process say to each other, and when the worker is gone ends it. Only the thread that has started a process hears of its
 * end; where that thread goes first, the process stays behind as a zombie for as long as the editor runs. A worker may be
 * ended in the middle of a computation, this thread computes nothing.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { GpuKeeperData } from './gpuKeepers.node';

const { script, port } = workerData as GpuKeeperData;

const child = fork(fileURLToPath(script), {
	// The editor's own program is Electron; other programs do not look at it.
	env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
	execArgv: [],
	serialization: 'advanced',
	// Drivers and Dawn write there what is no user's business.
	stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
});

/** With the port goes the last that this thread waits for. */
function ended(how: string): void {
	port.postMessage({ ended: how });
	port.close();
}

child.on('message', (message) => port.postMessage(message));
child.once('exit', (code, signal) => ended(signal ?? `code ${code}`));
// One that has not even started has no exit.
child.once('error', (error) => child.pid === undefined && ended(error.message));
// An error is followed by the process's end.
port.on('message', (message) => void child.send(message, () => undefined));
port.once('close', () => child.kill('SIGKILL'));
// A port whose other end went while it was on its way here is not closed; this thread's starter says so.
parentPort?.on('message', () => port.close());
parentPort?.unref();
