import type { RunInfo } from '../../core/run';
import type { InspectorCrf, InspectorCrfUpdate } from '../../shared/protocol/crf';
import { type CrfMask, type DrawnMask, inspectorCrf, updateOf } from './crfDisplay';
import { LatestWins } from './latestWins';

/** What drawing needs of the rest of the host. */
export interface CrfDrawingServices {
	/** The network's mask at the picture's size, and the step with which the Inspector shows it. */
	loadBefore(): Promise<{ readonly labels: Uint8Array; readonly step: number }>;
	/** To the run's Inspector: what it has not been told before. */
	showCrf(crf: InspectorCrfUpdate): void;
}

/** A mask, and what it is of. */
export interface Drawable<Of extends object> {
	readonly of: Of;
	readonly mask: CrfMask;
}

export interface CrfDrawingOptions<Of extends object> {
	/** What should be seen now; undefined where there is nothing. Same `of` and same iteration = same mask. */
	wanted(): Drawable<Of> | undefined;
	/** The Inspector has something new. */
	drawn(): void;
	failed(error: unknown): void;
}

/** What a run's Inspector draws of its CRF: brings it up to what should be seen, the newest and nothing between. */
export class CrfDrawing<Of extends object> {
	private readonly work: LatestWins<Drawable<Of>>;
	private current: (DrawnMask & { readonly of: Of }) | undefined;
	/** What the Inspector's pages have surely been told. */
	private told: InspectorCrf | undefined;
	private before: ReturnType<CrfDrawingServices['loadBefore']> | undefined;

	constructor(
		private readonly info: RunInfo,
		private readonly services: CrfDrawingServices,
		private readonly options: CrfDrawingOptions<Of>,
	) {
		const versions = new WeakMap<Of, number>();
		let version = 0;
		this.work = new LatestWins({
			next: () => this.next(),
			key: ({ of, mask }) => {
				versions.set(of, versions.get(of) ?? version++);
				return `${versions.get(of)} ${mask.iteration}`;
			},
			run: (drawable, signal) => this.draw(drawable, signal),
			// It takes milliseconds: while masks come one after the other, each is to be seen.
			spares: () => true,
		});
	}

	/** What the Inspector has, and what of; undefined before there is anything. */
	get shown(): (DrawnMask & { readonly of: Of }) | undefined {
		return this.current;
	}

	/** To be called whenever what should be seen may be another. */
	poke(): void {
		this.work.poke();
	}

	/** Done when the Inspector has what should be seen. */
	idle(): Promise<void> {
		return this.work.idle();
	}

	/** A page has been loaded anew: what was told before may not have reached it. */
	forgetTold(): void {
		this.told = undefined;
	}

	/** Lets go of what can be read again. */
	rest(): void {
		this.before = undefined;
	}

	stop(): void {
		this.work.stop();
	}

	private next(): Drawable<Of> | undefined {
		const wanted = this.options.wanted();
		const isShown = this.current?.of === wanted?.of && this.current?.mask.iteration === wanted?.mask.iteration;
		return isShown ? undefined : wanted;
	}

	private async draw({ of, mask }: Drawable<Of>, signal: AbortSignal): Promise<void> {
		try {
			this.before ??= this.services.loadBefore();
			const { labels: before, step } = await this.before;
			const { pictureWidth: width, pictureHeight: height } = this.info.geometry;
			const target = { runId: this.info.id, before, width, height, step };
			const crf = await inspectorCrf(mask, target, this.current, signal);
			signal.throwIfAborted();
			this.current = { of, mask, crf };
			this.services.showCrf(updateOf(crf, this.told));
			this.told = crf;
			this.options.drawn();
		} catch (error) {
			if (!signal.aborted) {
				this.before = undefined;
				this.options.failed(error);
			}
		}
	}
}
