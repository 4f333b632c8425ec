import { branchLogits, sumBranches } from '../../core/aspp/branches';
import { cellView, nearestCell } from '../../core/aspp/cellView';
import { bestLabel, decidingBranch, explainPixel, runnerUpAt, type ShareSource } from '../../core/aspp/explain';
import type { AsppHead, TapMaps } from '../../core/aspp/types';
import type { BranchMap, FeatureMap, RunInfo } from '../../core/run';
import { logitsAt } from '../../core/segmentation/probabilities';
import {
	type AsppExplanation,
	type AsppMaps,
	highestRate,
	lowestRate,
	type SomeRates,
} from '../../shared/protocol/aspp';
import type { Probe } from '../../shared/protocol/inspector';

/** What is held of a run's head while the run is looked at. */
export interface HeldHead {
	readonly head: AsppHead;
	/** What the network gave, in the head's order, at the rates it was trained at. */
	readonly branches: readonly BranchMap[];
	/** Undefined where the head is not linear. */
	readonly taps: TapMaps | undefined;
	/** The network's mask, one label a picture pixel; of a run of several scales that of the full scale alone. */
	readonly labels: Uint8Array;
}

/** How the branches are set: what the user changes of a head. */
export interface BranchSettings {
	/** Dilation rates, one a branch. */
	readonly rates: readonly number[];
	/** Whether a branch is on. */
	readonly on: readonly boolean[];
}

/**
 * The branches of one run as they are set: maps at their rates, their sum, and why a pixel has its class. At the trained
 * rates the maps are the network's own, so that with all branches on nothing differs from it.
 */
export class HeadState {
	private maps: readonly FeatureMap[];
	private mapRates: readonly number[];
	private settings: BranchSettings;
	private sums: FeatureMap | undefined;
	private own: FeatureMap | undefined;
	private readonly scales = new Map<number, number>();

	constructor(
		private readonly info: RunInfo,
		private readonly held: HeldHead,
	) {
		this.maps = held.branches;
		this.mapRates = this.trainedRates;
		this.settings = { rates: this.trainedRates, on: held.branches.map(() => true) };
	}

	get head(): AsppHead {
		return this.held.head;
	}

	get trainedRates(): readonly number[] {
		return this.head.branches.map(({ rate }) => rate);
	}

	/** As they were set last. */
	get set(): BranchSettings {
		return this.settings;
	}

	/** Rates of the maps, one a branch: behind those that are set while a head that is not linear is run again. */
	get shownRates(): readonly number[] {
		return this.mapRates;
	}

	/** Rates of the branches whose maps are still to come; undefined where there are none. */
	get missingRates(): SomeRates | undefined {
		const { mapRates } = this;
		const { rates } = this.settings;
		return same(mapRates, rates)
			? undefined
			: rates.map((rate, branch) => (rate === mapRates[branch] ? undefined : rate));
	}

	/** Whether what is shown differs from the network's own. */
	get altered(): boolean {
		return !same(this.mapRates, this.trainedRates) || this.settings.on.includes(false);
	}

	/** One a branch, classes x grid. */
	get branches(): readonly FeatureMap[] {
		return this.maps;
	}

	/** The network's own: all branches, at the rates they were trained at. */
	get logits(): FeatureMap {
		const { branches } = this.held;
		this.own ??= sumBranches(
			branches,
			branches.map(() => true),
		);
		return this.own;
	}

	/** Of the branches that are on. */
	get sum(): FeatureMap {
		this.sums ??= sumBranches(this.maps, this.settings.on);
		return this.sums;
	}

	/** @returns whether something differs from before */
	setOn(on: readonly boolean[]): boolean {
		const next = this.head.branches.map((_, branch) => on[branch] ?? true);
		if (same(next, this.settings.on)) {
			return false;
		}
		this.settings = { ...this.settings, on: next };
		this.sums = undefined;
		return true;
	}

