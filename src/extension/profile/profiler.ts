import { InspectorError, toProblem } from '../../core/problem';
import type { RunProfile } from '../../core/profile/runProfile';
import type { ProfileProgress, ProfileState } from '../../shared/protocol/profile';

/** What profiling runs needs of the rest of the host. */
export interface ProfilerServices {
	/** @throws InspectorError as `InferenceClient.profile`, `picture.*`, or `model.*` */
	measure(
		runId: string,
		options: { readonly signal: AbortSignal; readonly onProgress: (progress: ProfileProgress) => void },
	): Promise<RunProfile>;
	/** Undefined where none is kept, or it is damaged. @throws InspectorError `run.notFound` */
	read(runId: string): Promise<RunProfile | undefined>;
	/** @throws InspectorError `output.unwritable` */
	keep(runId: string, profile: RunProfile): Promise<void>;
	/** What is to be told of a run's profile has changed. */
	changed(runId: string): void;
	/** Logs a failure. @returns its message for the page */
	report(error: unknown, runId: string): string;
}

interface Measurement {
	readonly runId: string;
	readonly controller: AbortController;
	readonly since: number;
	readonly done: Promise<RunProfile>;
	progress: ProfileProgress | undefined;
}

/** The profiles of runs, one measurement at a time: two would measure each other. */
export class Profiler {
	private current: Measurement | undefined;
	private readonly ended = new Map<string, Extract<ProfileState, { kind: 'failed' | 'cancelled' }>>();
	private readonly profiles = new Map<string, RunProfile>();

	constructor(private readonly services: ProfilerServices) {}

	/** Undefined before anything was asked of the run. */
	stateOf(runId: string): ProfileState | undefined {
		if (this.current?.runId === runId) {
			return { kind: 'running', since: this.current.since, progress: this.current.progress };
		}
		const profile = this.profiles.get(runId);
		return this.ended.get(runId) ?? (profile && { kind: 'measured', profile });
	}

	/**
	 * The profile that is known or kept; measures one where there is none and none has failed.
	 * @param isWanted whether somebody still waits for it when it is known that none is kept
	 */
	async open(runId: string, isWanted: () => boolean = () => true): Promise<void> {
		if (this.stateOf(runId)) {
			this.services.changed(runId);
			return;
		}
		const kept = await this.kept(runId);
		if (!kept && !this.stateOf(runId)) {
			if (isWanted()) {
				await this.measure(runId).catch(() => undefined);
			}
		} else {
			this.services.changed(runId);
		}
	}

	/** @returns undefined where none is kept; what cannot be read counts as none */
	async kept(runId: string): Promise<RunProfile | undefined> {
		const known = this.profiles.get(runId) ?? (await this.services.read(runId).catch(() => undefined));
		if (known) {
			this.remember(runId, known);
		}
		return known;
	}

	/**
	 * Measures and keeps the profile. Where this run's is being measured, it is waited for; another run's is ended.
	 * @throws InspectorError with what the page is told, or `cancelled`
	 */
	measure(runId: string): Promise<RunProfile> {
		if (this.current?.runId === runId) {
			return this.current.done;
		}
		this.cancel();
		const controller = new AbortController();
		this.ended.delete(runId);
		// The work begins when the measurement is known, which it looks at.
		const done = Promise.resolve().then(() => this.run(runId, controller));
		this.current = { runId, controller, since: Date.now(), progress: undefined, done };
		this.services.changed(runId);
		return done;
	}

	/** Ends the measurement that is running, of that run or of any. */
	cancel(runId = this.current?.runId): void {
		if (this.current && this.current.runId === runId) {
			this.current.controller.abort();
			this.current = undefined;
			this.ended.set(runId, { kind: 'cancelled' });
			this.services.changed(runId);
		}
	}

	private async run(runId: string, controller: AbortController): Promise<RunProfile> {
		const { signal } = controller;
		const isCurrent = () => this.current?.controller === controller;
		try {
			if (signal.aborted) {
				throw new InspectorError({ code: 'cancelled' });
			}
			const profile = await this.services.measure(runId, {
				signal,
				onProgress: (progress) => {
					if (this.current && isCurrent()) {
						this.current.progress = progress;
						this.services.changed(runId);
					}
				},
			});
			if (!isCurrent()) {
				throw new InspectorError({ code: 'cancelled' });
			}
			this.remember(runId, profile);
			// What cannot be kept is shown all the same.
			await this.services.keep(runId, profile).catch((error: unknown) => void this.services.report(error, runId));
			return profile;
		} catch (error) {
			const cancelled = toProblem(error).code === 'cancelled';
			if (isCurrent()) {
				const message = cancelled ? undefined : this.services.report(error, runId);
				this.ended.set(runId, message === undefined ? { kind: 'cancelled' } : { kind: 'failed', message });
			}
			throw error;
		} finally {
			if (isCurrent()) {
				this.current = undefined;
				this.services.changed(runId);
			}
		}
	}

	private remember(runId: string, profile: RunProfile): void {
		this.profiles.delete(runId);
		this.profiles.set(runId, profile);
		for (const old of [...this.profiles.keys()].slice(0, -rememberedLimit)) {
			this.profiles.delete(old);
		}
	}
}

/** Profiles that are held in memory; the others are read again. */
const rememberedLimit = 8;
