import type { BackendChoice, BackendName, GpuAdapter } from '../../core/backend';
import type { ParityReport } from '../../core/parity/report';
import { InspectorError, toProblem } from '../../core/problem';
import type { RunInfo } from '../../core/run';
import { describeProblem } from '../../shared/describeProblem';
import type { ParityStage, ParityState } from '../../shared/protocol/parity';
import type { ModelHandle, SegmentRequest } from '../../worker/client/client';
import type { ComparedBackends } from '../../worker/services/compareBackends';
import type { ParityStore } from './parityStore';

/** What comparing needs of the rest of the host. */
export interface ParityParts {
	readonly store: ParityStore;
	/** What the user has set. */
	choice(): BackendChoice;
	/** What WebGPU runs on, where that is known before a run; a report of another adapter then counts for nothing. */
	adapter?(): GpuAdapter | undefined;
	/** The model and the picture of a run, as they are now. @throws InspectorError `model.*`, `picture.*`, `run.notFound` */
	sourceOf(info: RunInfo): Promise<{ readonly model: ModelHandle; readonly picture: SegmentRequest['picture'] }>;
	/** In a worker of its own, which ends with it: nobody waits for it, and its memory is given back. */
	compare(
		request: SegmentRequest,
		options: { readonly signal: AbortSignal; readonly onProgress: (stage: ParityStage) => void },
	): Promise<ComparedBackends>;
	/** The one message after a disagreement. @param switched whether the model runs on WASM from now on */
	tellDisagreement(report: ParityReport, info: RunInfo, switched: boolean): void;
	readonly log: { info(text: string): void; warn(text: string): void };
	/** How long after a run its views have the processors for themselves, in milliseconds. */
	readonly delay?: number;
}

const usualDelay = 2000;

interface Comparison {
	readonly modelKey: string;
	readonly controller: AbortController;
	readonly done: Promise<ParityReport>;
	/** A user waits for it. */
	readonly asked: boolean;
}

/**
 * Compares WebGPU with WASM: in the background after the first run of a model on WebGPU, and when a user asks. One
 * comparison at a time; a picture that is being segmented goes first.
 */
export class Parity {
	/** What is not in the store: what is going on, and what has failed, by the model's key. */
	private readonly passing = new Map<string, ParityState>();
	private readonly listeners = new Set<(modelKey: string) => void>();
	/** Runs whose model is to be compared, the newest last. */
	private waiting: RunInfo[] = [];
	private running: Comparison | undefined;
	/** Pictures that are being segmented. */
	private segmenting = 0;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private disposed = false;

	constructor(private readonly parts: ParityParts) {}

	/** Called with the model's key where {@link stateOf} gives something else. */
	onDidChange(listener: (modelKey: string) => void): { dispose(): void } {
		this.listeners.add(listener);
		return { dispose: () => this.listeners.delete(listener) };
	}

	/** What a model runs on: undefined where nothing speaks against what is set. */
	backendFor(modelKey: string): BackendName | undefined {
		const report = this.parts.store.find(modelKey, this.parts.adapter?.());
		return this.parts.choice() === 'auto' && report?.agrees === false ? 'wasm' : undefined;
	}

	/** What is known of a model; of a run the report of its own adapter. */
	stateOf(modelKey: string | undefined, backend?: RunInfo['backend']): ParityState | undefined {
		if (modelKey === undefined) {
			return undefined;
		}
		const passing = this.passing.get(modelKey);
		if (passing) {
			return passing;
		}
		const report = this.parts.store.find(modelKey, backend?.adapter ?? this.parts.adapter?.());
		return report && { kind: 'compared', report };
	}

	/** To be called with each run as it begins: it goes first, and is compared after its end where that was not done. */
	follow(run: Promise<RunInfo>): void {
		this.segmenting++;
		clearTimeout(this.timer);
		if (this.running && !this.running.asked) {
			this.running.controller.abort();
		}
		const ended = () => {
			this.segmenting--;
			this.schedule();
		};
		run.then((info) => {
			this.enqueue(info);
			ended();
		}, ended);
	}

	/**
	 * Compares on the picture of a run, whatever is known already; what is going on in the background gives way.
	 * @throws InspectorError with the problem of picture, model or runtime, or `cancelled`
	 */
	async compare(info: RunInfo, signal: AbortSignal): Promise<ParityReport> {
		clearTimeout(this.timer);
		while (this.running) {
			if (!this.running.asked) {
				this.running.controller.abort();
			}
			await endOrAbort(this.running.done, signal);
			if (signal.aborted || this.disposed) {
				throw new InspectorError({ code: 'cancelled' });
			}
		}
		return await this.start(info, true, signal);
	}

