import * as l10n from '@vscode/l10n';
import { InspectorError } from '../../core/problem';
import type { BranchMap, RunInfo } from '../../core/run';
import type {
	AsppExplanation,
	AsppMaps,
	AsppRunView,
	AsppViewState,
	EffectiveField,
	GradientStage,
	GradientTarget,
	InspectorFields,
	MeasuredField,
	ReceptiveFieldState,
	SomeRates,
} from '../../shared/protocol/aspp';
import type { InspectorLayer } from '../../shared/protocol/crf';
import type { Probe } from '../../shared/protocol/inspector';
import type { ModelHandle } from '../../worker/client';
import { LatestWins } from '../crf/latestWins';
import { BranchDrawer, type BranchDrawerServices } from './branchDrawer';
import { FieldMeasuring } from './fieldMeasuring';
import type { LoadedHead } from './headLoading';
import { type BranchSettings, HeadState } from './headState';
import { gradientPlace, theoreticalSide } from './measuredPlace';

/** What a session needs of the rest of the host. */
export interface AsppSessionServices extends BranchDrawerServices {
	/** @throws InspectorError with the problem that the views tell */
	loadHead(signal: AbortSignal): Promise<LoadedHead>;
	/** Picture pixels a display pixel of the run's Inspector, in each direction. */
	displayStep(): Promise<number>;
	/** Branches of the head alone at other rates, for one that is not linear. */
	runHead(model: ModelHandle, rates: SomeRates, signal: AbortSignal): Promise<readonly (BranchMap | undefined)[]>;
	gradient(
		model: ModelHandle,
		target: GradientTarget,
		options: { readonly signal: AbortSignal; readonly onProgress: (stage: GradientStage) => void },
	): Promise<EffectiveField>;
	/* To the run's Inspector. */
	showFields(fields: InspectorFields | null): void;
	showGradient(field: EffectiveField | null): void;
	showClass(label: number | null): void;
	/** What the session's views give has changed. */
	changed(): void;
	/** The maps of the class that is shown have changed: rates moved. */
	mapsChanged(maps: AsppMaps): void;
	/** Logs a failure. @returns its message for the views */
	report(error: unknown, doing: 'head' | 'rates' | 'gradient'): string;
}

type Loading =
	| { readonly kind: 'closed' }
	| { readonly kind: 'loading'; readonly controller: AbortController; readonly done: Promise<void> }
	| { readonly kind: 'failed'; readonly message: string; readonly error: unknown }
	| { readonly kind: 'open'; readonly state: HeadState; readonly loaded: LoadedHead; readonly step: number };

/**
 * The ASPP head of one run that is shown: its branches as they are set, the class and the pixel that are asked about,
 * and what the run's Inspector draws of them. The head is read when it is first asked for; what the user has set
 * outlives it.
 */
export class AsppSession {
	private loading: Loading = { kind: 'closed' };
	/** Undefined: as the network has them. */
	private settings: BranchSettings | undefined;
	private chosen: number | undefined;
	private probe: Probe | undefined;
	private fieldsDrawn = false;
	private highlighted: { readonly branch: number; readonly tap: number | undefined } | undefined;
	private problem: string | undefined;
	private toldClass: number | null = null;
	private toldFields = false;
	private disposed = false;
	private readonly drawer: BranchDrawer;
	private readonly runner: LatestWins<SomeRates>;
	private readonly measuring: FieldMeasuring;

	constructor(
		readonly info: RunInfo,
		private readonly services: AsppSessionServices,
	) {
		this.drawer = new BranchDrawer(
			info,
			services,
			() => {
				const { loading } = this;
				return loading.kind === 'open'
					? { state: loading.state, before: loading.loaded.labels, step: loading.step }
					: undefined;
			},
			() => this.tell(),
		);
		// A head that runs is waited for: it shows the way that the sliders went, and ending it would end the worker.
		this.runner = new LatestWins({
			next: () => (this.problem === undefined ? this.state?.missingRates : undefined),
			key: (rates) => rates.join(' '),
			run: (rates, signal) => this.runHead(rates, signal),
			spares: () => true,
		});
		this.measuring = new FieldMeasuring({
			gradient: (target, options) => services.gradient(this.opened().loaded.model, target, options),
			showGradient: (field) => services.showGradient(field),
			changed: () => services.changed(),
			report: (error) => services.report(error, 'gradient'),
		});
	}

