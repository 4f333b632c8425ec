import { InspectorError, toProblem } from '../../core/problem';
import type { RunInfo } from '../../core/run';
import type {
	CrfActivity,
	CrfAhead,
	CrfKernelName,
	CrfMaskResult,
	CrfOutcome,
	CrfPresetItem,
	CrfRunView,
	CrfSettings,
	InspectorCrf,
	InspectorLayer,
	RefineResult,
} from '../../shared/protocol/crf';
import type { Probe } from '../../shared/protocol/inspector';
import { CrfComputing, type CrfComputingServices } from './crfComputing';
import type { CrfMask, HeldCrf } from './crfDisplay';
import { CrfDrawing, type CrfDrawingServices, type Drawable } from './crfDrawing';
import type { KeptCrf } from './crfFiles';
import { type CrfSituation, sameIterations, settingsKey, shownIteration } from './crfTasks';
import { Keeper } from './keeper';
import { LayerChoice } from './layerChoice';
import { Waiters } from './waiters';

/** What a session needs of the rest of the host. */
export interface CrfSessionServices extends CrfDrawingServices, CrfComputingServices {
	/** What is kept with the run. */
	loadKept(): Promise<KeptCrf | undefined>;
	/** Tells a failure itself, where it is worth it. */
	keep(crf: KeptCrf): Promise<void>;
	/** To the run's Inspector. */
	showLayer(layer: InspectorLayer): void;
	/** What {@link CrfSession.view} gives has changed. */
	changed(): void;
}

/** How long after a computation nothing may change before it is kept, in milliseconds. */
const keepDelay = 500;

/**
 * The CRF of one run that is shown: settings, what has been computed of them, and what is looked at of that. It
 * computes what is missing as long as somebody looks or waits, the newest settings first and those between not at all.
 */