	dispose(): void {
		this.disposed = true;
		clearTimeout(this.timer);
		this.running?.controller.abort();
		this.listeners.clear();
	}

	private enqueue(info: RunInfo): void {
		if (this.isMissing(info)) {
			const key = info.modelFile?.key;
			this.waiting = [...this.waiting.filter(({ modelFile }) => modelFile?.key !== key), info];
		}
	}

	/** Whether a run is the first of its model on this WebGPU. */
	private isMissing({ backend, modelFile }: RunInfo): boolean {
		return (
			backend.name === 'webgpu' &&
			modelFile !== undefined &&
			// What failed once in this window would fail again.
			this.passing.get(modelFile.key)?.kind !== 'failed' &&
			this.parts.store.find(modelFile.key, backend.adapter) === undefined
		);
	}

	private schedule(): void {
		clearTimeout(this.timer);
		if (this.disposed || this.segmenting > 0 || this.running || this.waiting.length === 0) {
			return;
		}
		this.timer = setTimeout(() => {
			if (this.running) {
				return;
			}
			const next = this.waiting.pop();
			if (next && this.isMissing(next)) {
				// It tells by itself what it finds, and what fails.
				void this.start(next, false).catch(() => undefined);
			} else {
				this.schedule();
			}
		}, this.parts.delay ?? usualDelay);
	}

	private start(info: RunInfo, asked: boolean, signal?: AbortSignal): Promise<ParityReport> {
		const controller = new AbortController();
		const abort = () => controller.abort();
		signal?.addEventListener('abort', abort, { once: true });
		if (signal?.aborted) {
			abort();
		}
		const modelKey = info.modelFile?.key ?? '';
		const done = this.run(info, modelKey, controller.signal)
			.catch((error: unknown) => {
				const problem = toProblem(error);
				const gaveWay = problem.code === 'cancelled' || controller.signal.aborted;
				if (gaveWay && !asked) {
					this.enqueue(info);
				}
				this.show(modelKey, gaveWay ? undefined : { kind: 'failed', message: describeProblem(problem) });
				if (!gaveWay) {
					this.parts.log.warn(`Comparing backends: ${JSON.stringify(problem)}`);
				}
				throw gaveWay ? new InspectorError({ code: 'cancelled' }, { cause: error }) : error;
			})
			.finally(() => {
				signal?.removeEventListener('abort', abort);
				this.running = undefined;
				this.schedule();
			});
		this.running = { modelKey, controller, done, asked };
		return done;
	}

	private async run(info: RunInfo, modelKey: string, signal: AbortSignal): Promise<ParityReport> {
		const { log, store } = this.parts;
		this.show(modelKey, { kind: 'comparing', stage: 'webgpu' });
		const { model, picture } = await this.parts.sourceOf(info);
		if (signal.aborted) {
			throw new InspectorError({ code: 'cancelled' });
		}
		const { resizedWidth, resizedHeight } = info.geometry;
		const { report, searchError } = await this.parts.compare(
			{
				picture,
				model,
				longestSide: Math.max(resizedWidth, resizedHeight),
				preprocessing: info.model.preprocessing,
				...(info.multiScale ? { multiScale: info.multiScale.rule } : {}),
			},
			{
				signal,
				onProgress: (stage) => {
					if (!signal.aborted) {
						this.show(modelKey, { kind: 'comparing', stage });
					}
				},
			},
		);
		if (searchError !== undefined) {
			log.warn(`The first layer that differs was not found: ${JSON.stringify(toProblem(searchError))}`);
		}
		// The file may be another one by now than the run's.
		await store.keep(model.key, report);
		log.info(`WebGPU and WASM on ${info.pictureName} with ${info.model.name}: ${JSON.stringify(report)}`);
		this.show(modelKey, undefined);
		if (model.key !== modelKey) {
			this.show(model.key, undefined);
		}
		if (!report.agrees && !this.disposed) {
			this.parts.tellDisagreement(report, info, this.backendFor(model.key) === 'wasm');
		}
		return report;
	}

	/** @param state undefined: what the store has */
	private show(modelKey: string, state: ParityState | undefined): void {
		if (state) {
			this.passing.set(modelKey, state);
		} else {
			this.passing.delete(modelKey);
		}
		for (const listener of this.listeners) {
			listener(modelKey);
		}
	}
}

/** Done when the work has ended, however it did, or is not waited for any more. */
async function endOrAbort(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
	let onAbort: () => void = () => undefined;
	const aborted = new Promise<void>((resolve) => {
		onAbort = resolve;
	});
	signal.addEventListener('abort', onAbort, { once: true });
	if (signal.aborted) {
		onAbort();
	}
	await Promise.race([work.catch(() => undefined), aborted]);
	signal.removeEventListener('abort', onAbort);
}