	/** Reads the head; later calls wait for the first. A failure is told by the views. */
	async open(): Promise<void> {
		if (this.disposed || this.loading.kind === 'open' || this.loading.kind === 'failed') {
			return;
		}
		if (this.loading.kind === 'closed') {
			const controller = new AbortController();
			this.loading = { kind: 'loading', controller, done: this.load(controller.signal) };
			this.services.changed();
		}
		await (this.loading.kind === 'loading' ? this.loading.done : undefined);
	}

	/** Tries again what has failed. */
	retry(): void {
		this.measuring.fail(undefined);
		this.problem = undefined;
		if (this.loading.kind === 'failed') {
			this.loading = { kind: 'closed' };
		}
		void this.open();
		this.runner.poke();
	}

	/** Another run is looked at: lets go of what can be read again. */
	rest(): void {
		if (this.loading.kind === 'loading') {
			this.loading.controller.abort();
		}
		this.highlighted = undefined;
		this.measuring.cancel();
		this.loading = { kind: 'closed' };
	}

	dispose(): void {
		this.disposed = true;
		this.rest();
		this.drawer.stop();
		this.runner.stop();
	}

	/** Done when nothing is being drawn or run. */
	async idle(): Promise<void> {
		await this.runner.idle();
		await this.drawer.idle();
	}

	/**
	 * What the ASPP view shows once the head is there.
	 * @throws InspectorError with what kept it from being read
	 */
	async whenOpen(): Promise<AsppRunView> {
		await this.open();
		return this.runView(this.opened().state);
	}

	/* What the views show. */

	asppView(): AsppViewState {
		const { pictureName } = this.info;
		switch (this.loading.kind) {
			case 'closed':
			case 'loading':
				return { kind: 'loading', pictureName };
			case 'failed':
				return { kind: 'failed', pictureName, message: this.loading.message };
			case 'open':
				return { kind: 'run', view: this.runView(this.loading.state) };
			default: {
				const unknown: never = this.loading;
				throw new Error(`unknown state ${JSON.stringify(unknown)}`);
			}
		}
	}

	fieldView(): ReceptiveFieldState {
		const aspp = this.asppView();
		if (aspp.kind !== 'run') {
			return aspp;
		}
		const { runId, pictureName, geometry, classes, head, fullScaleAlone, rates, on, label, probe, explanation } =
			aspp.view;
		const { measured, shown, activity } = this.measuring;
		const common = {
			runId,
			pictureName,
			geometry,
			classes,
			head,
			fullScaleAlone,
			rates,
			on,
			label,
			probe,
			explanation,
		};
		return { kind: 'run', view: { ...common, drawn: this.fieldsDrawn, measured, shownField: shown, activity } };
	}

	/** Score maps of a class as the branches are set; null where the head is not there. */
	maps(label: number): AsppMaps | null {
		const { state } = this;
		return state && label >= 0 && label < state.head.classes ? state.classMaps(label) : null;
	}

	/**
	 * The mask of the branches that are on, one label a picture pixel, once all that was set is drawn.
	 * @throws InspectorError with what kept the head from being read
	 */
	async mask(): Promise<Uint8Array> {
		await this.open();
		const { loaded } = this.opened();
		await this.idle();
		return this.drawer.drawing?.labels ?? loaded.labels;
	}

	/* What the user sets. */

	setOn(on: readonly boolean[]): void {
		this.alter((state) => state.setOn(on));
	}

