import type { BranchMap, RunInfo } from '../../core/run';
import type { AsppExplanation, AsppMaps, AsppRunView, SomeRates } from '../../shared/protocol/aspp';
import type { ModelHandle } from '../../worker/client/client';
import { LatestWins } from '../crf/latestWins';
import type { LoadedHead } from './headLoading';
import { HeadSession, type HeadSessionServices } from './headSession';
import { type BranchSettings, HeadState } from './headState';

/** What a session needs of the rest of the host. */
export interface AsppSessionServices extends HeadSessionServices {
	/** @throws InspectorError with the problem that the views tell */
	loadHead(signal: AbortSignal): Promise<LoadedHead>;
	/** Branches of the head alone at other rates, for one that is not linear. */
	runHead(model: ModelHandle, rates: SomeRates, signal: AbortSignal): Promise<readonly (BranchMap | undefined)[]>;
	/** The maps of the class that is shown have changed: rates moved. */
	mapsChanged(maps: AsppMaps): void;
}

/** A head whose branches add up to the logits. */
export class AsppSession extends HeadSession<HeadState, LoadedHead> {
	/** Undefined: as the network has them. */
	private settings: BranchSettings | undefined;
	protected readonly runner: LatestWins<SomeRates>;

	constructor(
		info: RunInfo,
		private readonly services: AsppSessionServices,
	) {
		super(info, services);
		// A head that runs is waited for: it shows the way that the sliders went, and ending it would end the worker.
		this.runner = new LatestWins({
			next: () => (this.problem === undefined ? this.state?.missingRates : undefined),
			key: (rates) => rates.join(' '),
			run: (rates, signal) => this.runHead(rates, signal),
			spares: () => true,
		});
	}

	maps(label: number): AsppMaps | null {
		const { state } = this;
		return state && label >= 0 && label < state.head.classes ? state.classMaps(label) : null;
	}

	mixedMaps(): null {
		return null;
	}

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

	solo(branch: number | undefined): void {
		const { state } = this;
		if (state && (branch === undefined || branch in state.head.branches)) {
			this.setOn(state.head.branches.map((_, index) => branch === undefined || index === branch));
		}
	}

	protected read(signal: AbortSignal): Promise<LoadedHead> {
		return this.services.loadHead(signal);
	}

	protected stateOf(loaded: LoadedHead): HeadState {
		const state = new HeadState(this.info, loaded);
		if (this.settings) {
			state.setOn(this.settings.on);
			state.setRates(this.settings.rates);
		}
		return state;
	}

	protected viewOf(state: HeadState): { readonly kind: 'run'; readonly view: AsppRunView } {
		const { on, rates } = state.set;
		const view: AsppRunView = {
			...this.commonView(state),
			head: state.head,
			rates,
			on,
			explanation: this.explanationOf(state),
			dominance: this.drawer.drawing?.dominance?.shares,
			busy: this.problem === undefined && state.missingRates !== undefined,
		};
		return { kind: 'run', view };
	}

	protected fieldsOf(state: HeadState) {
		const { on, rates } = state.set;
		return { geometry: this.info.geometry, rates, on, explanation: this.explanationOf(state) };
	}

	private alter(change: (state: HeadState) => boolean): void {
		const { state } = this;
		if (state && change(state)) {
			this.settings = state.set;
			this.altered();
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

	private explanationOf(state: HeadState): AsppExplanation | undefined {
		return this.probe && state.explanation(this.probe, this.labelOf(state));
	}
}