	/**
	 * Sets dilation rates. What moves is summed anew at once where the head is linear; else {@link missingRates} tells
	 * what has to be run, but for branches that are back at their trained rates.
	 * @returns whether something differs from before
	 */
	setRates(rates: readonly number[]): boolean {
		const next = this.trainedRates.map((trained, branch) => allowedRate(rates[branch], trained));
		if (same(next, this.settings.rates)) {
			return false;
		}
		this.settings = { ...this.settings, rates: next };
		const { taps, branches } = this.held;
		const moved = next.map((rate, branch) => (rate === this.mapRates[branch] ? undefined : rate));
		this.takeMaps(
			moved,
			moved.map((rate, branch) => {
				if (rate === undefined) {
					return undefined;
				}
				return rate === this.trainedRates[branch] ? branches[branch] : taps && branchLogits(taps, branch, rate);
			}),
		);
		return true;
	}

	/** Takes those that are missing; maps that came too late for a branch are left. */
	takeMaps(rates: SomeRates, maps: readonly (FeatureMap | undefined)[]): void {
		const taken = this.settings.rates.map((wanted, branch) => {
			const isMissing = wanted !== this.mapRates[branch];
			const [rate, map] = [rates[branch], maps[branch]];
			return isMissing && map && rate !== undefined ? { rate, map } : undefined;
		});
		this.maps = this.maps.map((map, branch) => taken[branch]?.map ?? map);
		this.mapRates = this.mapRates.map((rate, branch) => taken[branch]?.rate ?? rate);
		this.sums = undefined;
	}

	/** The class that wins at a pixel by the branches that are on. */
	winnerAt({ x, y }: Probe): number {
		return bestLabel(logitsAt(this.sum, this.info.geometry, x, y)) ?? 0;
	}

	/** Why a class has its logit at a pixel, beside the best other class. */
	explanation({ x, y }: Probe, label: number): AsppExplanation {
		const { geometry } = this.info;
		const { on } = this.settings;
		const { row, column } = nearestCell(geometry, x, y);
		const explain = (of: number) => explainPixel(this.source, geometry, { x, y, label: of, on });
		const chosen = explain(label);
		const other = runnerUpAt(this.sum, geometry, { x, y, label });
		const runnerUp = other === undefined ? undefined : explain(other);
		return {
			x,
			y,
			cell: cellView(this.head, this.mapRates, geometry, row, column),
			chosen,
			runnerUp,
			deciding: runnerUp && decidingBranch(chosen, runnerUp, on),
		};
	}

	/** Score maps of one class on the grid. */
	classMaps(label: number): AsppMaps {
		const { height, width } = this.maps[0]!;
		const plane = height * width;
		const branches = new Float32Array(this.maps.length * plane);
		for (const [branch, { data }] of this.maps.entries()) {
			branches.set(data.subarray(label * plane, (label + 1) * plane), branch * plane);
		}
		return { runId: this.info.id, label, height, width, branches, scale: this.scaleOf(label) };
	}

	private get source(): ShareSource {
		const { taps } = this.held;
		return taps
			? { kind: 'taps', taps, rates: this.mapRates }
			: { kind: 'maps', maps: this.maps, rates: this.mapRates };
	}

	/** Largest magnitude of the class in the network's own branches and their sum, so that nothing rescales it. */
	private scaleOf(label: number): number {
		const known = this.scales.get(label);
		if (known !== undefined) {
			return known;
		}
		const { branches } = this.held;
		const { height, width } = branches[0]!;
		const plane = height * width;
		let scale = 0;
		for (let at = label * plane; at < (label + 1) * plane; at++) {
			let sum = 0;
			for (const { data } of branches) {
				sum += data[at]!;
				scale = Math.max(scale, Math.abs(data[at]!));
			}
			scale = Math.max(scale, Math.abs(sum));
		}
		this.scales.set(label, scale);
		return scale;
	}
}

/** A whole number that the sliders have, or the trained one, whatever that is. */
function allowedRate(rate: number | undefined, trained: number): number {
	return rate === undefined || rate === trained || !Number.isFinite(rate)
		? trained
		: Math.min(highestRate, Math.max(lowestRate, Math.round(rate)));
}

function same<T>(a: readonly T[], b: readonly T[]): boolean {
	return a.length === b.length && a.every((value, i) => value === b[i]);
}