	setRates(rates: readonly number[]): void {
		this.alter((state) => {
			const moved = state.setRates(rates);
			if (moved) {
				this.problem = undefined;
				this.runner.poke();
				this.services.mapsChanged(state.classMaps(this.labelOf(state)));
			}
			return moved;
		});
	}

	/** Leaves one branch on alone; undefined: all are on. Rates stay as they are set. */
	solo(branch: number | undefined): void {
		const { state } = this;
		if (state && (branch === undefined || branch in state.head.branches)) {
			this.setOn(state.head.branches.map((_, index) => branch === undefined || index === branch));
		}
	}

	/** Undefined: the winner at the probe pixel, without one the largest class. */
	setClass(label: number | undefined): void {
		const known = label === undefined || (Number.isInteger(label) && label in this.info.model.classes);
		if (known && label !== this.chosen) {
			this.chosen = label;
			this.tell();
		}
	}

	setProbe(probe: Probe | undefined): void {
		if (this.probe?.x !== probe?.x || this.probe?.y !== probe?.y) {
			this.probe = probe;
			this.tell();
		}
	}

	/** Draws which branch contributes most, or the mask again. */
	showDominance(wanted: boolean): void {
		this.drawer.showDominance(wanted);
	}

	/** The Inspector's page has changed what it draws. */
	reportLayer(layer: InspectorLayer): void {
		this.drawer.reportLayer(layer);
	}

	/** Draws boxes and taps in the Inspector or not. */
	drawFields(drawn: boolean): void {
		if (this.fieldsDrawn !== drawn) {
			this.fieldsDrawn = drawn;
			this.tell();
		}
	}

	highlight(highlighted: { readonly branch: number; readonly tap: number | undefined } | undefined): void {
		this.highlighted = highlighted;
		this.tellFields();
	}

	/**
	 * Measures the effective receptive field of the class that is shown, as the network has it: all branches or one, at
	 * the rates they were trained at. Failures are told by the view.
	 * @returns when it has ended
	 */
	async measure(branch: number | undefined, over: MeasuredField['over']): Promise<void> {
		const { state } = this;
		if (!state) {
			return;
		}
		const label = this.labelOf(state);
		const { geometry } = this.info;
		const at = gradientPlace(over, state.logits, geometry, label, this.probe);
		if (!at) {
			const name = this.info.model.classes[label]?.name ?? String(label);
			this.measuring.fail(
				over === 'cell'
					? l10n.t('Pin a pixel first.')
					: l10n.t('No cell of the logit grid has {0} as its class.', name),
			);
			return;
		}
		const theoretical = over === 'cell' ? theoreticalSide(state.head, branch, geometry) : undefined;
		await this.measuring.measure({ target: { branch, label, at }, over, theoretical });
	}

	cancelMeasuring(): void {
		this.measuring.cancel();
	}

	showMeasured(index: number | undefined): void {
		this.measuring.show(index);
	}

	/** The Inspector's page is loaded anew and knows nothing of the head. */
	pageIsReady(): void {
		this.drawer.repeat();
		const { shownField } = this.measuring;
		if (shownField) {
			this.services.showGradient(shownField);
		}
		this.toldClass = null;
		this.toldFields = false;
		this.tell();
	}

	private get state(): HeadState | undefined {
		return this.loading.kind === 'open' ? this.loading.state : undefined;
	}

	/** @throws InspectorError where the head is not there */
	private opened(): Extract<Loading, { kind: 'open' }> {
		const { loading } = this;
		switch (loading.kind) {
			case 'open':
				return loading;
			case 'failed':
				throw loading.error;
			case 'closed':
			case 'loading':
				throw new InspectorError({ code: 'cancelled' });
			default: {
				const unknown: never = loading;
				throw new Error(`unknown state ${JSON.stringify(unknown)}`);
			}
		}
	}

