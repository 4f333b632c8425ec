import { type Problem, toProblem } from '../../core/problem';
import type {
	CrfActivity,
	CrfMaskResult,
	CrfProbe,
	CrfSettings,
	CrfStepFigures,
	CrfTies,
	RefineResult,
} from '../../shared/protocol/crf';
import { type CrfSituation, type CrfTask, nextTask, probeTask, settingsKey, taskKey, tiesTask } from './crfTasks';
import { LatestWins } from './latestWins';

/** What computing needs of the rest of the host. */
export interface CrfComputingServices {
	refine(
		settings: CrfSettings,
		options: { readonly signal: AbortSignal; readonly onProgress: (figures: CrfStepFigures) => void },
	): Promise<RefineResult>;
	mask(task: Extract<CrfTask, { kind: 'mask' }>, signal: AbortSignal): Promise<CrfMaskResult>;
	probe(task: Extract<CrfTask, { kind: 'probe' }>, signal: AbortSignal): Promise<CrfProbe>;
	ties(task: Extract<CrfTask, { kind: 'ties' }>, signal: AbortSignal): Promise<CrfTies>;
	/**
	 * A mask has been found and is yet to be drawn, while the work behind it would take every core; and where a slider goes on
	 * moving, the next mask comes first. Ends at once where the signal is aborted.
	 */
	restAfterMask(signal: AbortSignal): Promise<void>;
	/** To the run's Inspector. */
	showTies(ties: CrfTies | null): void;
	/** What can be seen of the computing has changed. */
	changed(): void;
	/** Logs or tells a failure. @returns its message for the view */
	report(problem: unknown, kind: CrfTask['kind']): string;
}

export interface CrfComputingOptions {
	/** What is asked for, and what of it is there. */
	situation(): Omit<CrfSituation, 'done'>;
	/** Whether the mask of these settings has just been found, and is still on its way to be seen. */
	hasMaskOf(settings: CrfSettings): boolean;
	/** Of settings that may not be the newest any more. */
	masked(result: CrfMaskResult): void;
	refined(result: RefineResult): void;
	/** Neither mask nor iterations will come. Not called for one that other settings have taken the place of. */
	refinementFailed(settings: CrfSettings, problem: Problem): void;
}

/** Computes what is asked for and not there, the newest first and nothing between; what fails is not tried again by itself. */
export class CrfComputing {
	private readonly work: LatestWins<CrfTask>;
	/** Keys of what has failed or was cancelled. */
	private readonly givenUp = new Set<string>();
	private probed: { readonly key: string; readonly probe: CrfProbe } | undefined;
	private tied: { readonly key: string; readonly ties: CrfTies } | undefined;
	private running: Omit<Extract<CrfActivity, { kind: 'running' }>, 'kind'> | undefined;
	/** Milliseconds that the last mask took. */
	private maskTime = Number.POSITIVE_INFINITY;
	private failure: { readonly key: string; readonly message: string } | undefined;

	constructor(
		private readonly services: CrfComputingServices,
		private readonly options: CrfComputingOptions,
	) {
		this.work = new LatestWins<CrfTask>({
			next: () => nextTask(this.situation()),
			key: taskKey,
			run: (task, signal) => this.compute(task, signal),
			spares: (task) => this.spares(task),
		});
	}

	/** What was found of the pixel and the iteration that are asked for. */
	get probe(): CrfProbe | undefined {
		const task = probeTask(this.situation());
		return task && this.probed?.key === taskKey(task) ? this.probed.probe : undefined;
	}

	/** Those that the Inspector draws. */
	get ties(): CrfTies | undefined {
		return this.tied?.ties;
	}

	/** Whether a mask is on its way. */
	get masking(): boolean {
		return this.running?.stage === 'mask';
	}

	/** What is done for these settings, or became of them. */
	activity(settings: CrfSettings): CrfActivity {
		if (this.running) {
			return { kind: 'running', ...this.running };
		}
		return this.failure?.key === settingsKey(settings)
			? { kind: 'failed', message: this.failure.message }
			: { kind: 'idle' };
	}

	/** To be called after each change of what is asked for. */
	poke(): void {
		if (this.tied && !tiesTask(this.situation())) {
			this.tied = undefined;
			this.services.showTies(null);
		}
		this.work.poke();
	}

