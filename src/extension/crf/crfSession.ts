import { toProblem } from '../../core/problem';
import type { RunInfo } from '../../core/run';
import type {
	CrfActivity,
	CrfKernelName,
	CrfOutcome,
	CrfPresetItem,
	CrfProbe,
	CrfRunView,
	CrfSettings,
	CrfStepFigures,
	CrfTies,
	InspectorCrf,
	InspectorLayer,
	RefineResult,
} from '../../shared/protocol/crf';
import type { Probe } from '../../shared/protocol/inspector';
import { type HeldCrf, inspectorCrf } from './crfDisplay';
import type { KeptCrf } from './crfFiles';
import {
	type CrfSituation,
	type CrfTask,
	nextTask,
	probeTask,
	settingsKey,
	shownIteration,
	taskKey,
	tiesTask,
} from './crfTasks';
import { Keeper } from './keeper';
import { endsSoon, LatestWins } from './latestWins';
import { Waiters } from './waiters';

/** What a session needs of the rest of the host. */
export interface CrfSessionServices {
	/** What is kept with the run. */
	loadKept(): Promise<KeptCrf | undefined>;
	/** The network's mask at the picture's size, and the step with which the Inspector shows it. */
	loadBefore(): Promise<{ readonly labels: Uint8Array; readonly step: number }>;
	refine(
		settings: CrfSettings,
		options: { readonly signal: AbortSignal; readonly onProgress: (figures: CrfStepFigures) => void },
	): Promise<RefineResult>;
	probe(task: Extract<CrfTask, { kind: 'probe' }>, signal: AbortSignal): Promise<CrfProbe>;
	ties(task: Extract<CrfTask, { kind: 'ties' }>, signal: AbortSignal): Promise<CrfTies>;
	/** Tells a failure itself, where it is worth it. */
	keep(crf: KeptCrf): Promise<void>;
	/** To the run's Inspector. */
	showCrf(crf: InspectorCrf): void;
	showLayer(layer: InspectorLayer): void;
	showTies(ties: CrfTies | null): void;
	/** What {@link CrfSession.view} gives has changed. */
	changed(): void;
	/** Logs or tells a failure. @returns its message for the view */
	report(problem: unknown, kind: CrfTask['kind']): string;
}

/** How long after a computation nothing may change before it is kept, in milliseconds. */
const keepDelay = 500;

/**
 * The CRF of one run that is shown: settings, what has been computed of them, and what is looked at of that. It
 * computes what is missing as long as somebody looks or waits, the newest settings first and those between not at all.
 */
export class CrfSession {
	private readonly work: LatestWins<CrfTask>;
	private readonly display: LatestWins<{ readonly crf: HeldCrf; readonly iteration: number }>;
	/** By the key of the settings they wait for. */
	private readonly waiters = new Waiters<CrfOutcome>();
	private readonly keeper: Keeper<HeldCrf>;
	private readonly givenUp = new Set<string>();
	private settings: CrfSettings;
	private held: HeldCrf | undefined;
	private shown: { readonly of: HeldCrf; readonly crf: InspectorCrf } | undefined;
	/** Undefined: the last. */
	private iteration: number | undefined;
	private currentLayer: InspectorLayer | undefined;
	/** The layer needs a result that is not there yet. */
	private layerWaits = false;
	private probe: Probe | undefined;
	private probed: { readonly key: string; readonly probe: CrfProbe } | undefined;
	private kernel: CrfKernelName | undefined;
	private tied: { readonly key: string; readonly ties: CrfTies } | undefined;
	private watched = false;
	private running: { readonly since: number; readonly iteration: number | undefined } | undefined;
	private failure: { readonly key: string; readonly message: string } | undefined;
	private before: Promise<{ readonly labels: Uint8Array; readonly step: number }> | undefined;
	private opening: Promise<void> | undefined;
	private isOpen = false;
	private disposed = false;

	/** @param initial settings of a run with which none are kept */
	constructor(
		readonly info: RunInfo,
		initial: CrfSettings,
		private readonly services: CrfSessionServices,
	) {
		this.settings = initial;
		this.work = new LatestWins<CrfTask>({
			next: () => nextTask(this.situation()),
			key: taskKey,
			run: (task, signal) => this.compute(task, signal),
			spares: (task) => this.spares(task),
		});
		this.keeper = new Keeper((crf) => this.services.keep(keptOf(crf)), keepDelay);
		const versions = new WeakMap<HeldCrf, number>();
		let version = 0;
		this.display = new LatestWins({
			next: () => this.nextDisplay(),
			key: ({ crf, iteration }) => {
				versions.set(crf, versions.get(crf) ?? version++);
				return `${versions.get(crf)} ${iteration}`;
			},
			run: ({ crf, iteration }, signal) => this.draw(crf, iteration, signal),
		});
	}