export class CrfSession {
	private readonly computing: CrfComputing;
	private readonly drawing: CrfDrawing<HeldCrf | CrfMask>;
	private readonly layers: LayerChoice;
	/** By the key of the settings they wait for. */
	private readonly waiters = new Waiters<CrfOutcome>();
	private readonly keeper: Keeper<HeldCrf>;
	private settings: CrfSettings;
	private held: HeldCrf | undefined;
	/** The mask of settings whose other iterations and figures are not there yet. */
	private ahead: CrfMask | undefined;
	/** Of `held`, as it was drawn. */
	private outcome: CrfOutcome | undefined;
	/** Undefined: the last. */
	private iteration: number | undefined;
	private probe: Probe | undefined;
	private kernel: CrfKernelName | undefined;
	private watched = false;
	/** It will be watched in a moment. */
	private expected = false;
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
		this.computing = new CrfComputing(services, {
			situation: () => this.situation(),
			hasMaskOf: (of) =>
				this.watched && this.ahead !== undefined && settingsKey(this.ahead.settings) === settingsKey(of),
			masked: (result) => this.showAhead(result),
			refined: (result) => this.take(result),
			refinementFailed: (of, problem) => this.waiters.reject(problem, (waiting) => waiting === settingsKey(of)),
		});
		this.keeper = new Keeper((crf) => this.services.keep(keptOf(crf)), keepDelay);
		this.layers = new LayerChoice((layer) => this.services.showLayer(layer));
		this.drawing = new CrfDrawing(info, services, {
			wanted: () => this.drawable(),
			drawn: () => {
				this.adoptDrawn();
				this.layers.resultIsThere();
				this.resolveWaiters();
				this.services.changed();
			},
			failed: (error) => {
				this.services.report(error, 'refine');
				this.waiters.reject(toProblem(error));
			},
		});
	}

	/** Reads what is kept with the run; later calls wait for the first. */
	open(): Promise<void> {
		this.opening ??= this.readKept();
		return this.opening;
	}

	/** What the Inspector draws; undefined before there is anything. */
	get inspector(): InspectorCrf | undefined {
		return this.drawing.shown?.crf;
	}

	/** The mask after the CRF that is shown, at the picture's size. */
	get mask(): Uint8Array | undefined {
		return this.drawing.shown?.mask.labels;
	}

	/** What the Inspector draws, as far as it is known. */
	get layer(): InspectorLayer {
		return this.layers.layer;
	}

	view(presets: readonly CrfPresetItem[]): CrfRunView {
		const { info, computing } = this;
		return {
			runId: info.id,
			pictureName: info.pictureName,
			geometry: info.geometry,
			classes: info.model.classes,
			settings: this.settings,
			presets,
			outcome: this.outcome,
			ahead: this.drawnAhead(),
			activity: this.activity(),
			iteration: shownIteration(this.held?.settings ?? this.settings, this.iteration),
			layer: this.layer,
			probe: computing.probe,
			ties: this.kernel,
			largestTie: this.kernel && computing.ties?.kernel === this.kernel ? computing.ties.largest : undefined,
		};
	}

	/** Whether a mask is on its way. */
	get masking(): boolean {
		return this.computing.masking;
	}

	/** Whether somebody looks at the result; nothing is computed that nobody looks at. */
	watch(watched: boolean): void {
		this.expected = false;
		if (this.watched !== watched) {
			this.watched = watched;
			this.update();
		}
	}

	/** Somebody will look in a moment, unless they pass by. */
	expectWatch(): void {
		this.expected = !this.watched;
		this.services.changed();
	}

	setSettings(settings: CrfSettings): void {
		const key = settingsKey(settings);
		if (key === settingsKey(this.settings)) {
			return;
		}
		this.settings = settings;
		this.computing.forgetFailures();
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
		this.layers.choose(layer, this.drawing.shown !== undefined);
		this.services.changed();
	}

	/** The Inspector's page has changed what it draws, and with that ended to draw ties over it. */
	reportLayer(layer: InspectorLayer): void {
		const ended = layer !== this.layer && this.kernel !== undefined;
		this.layers.adopt(layer);
		if (ended) {
			this.drawTies(undefined);
		}
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
		this.layers.repeat();
		this.drawing.forgetTold();
		const { ties } = this.computing;
		if (ties) {
			this.services.showTies(ties);
		}
	}

	/** Stops the refinement that is running; these settings are not tried again by themselves. */
	cancel(): void {
		if (this.computing.giveUp()) {
			this.waiters.reject({ code: 'cancelled' });
			this.update();
		}
	}

	/** Tries again what has failed or was cancelled. */
	retry(): void {
		this.computing.forgetFailures();
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
		if (this.disposed) {
			throw new InspectorError({ code: 'cancelled' });
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
				if (iteration !== iterations && iteration !== this.drawing.shown?.mask.iteration) {
					this.held.labels.delete(iteration);
				}
			}
			this.drawing.rest();
		}
	}

	async dispose(): Promise<void> {
		this.disposed = true;
		this.waiters.reject({ code: 'cancelled' });
		this.computing.stop();
		this.drawing.stop();
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
			this.drawing.poke();
			await this.drawing.idle();
		}
		this.isOpen = true;
		this.update();
	}

	private situation(): Omit<CrfSituation, 'done'> {
		const { settings, held, iteration, probe } = this;
		return {
			wanted: this.isOpen && !this.disposed && (this.watched || this.waiters.any),
			looked: this.watched,
			entropy: this.layer === 'entropyAfter',
			settings,
			held: held && { settings: held.settings, iterations: [...held.labels.keys()] },
			ahead: this.ahead,
			iteration,
			probe,
			ties: this.kernel,
		};
	}

	/** After each change of what the session is asked for. */
	private update(): void {
		this.lookAhead();
		this.computing.poke();
		this.drawing.poke();
		this.services.changed();
	}

	/** What is held may be what is asked for, or have a mask of it: that of fewer iterations of the same. */
	private lookAhead(): void {
		const { held, settings } = this;
		const iteration = shownIteration(settings, this.iteration);
		const labels = held?.labels.get(iteration);
		if (!held || !labels) {
			return;
		}
		const key = settingsKey(settings);
		if (settingsKey(held.settings) === key) {
			this.ahead = undefined;
			return;
		}
		const isThere = this.ahead?.iteration === iteration && settingsKey(this.ahead.settings) === key;
		if (!isThere && sameIterations(held.settings, settings)) {
			const { entropyBefore, entropyAfter } = held;
			const timings = { prepare: 0, lattice: 0, iterations: 0 };
			this.ahead = { settings, iteration, labels, entropyBefore, entropyAfter, timings };
		}
	}

	private showAhead({ entropy, ...result }: CrfMaskResult): void {
		const { entropyBefore, entropyAfter } = this.held ?? {};
		this.ahead = { ...result, entropyBefore, entropyAfter: entropy ?? entropyAfter };
		this.lookAhead();
		this.drawing.poke();
	}

	private take({ labels, ...found }: RefineResult): void {
		const { ahead } = this;
		const isOfAhead = ahead && settingsKey(ahead.settings) === settingsKey(found.settings);
		const masks = new Map(labels.entries());
		if (isOfAhead && sameBytes(labels[ahead.iteration], ahead.labels)) {
			// The same array is not drawn again.
			masks.set(ahead.iteration, ahead.labels);
		}
		// What the mask has prepared was there for the rest.
		const timings = {
			prepare: found.timings.prepare + (isOfAhead ? ahead.timings.prepare : 0),
			lattice: found.timings.lattice + (isOfAhead ? ahead.timings.lattice : 0),
			iterations: found.timings.iterations,
		};
		this.held = { ...found, labels: masks, timings };
		this.ahead = undefined;
		this.keeper.soon(this.held);
		this.drawing.poke();
	}

	private drawable(): Drawable<HeldCrf | CrfMask> | undefined {
		const { held, ahead } = this;
		if (ahead) {
			return { of: ahead, mask: ahead };
		}
		if (!held) {
			return undefined;
		}
		const wanted = shownIteration(held.settings, this.iteration);
		const iteration = held.labels.has(wanted) ? wanted : held.settings.parameters.iterations;
		return { of: held, mask: { ...held, iteration, labels: held.labels.get(iteration)! } };
	}

	private adoptDrawn(): void {
		const { shown } = this.drawing;
		if (this.held && shown?.of === this.held) {
			const { settings, steps, timings, threads, width, height } = this.held;
			const { changes, changedPixels } = shown.crf;
			this.outcome = { settings, steps, timings, threads, width, height, changes, changedPixels };
		}
	}

	private drawnAhead(): CrfAhead | undefined {
		const { shown } = this.drawing;
		if (!shown || shown.of === this.held) {
			return undefined;
		}
		const { settings, changes, changedPixels } = shown.crf;
		return { settings, changes, changedPixels };
	}

	private activity(): CrfActivity {
		const activity = this.computing.activity(this.settings);
		return activity.kind === 'idle' && (this.expected || !this.isOpen) ? { kind: 'pending' } : activity;
	}

	private resolveWaiters(): void {
		const { outcome } = this;
		if (outcome && this.drawing.shown?.of === this.held) {
			this.waiters.resolve(settingsKey(outcome.settings), outcome);
		}
	}
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
	if (a?.length !== b.length) {
		return false;
	}
	for (let i = 0; i < b.length; i++) {
		if (a[i] !== b[i]) {
			return false;
		}
	}
	return true;
}

function keptOf({ labels, ...found }: HeldCrf): KeptCrf {
	return { ...found, labels: labels.get(found.settings.parameters.iterations)! };
}
