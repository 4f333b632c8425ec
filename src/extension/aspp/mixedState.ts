import { cellView, nearestCell } from '../../core/aspp/cellView';
import {
	type ChannelValue,
	channelMap,
	gridOf,
	meanMap,
	normMap,
	strongestChannel,
	strongestChannels,
	valueAt,
} from '../../core/aspp/channelMaps';
import { bestLabel } from '../../core/aspp/explain';
import type { AsppHead } from '../../core/aspp/types';
import type { FeatureMap, Geometry, RunInfo } from '../../core/run';
import { logitsAt } from '../../core/segmentation/probabilities';
import { mixedBranchNames } from '../../shared/mixedBranchNames';
import type {
	AblatedPixel,
	FieldExplanation,
	MapReading,
	MixedBranchInfo,
	MixedMaps,
	MixedProbe,
} from '../../shared/protocol/aspp';
import type { Probe } from '../../shared/protocol/inspector';
import { agree } from './headLoading';
import type { ShownHead } from './headSession';
import type { LoadedMixedHead } from './mixedLoading';

/** Channels that are named at the probe pixel, of each branch. */
const namedChannels = 3;

/**
 * The branches of a mixed head as they are set. The logits of some of them are known once the layers behind have been run
 * with the others at zero; until then those of the last setting stand.
 */
export class MixedState implements ShownHead {
	/** Their channels are no classes: none of them contributes most to one. */
	readonly branches = [];
	readonly info: readonly MixedBranchInfo[];
	private readonly known = new Map<string, FeatureMap>();
	private readonly norms = new Map<number, Float32Array>();
	private on: readonly boolean[];
	private shownOn: readonly boolean[];
	/** Whether the layers behind gave the network's own logits of all branches. */
	private isChecked = false;

	constructor(
		private readonly run: RunInfo,
		private readonly loaded: LoadedMixedHead,
	) {
		const names = mixedBranchNames(loaded.branches);
		this.info = loaded.branches.map((branch, index) => ({
			...branch,
			name: names[index]!,
			channels: loaded.maps[index]!.channels,
			strongest: strongestChannel(loaded.maps[index]!),
		}));
		this.on = loaded.maps.map(() => true);
		this.shownOn = this.on;
		this.known.set(keyOf(this.on), loaded.logits);
	}

	get head(): AsppHead {
		return this.loaded.head;
	}

	/** Of the branches' grid, which a decoder's logits are finer than. */
	get grid(): Geometry {
		return gridOf(this.loaded.maps[0]!, this.run.geometry);
	}

	get rates(): readonly number[] {
		return this.head.branches.map(({ rate }) => rate);
	}

	get set(): { readonly on: readonly boolean[] } {
		return { on: this.on };
	}

	get logits(): FeatureMap {
		return this.loaded.logits;
	}

	get sum(): FeatureMap {
		return this.known.get(keyOf(this.shownOn))!;
	}

	get altered(): boolean {
		return this.shownOn.includes(false);
	}

	get shownRates(): readonly number[] {
		return this.rates;
	}

	get shownNames(): readonly string[] {
		return this.info.filter((_, branch) => this.shownOn[branch]).map(({ name }) => name);
	}

	/** Whether the mask of the branches that are on is still to come. */
	get isBehind(): boolean {
		return keyOf(this.on) !== keyOf(this.shownOn);
	}

	/** @returns whether something differs from before */
	setOn(on: readonly boolean[]): boolean {
		const next = this.on.map((_, branch) => on[branch] ?? true);
		if (keyOf(next) === keyOf(this.on)) {
			return false;
		}
		this.on = next;
		this.showKnown();
		return true;
	}

	/**
	 * Branches that the layers behind are to be run with next; undefined where all is known.
	 * @param withEach whether what the network says without each branch is wanted
	 */
	nextRow(withEach: boolean): readonly boolean[] | undefined {
		if (!this.isBehind && !withEach) {
			return undefined;
		}
		if (!this.isChecked) {
			return this.on.map(() => true);
		}
		if (this.isBehind) {
			return this.on;
		}
		return this.on.map((_, off) => this.allBut(off)).find((row) => !this.known.has(keyOf(row)));
	}

	/** @returns false where the logits of all branches are not the network's own: the others are then no good either */
	take(row: readonly boolean[], logits: FeatureMap): boolean {
		if (!row.includes(false)) {
			this.isChecked = agree(this.loaded.logits.data, logits.data);
			return this.isChecked;
		}
		this.known.set(keyOf(row), logits);
		this.showKnown();
		return true;
	}

	winnerAt({ x, y }: Probe): number {
		return bestLabel(logitsAt(this.sum, this.run.geometry, x, y)) ?? 0;
	}

	/** Maps as they are asked for, on one scale. */
	maps(reading: MapReading): MixedMaps {
		const { maps } = this.loaded;
		const { height, width } = maps[0]!;
		const plane = height * width;
		const branches = new Float32Array(maps.length * plane);
		for (const [branch, map] of maps.entries()) {
			branches.set(this.read(map, branch, reading).subarray(0, plane), branch * plane);
		}
		const lowest = branches.reduce((least, value) => Math.min(least, value), 0);
		const highest = branches.reduce((most, value) => Math.max(most, value), 0);
		const scale = Math.max(-lowest, highest);
		return { runId: this.run.id, reading, height, width, branches, scale, signed: lowest < 0 };
	}

	/** What each branch has at a pixel, and the logit with and without it. */
	atProbe({ x, y }: Probe, label: number): MixedProbe {
		const { geometry } = this.run;
		const { grid } = this;
		const pixel = (logits: FeatureMap): AblatedPixel => {
			const values = logitsAt(logits, geometry, x, y);
			return { logit: values[label]!, winner: bestLabel(values) ?? 0 };
		};
		return {
			x,
			y,
			...nearestCell(grid, x, y),
			branches: this.loaded.maps.map((map, branch) => ({
				norm: valueAt(this.normOf(map, branch), grid, x, y),
				strongest: strongestChannels(map, geometry, x, y, namedChannels) satisfies readonly ChannelValue[],
			})),
			all: pixel(this.logits),
			without: this.on.map((_, off) => {
				const logits = this.known.get(keyOf(this.allBut(off)));
				return logits && this.isChecked ? pixel(logits) : undefined;
			}),
		};
	}

	/** What the probe's cell sees at each rate. */
	field({ x, y }: Probe): FieldExplanation {
		const { row, column } = nearestCell(this.grid, x, y);
		return { x, y, cell: cellView(this.head, this.rates, this.grid, row, column), chosen: undefined };
	}

	private read(map: FeatureMap, branch: number, reading: MapReading): Float32Array {
		switch (reading.kind) {
			case 'norm':
				return this.normOf(map, branch);
			case 'mean':
				return meanMap(map);
			case 'channels': {
				const channel = Math.round(reading.channels[branch] ?? 0);
				return channelMap(map, Math.min(map.channels - 1, Math.max(0, channel)));
			}
			default: {
				const unknown: never = reading;
				throw new Error(`unknown reading ${JSON.stringify(unknown)}`);
			}
		}
	}

	private normOf(map: FeatureMap, branch: number): Float32Array {
		const known = this.norms.get(branch) ?? normMap(map);
		this.norms.set(branch, known);
		return known;
	}

	private allBut(off: number): readonly boolean[] {
		return this.on.map((_, branch) => branch !== off);
	}

	private showKnown(): void {
		if (this.known.has(keyOf(this.on))) {
			this.shownOn = this.on;
		}
	}
}

function keyOf(on: readonly boolean[]): string {
	return on.map(Number).join('');
}