	/** Reads what is kept with the run; later calls wait for the first. */
	open(): Promise<void> {
		this.opening ??= this.readKept();
		return this.opening;
	}

	/** What the Inspector draws; undefined before there is anything. */
	get inspector(): InspectorCrf | undefined {
		return this.shown?.crf;
	}

	/** The mask after the CRF that is shown, at the picture's size. */
	get mask(): Uint8Array | undefined {
		return this.shown?.of.labels.get(this.shown.crf.iteration);
	}

	/** What the Inspector draws, as far as it is known. */
	get layer(): InspectorLayer {
		return this.currentLayer ?? 'mask';
	}

	view(presets: readonly CrfPresetItem[]): CrfRunView {
		const { info } = this;
		const probe = probeTask(this.situation());
		return {
			runId: info.id,
			pictureName: info.pictureName,
			geometry: info.geometry,
			classes: info.model.classes,
			settings: this.settings,
			presets,
			outcome: this.outcome(),
			activity: this.activity(),
			iteration: shownIteration(this.held?.settings ?? this.settings, this.iteration),
			layer: this.layer,
			probe: probe && this.probed?.key === taskKey(probe) ? this.probed.probe : undefined,
			ties: this.kernel,
			largestTie: this.kernel && this.tied?.ties.kernel === this.kernel ? this.tied.ties.largest : undefined,
		};
	}

	/** Whether somebody looks at the result; nothing is computed that nobody looks at. */
	watch(watched: boolean): void {
		if (this.watched !== watched) {
			this.watched = watched;
			this.update();
		}
	}

	setSettings(settings: CrfSettings): void {
		const key = settingsKey(settings);
		if (key === settingsKey(this.settings)) {
			return;
		}
		this.settings = settings;
		this.failure = undefined;
		this.givenUp.clear();
		this.waiters.reject({ code: 'cancelled' }, (waiting) => waiting !== key);
		if (this.layer === 'mask' || this.layer === 'picture') {
			this.setLayer('after');
		}
		this.update();
	}

	setIteration(iteration: number): void {
		const { iterations } = (this.held?.settings ?? this.settings).parameters;
		this.iteration = iteration >= iterations ? undefined : Math.max(0, Math.round(iteration));
		this.update();
	}

	/** Chooses what the Inspector draws: at once, or as soon as there is a result to draw. */
	setLayer(layer: InspectorLayer): void {
		this.currentLayer = layer;
		this.layerWaits = needsResult(layer) && !this.shown;
		if (!this.layerWaits) {
			this.services.showLayer(layer);
		}
		this.services.changed();
	}

	/** The Inspector's page has changed what it draws. */
	reportLayer(layer: InspectorLayer): void {
		this.currentLayer = layer;
		this.layerWaits = false;
		this.services.changed();
	}

	setProbe(probe: Probe | undefined): void {
		if (this.probe?.x !== probe?.x || this.probe?.y !== probe?.y) {
			this.probe = probe;
			this.update();
		}
	}

	drawTies(kernel: CrfKernelName | undefined): void {
		this.kernel = kernel;
		this.update();
	}

	/** The Inspector's page is loaded anew, with the run and its CRF but without what comes and goes. */
	pageIsReady(): void {
		if (this.currentLayer && !this.layerWaits) {
			this.services.showLayer(this.currentLayer);
		}
		if (this.tied) {
			this.services.showTies(this.tied.ties);
		}
	}

	/** Stops the refinement that is running; these settings are not tried again by themselves. */
	cancel(): void {
		const task = this.work.running;
		if (task?.kind === 'refine') {
			this.givenUp.add(taskKey(task));
			this.waiters.reject({ code: 'cancelled' });
			this.update();
		}
	}

	/** Tries again what has failed or was cancelled. */
	retry(): void {
		this.failure = undefined;
		this.givenUp.clear();
		this.update();
	}

	/**
	 * Computes the settings as they stand, also where nobody looks.
	 * @returns what was found, once the Inspector has it
	 * @throws InspectorError with the problem, or `cancelled`, also where other settings have taken their place
	 */
	async refined(): Promise<CrfOutcome> {
		if (!this.isOpen) {
			await this.open();
		}
		const key = settingsKey(this.settings);
		const result = this.waiters.wait(key);
		this.retry();
		this.resolveWaiters();
		return await result;
	}

	/** Done when what has been computed is kept. */
	async flush(): Promise<void> {
		await this.keeper.flush();
	}

	/** Another run is looked at: keeps what is not kept yet and holds no more than what is shown. */
	async rest(): Promise<void> {
		this.watch(false);
		await this.flush();
		if (!this.watched && this.held && !this.waiters.any) {
			const { iterations } = this.held.settings.parameters;
			for (const [iteration] of this.held.labels) {
				if (iteration !== iterations && iteration !== this.shown?.crf.iteration) {
					this.held.labels.delete(iteration);
				}
			}
			this.before = undefined;
		}
	}

