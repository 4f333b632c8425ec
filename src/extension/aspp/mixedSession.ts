import { InspectorError } from '../../core/problem';
import type { FeatureMap, RunInfo } from '../../core/run';
import type { MapReading, MixedMaps, MixedRunView } from '../../shared/protocol/aspp';
import { LatestWins } from '../crf/latestWins';
import { HeadSession, type HeadSessionServices } from './headSession';
import type { LoadedMixedHead, MixedSource } from './mixedLoading';
import { MixedState } from './mixedState';

/** What a session needs of the rest of the host. */
export interface MixedSessionServices extends HeadSessionServices {
	/** @throws InspectorError with the problem that the views tell */
	loadMixedHead(signal: AbortSignal): Promise<LoadedMixedHead>;
	/** Logits of some of the maps, one a row of `on`. */
	ablate(
		source: MixedSource,
		maps: readonly FeatureMap[],
		on: readonly (readonly boolean[])[],
		signal: AbortSignal,
	): Promise<readonly FeatureMap[]>;
}

/**
 * A head whose branches later layers mix: its branches are maps without a class. What the network says without one of them
 * is had by running the layers behind again.
 */
export class MixedSession extends HeadSession<MixedState, LoadedMixedHead> {
	/** Undefined: all are on. */
	private settings: readonly boolean[] | undefined;
	/** The branches are looked at: what the network says without each is wanted. */
	private isLookedAt = false;
	protected readonly runner: LatestWins<readonly boolean[]>;

	constructor(
		info: RunInfo,
		private readonly services: MixedSessionServices,
	) {
		super(info, services);
		// One run of the layers behind is short: it is waited for.
		this.runner = new LatestWins({
			next: () => (this.problem === undefined ? this.state?.nextRow(this.isLookedAt) : undefined),
			key: (row) => row.join(' '),
			run: (row, signal) => this.ablate(row, signal),
			spares: () => true,
		});
	}

	maps(): null {
		return null;
	}

	mixedMaps(reading: MapReading): MixedMaps | null {
		this.isLookedAt = true;
		this.runner.poke();
		return this.state?.maps(reading) ?? null;
	}

	setOn(on: readonly boolean[]): void {
		const { state } = this;
		if (state?.setOn(on)) {
			this.settings = state.set.on;
			this.problem = undefined;
			this.runner.poke();
			this.tell();
			if (!state.isBehind) {
				this.drawer.redraw();
			}
		}
	}

	/** Its branches are not run at other rates: the layers behind were trained on these. */
	setRates(): void {}

	solo(branch: number | undefined): void {
		const { state } = this;
		if (state && (branch === undefined || branch in state.info)) {
			this.setOn(state.info.map((_, index) => branch === undefined || index === branch));
		}
	}

	/** No branch has a share of a logit: none adds most. */
	override showDominance(): void {}

	protected read(signal: AbortSignal): Promise<LoadedMixedHead> {
		return this.services.loadMixedHead(signal);
	}

	protected stateOf(loaded: LoadedMixedHead): MixedState {
		const state = new MixedState(this.info, loaded);
		if (this.settings) {
			state.setOn(this.settings);
		}
		return state;
	}

	protected viewOf(state: MixedState): { readonly kind: 'mixed'; readonly view: MixedRunView } {
		const common = this.commonView(state);
		const view: MixedRunView = {
			...common,
			branches: state.info,
			on: state.set.on,
			atProbe: this.probe && state.atProbe(this.probe, common.label),
			busy: this.problem === undefined && state.isBehind,
		};
		return { kind: 'mixed', view };
	}

	protected fieldsOf(state: MixedState) {
		return {
			geometry: state.grid,
			rates: state.rates,
			on: state.rates.map(() => true),
			explanation: this.probe && state.field(this.probe),
		};
	}

	private async ablate(row: readonly boolean[], signal: AbortSignal): Promise<void> {
		this.services.changed();
		try {
			const { loaded } = this.opened();
			const [logits] = await this.services.ablate(loaded.source, loaded.maps, [row], signal);
			const { state } = this;
			if (state && logits) {
				const wasBehind = state.isBehind;
				if (!state.take(row, logits)) {
					const detail = 'the layers behind its branches, run alone, do not give the network’s logits';
					throw new InspectorError({ code: 'model.unsupported', name: loaded.model.name, detail });
				}
				if (wasBehind && !state.isBehind) {
					this.drawer.redraw();
				}
			}
		} catch (error) {
			if (!signal.aborted) {
				this.problem = this.services.report(error, 'ablation');
			}
		}
		this.tell();
	}
}
