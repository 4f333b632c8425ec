import type { RunInfo } from '../../core/run';
import type { InspectorCrf } from '../../shared/protocol/crf';
import { type HeldCrf, inspectorCrf } from './crfDisplay';
import { LatestWins } from './latestWins';

/** What drawing needs of the rest of the host. */
export interface CrfDrawingServices {
	/** The network's mask at the picture's size, and the step with which the Inspector shows it. */
	loadBefore(): Promise<{ readonly labels: Uint8Array; readonly step: number }>;
	/** To the run's Inspector. */
	showCrf(crf: InspectorCrf): void;
}

/** A CRF at one of the iterations whose masks are held. */
export interface Drawable {
	readonly crf: HeldCrf;
	readonly iteration: number;
}

export interface CrfDrawingOptions {
	/** What should be seen now; undefined where there is nothing. */
	wanted(): Drawable | undefined;
	/** The Inspector has something new. */
	drawn(): void;
	failed(error: unknown): void;
}

/** What a run's Inspector draws of its CRF: brings it up to what should be seen, the newest and nothing between. */
export class CrfDrawing {
	private readonly work: LatestWins<Drawable>;
	private current: { readonly of: HeldCrf; readonly crf: InspectorCrf } | undefined;
	private before: ReturnType<CrfDrawingServices['loadBefore']> | undefined;

	constructor(
		private readonly info: RunInfo,
		private readonly services: CrfDrawingServices,
		private readonly options: CrfDrawingOptions,
	) {
		const versions = new WeakMap<HeldCrf, number>();
		let version = 0;
		this.work = new LatestWins({
			next: () => this.next(),
			key: ({ crf, iteration }) => {
				versions.set(crf, versions.get(crf) ?? version++);
				return `${versions.get(crf)} ${iteration}`;
			},
			run: (drawable, signal) => this.draw(drawable, signal),
		});
	}

	/** What the Inspector has, and what of; undefined before there is anything. */
	get shown(): { readonly of: HeldCrf; readonly crf: InspectorCrf } | undefined {
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

	/** Lets go of what can be read again. */
	rest(): void {
		this.before = undefined;
	}

	stop(): void {
		this.work.stop();
	}

	private next(): Drawable | undefined {
		const wanted = this.options.wanted();
		const isShown = this.current?.of === wanted?.crf && this.current?.crf.iteration === wanted?.iteration;
		return isShown ? undefined : wanted;
	}

	private async draw({ crf, iteration }: Drawable, signal: AbortSignal): Promise<void> {
		try {
			this.before ??= this.services.loadBefore();
			const { labels: before, step } = await this.before;
			const { pictureWidth: width, pictureHeight: height } = this.info.geometry;
			const target = { runId: this.info.id, before, width, height, step };
			const drawn = await inspectorCrf(crf, crf.labels.get(iteration)!, iteration, target, signal);
			signal.throwIfAborted();
			this.current = { of: crf, crf: drawn };
			this.services.showCrf(drawn);
			this.options.drawn();
		} catch (error) {
			if (!signal.aborted) {
				this.before = undefined;
				this.options.failed(error);
			}
		}
	}
}
