import * as l10n from '@vscode/l10n';
import type { AsppHead } from '../../core/aspp/types';
import { InspectorError } from '../../core/problem';
import type { FeatureMap, Geometry, RunInfo } from '../../core/run';
import type {
	AsppMaps,
	AsppRunView,
	AsppViewState,
	EffectiveField,
	FieldExplanation,
	GradientStage,
	GradientTarget,
	InspectorFields,
	MapReading,
	MeasuredField,
	MixedMaps,
	MixedRunView,
	ReceptiveFieldRunView,
	ReceptiveFieldState,
} from '../../shared/protocol/aspp';
import type { InspectorLayer } from '../../shared/protocol/crf';
import type { Probe } from '../../shared/protocol/inspector';
import type { ModelHandle } from '../../worker/client/client';
import type { LatestWins } from '../crf/latestWins';
import type { DrawnHead } from './asppDrawing';
import { BranchDrawer, type BranchDrawerServices } from './branchDrawer';
import { FieldMeasuring } from './fieldMeasuring';
import { gradientPlace, maskOnGrid, theoreticalSide } from './measuredPlace';

/** What a session needs of the rest of the host, whatever the head. */
export interface HeadSessionServices extends BranchDrawerServices {
	/** Picture pixels a display pixel of the run's Inspector, in each direction. */
	displayStep(): Promise<number>;
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
	/** Logs a failure. @returns its message for the views */
	report(error: unknown, doing: 'head' | 'rates' | 'ablation' | 'gradient'): string;
}

/** A head that has been read, as its branches are set. */
export interface ShownHead extends DrawnHead {
	readonly head: AsppHead;
	/** The network's own, of the full scale alone. */
	readonly logits: FeatureMap;
	/** The class that wins at a pixel by the branches that are on. */
	winnerAt(probe: Probe): number;
}

/** What is read of a run's head. */
export interface ReadHead {
	readonly model: ModelHandle;
	/** The network's mask, one label a picture pixel; of a run of several scales that of the full scale alone. */
	readonly labels: Uint8Array;
}

type Loading<State, Loaded> =
	| { readonly kind: 'closed' }
	| { readonly kind: 'loading'; readonly controller: AbortController; readonly done: Promise<void> }
	| { readonly kind: 'failed'; readonly message: string; readonly error: unknown }
	| { readonly kind: 'open'; readonly state: State; readonly loaded: Loaded; readonly step: number };

/**
 * The ASPP head of one run that is shown: its branches as they are set, the class and the pixel that are asked about,
 * and what the run's Inspector draws of them. The head is read when it is first asked for; what the user has set
 * outlives it.
 */
export abstract class HeadSession<State extends ShownHead = ShownHead, Loaded extends ReadHead = ReadHead> {
	protected problem: string | undefined;
	protected probe: Probe | undefined;
	protected readonly drawer: BranchDrawer;
	private loading: Loading<State, Loaded> = { kind: 'closed' };
	private chosen: number | undefined;
	private fieldsDrawn = false;
	private highlighted: { readonly branch: number; readonly tap: number | undefined } | undefined;
	private toldClass: number | null = null;
	private toldFields = false;
	private disposed = false;
	private readonly measuring: FieldMeasuring;

	constructor(
		readonly info: RunInfo,
		private readonly base: HeadSessionServices,
	) {
		this.drawer = new BranchDrawer(
			info,
			base,
			() => {
				const { loading } = this;
				return loading.kind === 'open'
					? { state: loading.state, before: loading.loaded.labels, step: loading.step }
					: undefined;
			},
			() => this.tell(),
		);
		this.measuring = new FieldMeasuring({
			gradient: (target, options) => base.gradient(this.opened().loaded.model, target, options),
			showGradient: (field) => base.showGradient(field),
			changed: () => base.changed(),
			report: (error) => base.report(error, 'gradient'),
		});
	}

	/* What differs from head to head. */

	/** @throws InspectorError with the problem that the views tell */
	protected abstract read(signal: AbortSignal): Promise<Loaded>;
	/** The head with what the user has set before. */
	protected abstract stateOf(loaded: Loaded): State;
	/** Computes what is missing. */
	protected abstract readonly runner: Pick<LatestWins<unknown>, 'poke' | 'stop' | 'idle'>;
	protected abstract viewOf(
		state: State,
	): { readonly kind: 'run'; readonly view: AsppRunView } | { readonly kind: 'mixed'; readonly view: MixedRunView };
	/** Geometry of the grid that the branches are on, their rates, and what the probe's cell sees through them. */
	protected abstract fieldsOf(state: State): {
		readonly geometry: Geometry;
		readonly rates: readonly number[];
		readonly on: readonly boolean[];
		readonly explanation: FieldExplanation | undefined;
	};
	/** Score maps of a class as the branches are set; null where there are none. */
	abstract maps(label: number): AsppMaps | null;
	/** Maps of a mixed head's branches; null where there are none. */
	abstract mixedMaps(reading: MapReading): MixedMaps | null;
	abstract setOn(on: readonly boolean[]): void;
	abstract setRates(rates: readonly number[]): void;
	/** Leaves one branch on alone; undefined: all are on. Rates stay as they are set. */
	abstract solo(branch: number | undefined): void;

