import type { RunInfo } from '../../core/run';
import type { InspectorBranches, InspectorDominance } from '../../shared/protocol/aspp';
import type { InspectorLayer } from '../../shared/protocol/crf';
import { LatestWins } from '../crf/latestWins';
import { nextTurn } from '../inspector/displayRaster';
import { type BranchDrawing, type DrawnHead, drawBranches } from './asppDrawing';

/** What drawing needs of the rest of the host. */
export interface BranchDrawerServices {
	/* To the run's Inspector. */
	showBranches(branches: InspectorBranches | null): void;
	showDominance(dominance: InspectorDominance | null): void;
	showLayer(layer: InspectorLayer): void;
	/** What the Inspector draws, as far as it is known. */
	layer(): InspectorLayer | undefined;
	/** What a change cost, for the log. */
	measured(text: string): void;
}

/** What is drawn, and what of. */
export interface Drawable {
	readonly state: DrawnHead;
	/** The network's mask, one label a picture pixel. */
	readonly before: Uint8Array;
	/** Picture pixels a display pixel, in each direction. */
	readonly step: number;
}

/** What a run's Inspector draws of its branches: brings it up to how they are set, the newest and nothing between. */
export class BranchDrawer {
	private readonly work: LatestWins<number>;
	/** Counts what changes the mask: the version that is set, and the one that is drawn. */
	private version = 0;
	private drawnVersion = 0;
	private current: BranchDrawing | undefined;
	private wantsDominance = false;
	/** The next drawing only brings back what was drawn: the layer stays the user's. */
	private keepsLayer = false;

	/**
	 * @param drawable undefined while there is nothing to draw from
	 * @param drawn the Inspector has something new
	 */
	constructor(
		private readonly info: RunInfo,
		private readonly services: BranchDrawerServices,
		private readonly drawable: () => Drawable | undefined,
		private readonly drawn: () => void,
	) {
		// Drawing takes what is newest when its turn comes; there is no use in ending it before.
		this.work = new LatestWins({
			next: () => (this.drawnVersion === this.version ? undefined : this.version),
			key: String,
			run: () => this.draw(),
			spares: () => true,
		});
	}

	/** What the Inspector has; undefined before there was anything to draw. */
	get drawing(): BranchDrawing | undefined {
		return this.current;
	}

	/** Draws how the branches are set as soon as this thread is free. */
	redraw(): void {
		this.keepsLayer = false;
		this.version++;
		this.work.poke();
	}

	/** Brings what was drawn of a head that has just been read up to it. */
	headIsThere(state: DrawnHead): void {
		if (state.altered || this.wantsDominance || this.current?.branches) {
			const isKnown = this.current !== undefined && this.wantsDominance === (this.current.dominance !== undefined);
			this.redraw();
			this.keepsLayer = isKnown;
		}
	}

	/** Draws which branch contributes most, or the mask again. */
	showDominance(wanted: boolean): void {
		if (wanted === this.wantsDominance) {
			return;
		}
		this.wantsDominance = wanted;
		if (wanted) {
			this.redraw();
		} else {
			this.endDominance();
			this.services.showLayer(this.current?.branches ? 'branches' : 'mask');
		}
	}

	/** The Inspector's page has changed what it draws. */
	reportLayer(layer: InspectorLayer): void {
		// Before it is drawn the page tells what it begins with, and that is no answer.
		if (layer !== 'dominance' && this.current?.dominance) {
			this.wantsDominance = false;
			this.endDominance();
		}
	}

	/** The Inspector's page is loaded anew. */
	repeat(): void {
		const { branches, dominance } = this.current ?? {};
		if (branches) {
			this.services.showBranches(branches);
		}
		if (dominance) {
			this.services.showDominance(dominance);
		}
	}

	/** Done when the Inspector has what was set. */
	idle(): Promise<void> {
		return this.work.idle();
	}

	stop(): void {
		this.work.stop();
	}

	private async draw(): Promise<void> {
		await nextTurn();
		this.drawnVersion = this.version;
		const drawable = this.drawable();
		if (!drawable) {
			// It is drawn when the head is there again.
			return;
		}
		const { state, before, step } = drawable;
		const last = this.current;
		const began = performance.now();
		this.current = drawBranches(state, this.info, before, step, this.wantsDominance);
		const { branches, dominance } = this.current;
		const milliseconds = performance.now() - began;
		if (branches || last?.branches) {
			this.services.showBranches(branches ?? null);
		}
		if (dominance) {
			this.services.showDominance(dominance);
		}
		this.chooseLayer(last);
		this.services.measured(`mask in ${milliseconds.toFixed(1)} ms, ${branches?.changedPixels ?? 0} pixels changed`);
		this.drawn();
	}

	/** What has just been altered is what is drawn, until nothing is altered any more. */
	private chooseLayer(last: BranchDrawing | undefined): void {
		if (this.keepsLayer) {
			this.keepsLayer = false;
			return;
		}
		const layer = this.services.layer();
		const { branches, dominance } = this.current ?? {};
		const wanted = dominance ? 'dominance' : branches ? 'branches' : undefined;
		if (wanted) {
			if (layer !== wanted) {
				this.services.showLayer(wanted);
			}
		} else if (last?.branches && layer === 'branches') {
			this.services.showLayer('mask');
		}
	}

	private endDominance(): void {
		if (this.current?.dominance) {
			this.current = { ...this.current, dominance: undefined };
			this.services.showDominance(null);
		}
		this.drawn();
	}
}