	/** What has failed or was cancelled may be tried again. */
	forgetFailures(): void {
		this.failure = undefined;
		this.givenUp.clear();
	}

	/** Gives the refinement up that is running; the next {@link poke} ends it. @returns whether there is one */
	giveUp(): boolean {
		const task = this.work.running;
		if (task?.kind !== 'refine' && task?.kind !== 'mask') {
			return false;
		}
		this.giveUpOn(task);
		return true;
	}

	stop(): void {
		this.work.stop();
	}

	private situation(): CrfSituation {
		const done = new Set(this.givenUp);
		for (const there of [this.probed, this.tied]) {
			if (there) {
				done.add(there.key);
			}
		}
		return { ...this.options.situation(), done };
	}

	private async compute(task: CrfTask, signal: AbortSignal): Promise<void> {
		try {
			switch (task.kind) {
				case 'mask':
					await this.mask(task, signal);
					break;
				case 'refine':
					await this.refine(task.settings, signal);
					break;
				case 'probe':
					this.probed = { key: taskKey(task), probe: await this.services.probe(task, signal) };
					break;
				case 'ties': {
					const ties = await this.services.ties(task, signal);
					if (!signal.aborted) {
						this.tied = { key: taskKey(task), ties };
						this.services.showTies(ties);
					}
					break;
				}
				default: {
					const unknown: never = task;
					throw new Error(`unknown task ${JSON.stringify(unknown)}`);
				}
			}
		} catch (error) {
			if (!signal.aborted) {
				this.fail(task, error);
			}
		}
		this.services.changed();
	}

	private async mask(task: Extract<CrfTask, { kind: 'mask' }>, signal: AbortSignal): Promise<void> {
		const since = Date.now();
		this.running = { stage: 'mask', since, iteration: undefined };
		this.services.changed();
		try {
			const result = await this.services.mask(task, signal);
			this.maskTime = Date.now() - since;
			if (!signal.aborted && !this.givenUp.has(taskKey(task))) {
				this.options.masked(result);
			}
		} finally {
			this.running = undefined;
		}
	}

	private async refine(settings: CrfSettings, signal: AbortSignal): Promise<void> {
		this.running = { stage: 'iterations', since: Date.now(), iteration: undefined };
		let told = Date.now();
		this.services.changed();
		try {
			if (this.options.hasMaskOf(settings)) {
				await this.services.restAfterMask(signal);
			}
			if (signal.aborted) {
				return;
			}
			const result = await this.services.refine(settings, {
				signal,
				onProgress: ({ iteration }) => {
					if (this.running && !signal.aborted) {
						this.running = { ...this.running, iteration };
						// More would only take the processor from the iterations.
						if (Date.now() - told >= progressInterval) {
							told = Date.now();
							this.services.changed();
						}
					}
				},
			});
			if (!signal.aborted) {
				this.options.refined(result);
			}
		} finally {
			this.running = undefined;
		}
	}

	/** Without its mask a refinement is not to be tried either, nor the other way round. */
	private giveUpOn(task: CrfTask): void {
		this.givenUp.add(taskKey(task));
		if (task.kind === 'mask') {
			this.givenUp.add(taskKey({ kind: 'refine', settings: task.settings }));
		}
	}

	private fail(task: CrfTask, error: unknown): void {
		this.giveUpOn(task);
		const message = this.services.report(error, task.kind);
		const problem = toProblem(error);
		if (task.kind === 'refine' || task.kind === 'mask') {
			this.failure = problem.code === 'cancelled' ? undefined : { key: settingsKey(task.settings), message };
			this.options.refinementFailed(task.settings, problem);
		}
	}

	/**
	 * A mask that takes no longer than a slider may wait is shown although the slider has moved on: where it moves without
	 * a pause, there would be none else. One that was cancelled is not, and what comes behind the mask gives way at once.
	 */
	private spares(task: CrfTask): boolean {
		return task.kind === 'mask' && !this.givenUp.has(taskKey(task)) && this.maskTime <= patience;
	}
}

/** Milliseconds between two words of an iteration done. */
const progressInterval = 100;
/** Milliseconds that what has been superseded may still take. */
const patience = 3000;