	/** Reads the head; later calls wait for the first. A failure is told by the views. */
	async open(): Promise<void> {
		if (this.disposed || this.loading.kind === 'open' || this.loading.kind === 'failed') {
			return;
		}
		if (this.loading.kind === 'closed') {
			const controller = new AbortController();
			this.loading = { kind: 'loading', controller, done: this.load(controller.signal) };
			this.base.changed();
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
	async whenOpen(): Promise<AsppRunView | MixedRunView> {
		await this.open();
		return this.viewOf(this.opened().state).view;
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
				return this.viewOf(this.loading.state);
			default: {
				const unknown: never = this.loading;
				throw new Error(`unknown state ${JSON.stringify(unknown)}`);
			}
		}
	}

	fieldView(): ReceptiveFieldState {
		const aspp = this.asppView();
		if ((aspp.kind !== 'run' && aspp.kind !== 'mixed') || !this.state) {
			return aspp as Exclude<AsppViewState, { kind: 'run' | 'mixed' }>;
		}
		const { runId, pictureName, classes, fullScaleAlone, label, probe } = aspp.view;
		const { measured, shown, activity } = this.measuring;
		const view: ReceptiveFieldRunView = {
			runId,
			pictureName,
			classes,
			head: this.state.head,
			fullScaleAlone,
			label,
			probe,
			...this.fieldsOf(this.state),
			drawn: this.fieldsDrawn,
			measured,
			shownField: shown,
			activity,
		};
		return { kind: 'run', view };
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
	 * the rates they were trained at; of a mixed head's branch that of its channels. Failures are told by the view.
	 * @returns when it has ended
	 */
	async measure(branch: number | undefined, over: MeasuredField['over']): Promise<void> {
		const { state } = this;
		if (!state) {
			return;
		}
		const label = this.labelOf(state);
		const { geometry } = this.info;
		const isMixedBranch = branch !== undefined && state.head.mixing !== undefined;
		const own = isMixedBranch ? this.fieldsOf(state).geometry : geometry;
		const place = gradientPlace(over, state.logits, over === 'cell' ? own : geometry, label, this.probe);
		if (!place) {
			const name = this.info.model.classes[label]?.name ?? String(label);
			this.measuring.fail(
				over === 'cell'
					? l10n.t('Pin a pixel first.')
					: l10n.t('No cell of the logit grid has {0} as its class.', name),
			);
			return;
		}
		const theoretical = over === 'cell' ? theoreticalSide(state.head, branch, geometry) : undefined;
		const target: GradientTarget = isMixedBranch
			? {
					branch,
					label: undefined,
					grid: [own.gridHeight, own.gridWidth],
					at: 'mask' in place ? { mask: maskOnGrid(place.mask, geometry, own) } : place,
				}
			: { branch, label, at: place };
		await this.measuring.measure({ target, over, theoretical });
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
			this.base.showGradient(shownField);
		}
		this.toldClass = null;
		this.toldFields = false;
		this.tell();
	}

	/** Undefined while the head is not there. */
	protected get state(): State | undefined {
		return this.loading.kind === 'open' ? this.loading.state : undefined;
	}

	/** @throws InspectorError where the head is not there */
	protected opened(): Extract<Loading<State, Loaded>, { kind: 'open' }> {
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

	/** Takes a change of the branches into the views at once, and into the mask as soon as this thread is free. */
	protected altered(): void {
		this.tell();
		this.drawer.redraw();
	}

	protected labelOf(state: State): number {
		return this.chosen ?? (this.probe ? state.winnerAt(this.probe) : (this.info.classes[0]?.label ?? 0));
	}

	/** What both kinds of views have of a run. */
	protected commonView(state: State) {
		const { info } = this;
		const { branches } = this.drawer.drawing ?? {};
		return {
			runId: info.id,
			pictureName: info.pictureName,
			geometry: info.geometry,
			classes: info.model.classes,
			fullScaleAlone: info.multiScale !== undefined,
			label: this.labelOf(state),
			labelIsChosen: this.chosen !== undefined,
			present: info.classes.map(({ label }) => label),
			probe: this.probe,
			effect: branches && { changedPixels: branches.changedPixels, changes: branches.changes },
			problem: this.problem,
		};
	}

	/** After each change of what is asked about: the views, and what the Inspector draws of it at once. */
	protected tell(): void {
		const { state } = this;
		const label = state ? this.labelOf(state) : null;
		if (label !== this.toldClass) {
			this.toldClass = label;
			this.base.showClass(label);
		}
		this.tellFields();
		this.base.changed();
	}

	private async load(signal: AbortSignal): Promise<void> {
		const began = performance.now();
		try {
			const [loaded, step] = await Promise.all([this.read(signal), this.base.displayStep()]);
			if (signal.aborted) {
				return;
			}
			const state = this.stateOf(loaded);
			this.loading = { kind: 'open', state, loaded, step };
			this.base.measured(`head read in ${(performance.now() - began).toFixed(0)} ms`);
			this.runner.poke();
			this.tell();
			this.drawer.headIsThere(state);
		} catch (error) {
			if (!signal.aborted) {
				this.loading = { kind: 'failed', message: this.base.report(error, 'head'), error };
				this.base.changed();
			}
		}
	}

	private tellFields(): void {
		const explanation = this.fieldsDrawn && this.state ? this.fieldsOf(this.state).explanation : undefined;
		const fields = explanation ? this.inspectorFields(explanation) : null;
		if (fields || this.toldFields) {
			this.toldFields = fields !== null;
			this.base.showFields(fields);
		}
	}

	private inspectorFields({ cell, chosen }: FieldExplanation): InspectorFields {
		const tapShares = chosen?.branches.map(({ taps }) => taps) ?? [];
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
