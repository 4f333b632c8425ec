import type { BackendStatus } from '../../core/backend';
import { InspectorError, type Problem, toProblem } from '../../core/problem';
import type { WorkerCallsHost, WorkerMethods, WorkerSetup } from '../../shared/protocol/worker';
import { Peer, type Port } from '../../shared/rpc';

/** A started worker, in Node or in a browser. */
export interface WorkerHandle {
	readonly port: Port;
	/** Called once when the worker has ended, whatever the reason; `detail` says which. */
	onExit(callback: (detail: string) => void): void;
	/** Ends the worker at once, also in the middle of a computation. */
	terminate(): Promise<void>;
}

export interface WorkerQueueOptions {
	startWorker(): WorkerHandle;
	/** Asked before each task; a change restarts the worker. */
	setup(): WorkerSetup;
	/** What a worker is started with in place of a setup; it restarts no worker. */
	startSetup?(setup: WorkerSetup): WorkerSetup;
	/** A worker has been started. */
	onStart?(status: BackendStatus): void;
	/** How long a worker without work is kept; asked when the queue is empty. `Infinity` keeps it. */
	idleMilliseconds(): number;
}

export interface LiveWorker {
	readonly handle: WorkerHandle;
	readonly peer: Peer<WorkerCallsHost, WorkerMethods>;
	readonly setupKey: string;
	/** Undefined until it has answered. */
	status: BackendStatus | undefined;
	/** Key of the model it surely holds; undefined where it has to be asked. */
	heldModel?: string | undefined;
	/** Run whose source for the CRF it surely holds; undefined where it has to be asked. */
	heldCrfSource?: string | undefined;
}

export interface QueuedTask<T> {
	/** @param status of the worker's backends */
	run(worker: LiveWorker, status: BackendStatus): Promise<T>;
	/** Milliseconds that the worker has to heed a cancel. */
	readonly patience: number;
	readonly signal?: AbortSignal | undefined;
	/**
	 * Whether a task that has failed is to be run once more, before any other.
	 * @param status undefined where the worker did not start
	 */
	again?(problem: Problem, status: BackendStatus | undefined): boolean;
}

/**
 * Tasks for one worker, which is started for the first of them: one at a time in the order they came. The worker is ended
 * when idle, and started anew after a crash or after a cancel that it does not heed.
 */
export class WorkerQueue {
	private worker: LiveWorker | undefined;
	private last: Promise<unknown> = Promise.resolve();
	private unfinished = 0;
	private idleTimer: ReturnType<typeof setTimeout> | undefined;
	private disposed = false;

	constructor(private readonly options: WorkerQueueOptions) {}

	/** Whether a worker is alive. */
	get running(): boolean {
		return this.worker !== undefined;
	}

	/** @throws InspectorError with the task's problem, `worker.crashed`, or `cancelled` (at once) */
	enqueue<T>(task: QueuedTask<T>): Promise<T> {
		const { signal } = task;
		clearTimeout(this.idleTimer);
		this.unfinished++;
		const result = this.last.then(() => this.attempt(task));
		this.last = result
			.catch(() => undefined)
			.then(() => {
				this.unfinished--;
				this.planIdleEnd();
			});
		// A cancelled caller does not wait for its turn, nor for the worker's end.
		return signal ? orAborted(result, signal) : result;
	}

	/** Ends the worker; every unfinished task, and every later one, is rejected with `cancelled`. */
	async dispose(): Promise<void> {
		this.disposed = true;
		clearTimeout(this.idleTimer);
		await this.endWorker({ code: 'cancelled' });
	}

	private async attempt<T>(task: QueuedTask<T>): Promise<T> {
		this.throwIfOver(task.signal);
		let worker: LiveWorker | undefined;
		try {
			worker = await this.ensureWorker();
			return await task.run(worker, worker.status!);
		} catch (error) {
			const problem = toProblem(error);
			if (worker) {
				await this.afterFailure(worker, problem, task.patience);
			}
			if (task.again?.(problem, worker?.status)) {
				await this.endWorker(problem);
				const { again: _, ...once } = task;
				return await this.attempt(once);
			}
			throw error instanceof InspectorError ? error : new InspectorError(problem, { cause: error });
		}
	}

	private throwIfOver(signal: AbortSignal | undefined): void {
		if (this.disposed || signal?.aborted) {
			throw new InspectorError({ code: 'cancelled' });
		}
	}

	private async ensureWorker(): Promise<LiveWorker> {
		const setup = this.options.setup();
		const setupKey = JSON.stringify(setup);
		if (this.worker && this.worker.setupKey !== setupKey) {
			await this.endWorker({ code: 'cancelled' });
			this.throwIfOver(undefined);
		}
		if (this.worker) {
			return this.worker;
		}
		const handle = this.options.startWorker();
		const peer = new Peer<WorkerCallsHost, WorkerMethods>(handle.port, {});
		const worker: LiveWorker = { handle, peer, setupKey, status: undefined };
		this.worker = worker;
		handle.onExit((detail) => {
			if (this.worker === worker) {
				this.worker = undefined;
			}
			peer.close({ code: 'worker.crashed', detail });
		});
		try {
			worker.status = await peer.call('setup', this.options.startSetup?.(setup) ?? setup);
			this.options.onStart?.(worker.status);
		} catch (error) {
			await this.endWorker(toProblem(error), worker);
			throw error;
		}
		return worker;
	}

	/** Decides whether the worker can take the next request. */
	private async afterFailure(worker: LiveWorker, problem: Problem, patience: number): Promise<void> {
		switch (problem.code) {
			case 'cancelled':
				// `heldModels` waits its turn in the worker: an answer says that the cancelled run has ended.
				if (!(await answersWithin(patience, worker.peer.call('heldModels', null)))) {
					await this.endWorker({ code: 'cancelled' }, worker);
				}
				return;
			case 'runtime.unavailable':
			case 'runtime.failed':
			case 'runtime.outOfMemory':
			case 'internal':
				// The runtime does not recover from these inside one worker, and wasm memory never shrinks.
				await this.endWorker(problem, worker);
				return;
			default:
				return;
		}
	}

	private async endWorker(reason: Problem, only?: LiveWorker): Promise<void> {
		const worker = this.worker;
		if (!worker || (only && only !== worker)) {
			return;
		}
		this.worker = undefined;
		worker.peer.close(reason);
		await worker.handle.terminate();
	}

	private planIdleEnd(): void {
		const milliseconds = this.options.idleMilliseconds();
		if (this.unfinished === 0 && this.worker && milliseconds < 2 ** 31) {
			clearTimeout(this.idleTimer);
			this.idleTimer = setTimeout(() => void this.endWorker({ code: 'cancelled' }), milliseconds);
		}
	}
}

async function answersWithin(patience: number, answer: Promise<unknown>): Promise<boolean> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<boolean>((resolve) => {
		timer = setTimeout(() => resolve(false), patience);
	});
	const soon = answer.then(
		() => true,
		() => false,
	);
	const result = await Promise.race([soon, late]);
	clearTimeout(timer);
	return result;
}

function orAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const onAbort = () => reject(new InspectorError({ code: 'cancelled' }));
		if (signal.aborted) {
			onAbort();
		}
		signal.addEventListener('abort', onAbort, { once: true });
		result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
	});
}
