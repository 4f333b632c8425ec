import { type Problem, toProblem } from '../../core/problem';
import type {
	CrfActivity,
	CrfProbe,
	CrfSettings,
	CrfStepFigures,
	CrfTies,
	RefineResult,
} from '../../shared/protocol/crf';
import { type CrfSituation, type CrfTask, nextTask, probeTask, settingsKey, taskKey, tiesTask } from './crfTasks';
import { endsSoon, LatestWins } from './latestWins';

/** What computing needs of the rest of the host. */
export interface CrfComputingServices {
	refine(
		settings: CrfSettings,
		options: { readonly signal: AbortSignal; readonly onProgress: (figures: CrfStepFigures) => void },
	): Promise<RefineResult>;
	probe(task: Extract<CrfTask, { kind: 'probe' }>, signal: AbortSignal): Promise<CrfProbe>;
	ties(task: Extract<CrfTask, { kind: 'ties' }>, signal: AbortSignal): Promise<CrfTies>;
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
	refined(result: RefineResult): void;
	/** Not called for one that other settings have taken the place of. */
	refinementFailed(settings: CrfSettings, problem: Problem): void;
}

/** Computes what is asked for and not there, the newest first and nothing between; what fails is not tried again by itself. */
export class CrfComputing {
	private readonly work: LatestWins<CrfTask>;
	/** Keys of what has failed or was cancelled. */
	private readonly givenUp = new Set<string>();
	private probed: { readonly key: string; readonly probe: CrfProbe } | undefined;
	private tied: { readonly key: string; readonly ties: CrfTies } | undefined;
	private running: { readonly since: number; readonly iteration: number | undefined } | undefined;
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
		if (task?.kind !== 'refine') {
			return false;
		}
		this.givenUp.add(taskKey(task));
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

	private async refine(settings: CrfSettings, signal: AbortSignal): Promise<void> {
		this.running = { since: Date.now(), iteration: undefined };
		this.services.changed();
		try {
			const result = await this.services.refine(settings, {
				signal,
				onProgress: ({ iteration }) => {
					if (this.running && !signal.aborted) {
						this.running = { ...this.running, iteration };
						this.services.changed();
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

	private fail(task: CrfTask, error: unknown): void {
		this.givenUp.add(taskKey(task));
		const message = this.services.report(error, task.kind);
		const problem = toProblem(error);
		if (task.kind === 'refine') {
			this.failure = problem.code === 'cancelled' ? undefined : { key: settingsKey(task.settings), message };
			this.options.refinementFailed(task.settings, problem);
		}
	}

	/** A refinement that ends soon is shown although the slider has moved on; one that was cancelled is not. */
	private spares(task: CrfTask): boolean {
		if (task.kind !== 'refine' || !this.running || this.givenUp.has(taskKey(task))) {
			return false;
		}
		const { since, iteration } = this.running;
		return endsSoon(Date.now() - since, iteration ?? 0, task.settings.parameters.iterations);
	}
}