	private async load(signal: AbortSignal): Promise<void> {
		const began = performance.now();
		try {
			const [loaded, step] = await Promise.all([this.services.loadHead(signal), this.services.displayStep()]);
			if (signal.aborted) {
				return;
			}
			const state = new HeadState(this.info, loaded);
			this.loading = { kind: 'open', state, loaded, step };
			this.services.measured(`head read in ${(performance.now() - began).toFixed(0)} ms`);
			if (this.settings) {
				state.setOn(this.settings.on);
				state.setRates(this.settings.rates);
				this.runner.poke();
			}
			this.tell();
			this.drawer.headIsThere(state);
		} catch (error) {
			if (!signal.aborted) {
				this.loading = { kind: 'failed', message: this.services.report(error, 'head'), error };
				this.services.changed();
			}
		}
	}

	/** Takes a change of the branches into the views at once, and into the mask as soon as this thread is free. */
	private alter(change: (state: HeadState) => boolean): void {
		const { state } = this;
		if (state && change(state)) {
			this.settings = state.set;
			this.tell();
			this.drawer.redraw();
		}
	}

	private async runHead(rates: SomeRates, signal: AbortSignal): Promise<void> {
		this.services.changed();
		try {
			const { loaded } = this.opened();
			const maps = await this.services.runHead(loaded.model, rates, signal);
			const { state } = this;
			// What comes late is the way the sliders went, unless they are back at the trained rates.
			if (state?.missingRates) {
				state.takeMaps(rates, maps);
				this.services.mapsChanged(state.classMaps(this.labelOf(state)));
				this.drawer.redraw();
			}
		} catch (error) {
			if (!signal.aborted) {
				this.problem = this.services.report(error, 'rates');
			}
		}
		this.tell();
	}

	private labelOf(state: HeadState): number {
		return this.chosen ?? (this.probe ? state.winnerAt(this.probe) : (this.info.classes[0]?.label ?? 0));
	}

	private explanationOf(state: HeadState): AsppExplanation | undefined {
		return this.probe && state.explanation(this.probe, this.labelOf(state));
	}

	private runView(state: HeadState): AsppRunView {
		const { info } = this;
		const { branches, dominance } = this.drawer.drawing ?? {};
		const { on, rates } = state.set;
		return {
			runId: info.id,
			pictureName: info.pictureName,
			geometry: info.geometry,
			classes: info.model.classes,
			head: state.head,
			fullScaleAlone: info.multiScale !== undefined,
			rates,
			on,
			label: this.labelOf(state),
			labelIsChosen: this.chosen !== undefined,
			present: info.classes.map(({ label }) => label),
			probe: this.probe,
			explanation: this.explanationOf(state),
			effect: branches && { changedPixels: branches.changedPixels, changes: branches.changes },
			dominance: dominance?.shares,
			busy: this.problem === undefined && state.missingRates !== undefined,
			problem: this.problem,
		};
	}

	/** After each change of what is asked about: the views, and what the Inspector draws of it at once. */
	private tell(): void {
		const { state } = this;
		const label = state ? this.labelOf(state) : null;
		if (label !== this.toldClass) {
			this.toldClass = label;
			this.services.showClass(label);
		}
		this.tellFields();
		this.services.changed();
	}

	private tellFields(): void {
		const explanation = this.fieldsDrawn && this.state ? this.explanationOf(this.state) : undefined;
		const fields = explanation ? this.fieldsOf(explanation) : null;
		if (fields || this.toldFields) {
			this.toldFields = fields !== null;
			this.services.showFields(fields);
		}
	}

	private fieldsOf({ cell, chosen }: AsppExplanation): InspectorFields {
		const tapShares = chosen.branches.map(({ taps }) => taps);
		return {
			runId: this.info.id,
			cell,
			highlighted: this.highlighted?.branch,
			tap: this.highlighted?.tap,
			tapShares: tapShares.some((shares) => shares !== undefined) ? tapShares : undefined,
			largestTapShare: Math.max(0, ...tapShares.flatMap((shares) => shares ?? []).map(Math.abs)),
		};
	}
}
