export interface LatestWinsOptions<Task> {
	/** What should be computed now, by the newest state; undefined where nothing is missing. */
	next(): Task | undefined;
	/** Same key = same task. */
	key(task: Task): string;
	/** Does a task and takes its result, or its failure, into the state. Should not throw. */
	run(task: Task, signal: AbortSignal): Promise<void>;
	/** Whether a task that is no longer the next one may go on to its end, since that is near. */
	spares?(task: Task): boolean;
}

/**
 * Computes what the state asks for, one task at a time, and never a queue: when the state changes, what is running is
 * cancelled or, where its end is near, waited for; then comes what is the next by then. Tasks in between are dropped.
 */
export class LatestWins<Task> {
	private current: { readonly task: Task; readonly controller: AbortController } | undefined;
	private ended: Promise<void> = Promise.resolve();
	private stopped = false;

	constructor(private readonly options: LatestWinsOptions<Task>) {}

	get running(): Task | undefined {
		return this.current?.task;
	}

	/** To be called whenever the state has changed. */
	poke(): void {
		if (this.stopped) {
			return;
		}
		if (!this.current) {
			this.ended = this.loop();
			return;
		}
		const { task, controller } = this.current;
		const next = this.options.next();
		const goesOn = next !== undefined && this.options.key(next) === this.options.key(task);
		if (!goesOn && !this.options.spares?.(task)) {
			controller.abort();
		}
	}

	/** Done when nothing is running, nor comes next. */
	idle(): Promise<void> {
		return this.ended;
	}

	/** Cancels what is running, for good. */
	stop(): void {
		this.stopped = true;
		this.current?.controller.abort();
	}

	private async loop(): Promise<void> {
		let done: string | undefined;
		for (;;) {
			const task = this.stopped ? undefined : this.options.next();
			const key = task === undefined ? undefined : this.options.key(task);
			// One that is asked for again although it was done would be asked for for ever.
			if (task === undefined || key === done) {
				return;
			}
			const controller = new AbortController();
			this.current = { task, controller };
			try {
				await this.options.run(task, controller.signal);
			} finally {
				this.current = undefined;
			}
			done = controller.signal.aborted ? undefined : key;
		}
	}
}