	async dispose(): Promise<void> {
		this.disposed = true;
		this.waiters.reject({ code: 'cancelled' });
		this.work.stop();
		this.display.stop();
		await this.flush();
	}

	private async readKept(): Promise<void> {
		const initial = this.settings;
		const kept = await this.services.loadKept();
		if (kept && !this.disposed) {
			const { labels, ...found } = kept;
			this.held = { ...found, labels: new Map([[kept.settings.parameters.iterations, labels]]) };
			if (this.settings === initial) {
				this.settings = kept.settings;
			}
			this.display.poke();
			await this.display.idle();
		}
		this.isOpen = true;
		this.update();
	}

	private situation(): CrfSituation {
		const { settings, held, iteration, probe } = this;
		const done = new Set(this.givenUp);
		for (const there of [this.probed, this.tied]) {
			if (there) {
				done.add(there.key);
			}
		}
		return {
			wanted: this.isOpen && !this.disposed && (this.watched || this.waiters.any),
			settings,
			held: held && { settings: held.settings, iterations: [...held.labels.keys()] },
			iteration,
			probe,
			ties: this.kernel,
			done,
		};
	}

	/** After each change of what the session is asked for. */
	private update(): void {
		if (this.tied && !tiesTask(this.situation())) {
			this.tied = undefined;
			this.services.showTies(null);
		}
		this.work.poke();
		this.display.poke();
		this.services.changed();
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
			if (signal.aborted) {
				return;
			}
			const { labels, ...found } = result;
			this.held = { ...found, labels: new Map(labels.entries()) };
			this.keeper.soon(this.held);
			this.display.poke();
		} finally {
			this.running = undefined;
		}
	}

	private fail(task: CrfTask, error: unknown): void {
		const key = taskKey(task);
		this.givenUp.add(key);
		const message = this.services.report(error, task.kind);
		const problem = toProblem(error);
		if (task.kind === 'refine') {
			this.failure = problem.code === 'cancelled' ? undefined : { key: settingsKey(task.settings), message };
			this.waiters.reject(problem, (waiting) => waiting === settingsKey(task.settings));
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

	private nextDisplay() {
		const { held } = this;
		if (!held) {
			return undefined;
		}
		const wanted = shownIteration(held.settings, this.iteration);
		const iteration = held.labels.has(wanted) ? wanted : held.settings.parameters.iterations;
		const isShown = this.shown?.of === held && this.shown.crf.iteration === iteration;
		return isShown ? undefined : { crf: held, iteration };
	}

	private async draw(crf: HeldCrf, iteration: number, signal: AbortSignal): Promise<void> {
		try {
			this.before ??= this.services.loadBefore();
			const { labels: before, step } = await this.before;
			const { pictureWidth: width, pictureHeight: height } = this.info.geometry;
			const target = { runId: this.info.id, before, width, height, step };
			const drawn = await inspectorCrf(crf, crf.labels.get(iteration)!, iteration, target, signal);
			signal.throwIfAborted();
			this.shown = { of: crf, crf: drawn };
			this.services.showCrf(drawn);
			if (this.layerWaits && this.currentLayer) {
				this.layerWaits = false;
				this.services.showLayer(this.currentLayer);
			}
			this.resolveWaiters();
			this.services.changed();
		} catch (error) {
			if (!signal.aborted) {
				this.before = undefined;
				this.services.report(error, 'refine');
				this.waiters.reject(toProblem(error));
			}
		}
	}

	private outcome(): CrfOutcome | undefined {
		if (!this.shown) {
			return undefined;
		}
		const { settings, steps, timings, threads, width, height } = this.shown.of;
		const { changes, changedPixels } = this.shown.crf;
		return { settings, steps, timings, threads, width, height, changes, changedPixels };
	}

	private activity(): CrfActivity {
		if (this.running) {
			return { kind: 'running', ...this.running };
		}
		return this.failure?.key === settingsKey(this.settings)
			? { kind: 'failed', message: this.failure.message }
			: { kind: 'idle' };
	}

	private resolveWaiters(): void {
		const outcome = this.outcome();
		if (outcome && this.shown?.of === this.held) {
			this.waiters.resolve(settingsKey(outcome.settings), outcome);
		}
	}
}

/** Whether a layer cannot be drawn without a CRF. */
function needsResult(layer: InspectorLayer): boolean {
	switch (layer) {
		case 'picture':
		case 'mask':
			return false;
		case 'after':
		case 'swipe':
		case 'changed':
		case 'entropyBefore':
		case 'entropyAfter':
			return true;
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}

function keptOf({ labels, ...found }: HeldCrf): KeptCrf {
	return { ...found, labels: labels.get(found.settings.parameters.iterations)! };
}
