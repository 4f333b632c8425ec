import { type OutputStride, roundedRates } from '../../core/onnx/networks/outputStride';
import { InspectorError, type Problem } from '../../core/problem';
import type { RunInfo, StageName, StageTiming } from '../../core/run';
import type { InspectorLayer } from '../../shared/protocol/crf';
import type {
	InspectorStrideMask,
	InspectorStrides,
	StrideActivity,
	StrideEffect,
	StridePair,
	StrideRun,
	StrideSide,
} from '../../shared/protocol/strides';
import type { RequestOptions } from '../../worker/client/client';
import { changesOf, reduced } from '../crf/crfDisplay';
import { LatestWins } from '../crf/latestWins';
import type { KeptStride, KeptStrides } from './strideFiles';

/** What a comparison needs of the rest of the host. */
export interface StrideSessionServices {
	/** What is kept with the run; undefined where there is none, or it is damaged. @throws InspectorError */
	loadKept(): Promise<KeptStrides | undefined>;
	/** Should not throw. */
	keep(strides: KeptStrides): Promise<void>;
	/** The run's own mask at the picture's size, and the step with which the Inspector shows it. */
	loadOwn(): Promise<{ readonly labels: Uint8Array; readonly step: number }>;
	/** The run's picture through its network at another output stride. @throws InspectorError */
	segment(outputStride: OutputStride, options: RequestOptions): Promise<StrideRun>;
	/* To the run's Inspector. */
	show(strides: InspectorStrides | null): void;
	showMask(mask: InspectorStrideMask): void;
	showLayer(layer: InspectorLayer): void;
	/** What the Inspector draws, as far as it is known. */
	layer(): InspectorLayer | undefined;
	/** Logs a failure. @returns what it is, and what the user is told of it */
	report(error: unknown): { readonly problem: Problem; readonly message: string };
}

interface HeldMask {
	readonly side: StrideSide;
	/** One label a picture pixel. */
	readonly labels: Uint8Array;
	/** At the run's display size. */
	readonly shown: Uint8Array;
}

type Task =
	| { readonly kind: 'mask'; readonly stride: OutputStride }
	| { readonly kind: 'effect'; readonly masks: readonly [HeldMask, HeldMask] };

interface Effect extends StrideEffect {
	readonly masks: readonly [HeldMask, HeldMask];
}

/** One run at several output strides: computes what the pair chosen lacks, and shows it in the run's Inspector. */
export class StrideSession {
	private readonly work: LatestWins<Task>;
	private readonly held = new Map<OutputStride, HeldMask>();
	/** Undefined: nothing is compared. */
	private pair: StridePair | undefined;
	private found: Effect | undefined;
	private activity: StrideActivity = { kind: 'idle' };
	private failure: Problem | undefined;
	/** The user cancelled; until they ask again nothing is computed. */
	private stopped = false;
	private opening: Promise<void> | undefined;
	private opened = false;
	/** The Inspector's page has told what it draws. */
	private layerKnown = false;
	/** What was kept is to be drawn as soon as the page has told that: its own choice may be of strides already. */
	private drawLater = false;
	/** What was kept last, or read. */
	private kept: KeptStrides | undefined;
	private keeping: Promise<void> = Promise.resolve();
	private readonly disposing = new AbortController();

	constructor(
		readonly info: RunInfo,
		private readonly services: StrideSessionServices,
	) {
		this.work = new LatestWins<Task>({
			next: () => this.next(),
			key: (task) => (task.kind === 'mask' ? `mask ${task.stride}` : `effect ${strideNames(task.masks)}`),
			run: (task, signal) => (task.kind === 'mask' ? this.compute(task.stride, signal) : this.compare(task, signal)),
		});
	}

	/**
	 * Shows what is kept with the run, without its network; later calls wait for the first.
	 * @throws what reading throws; then there is nothing kept
	 */
	open(): Promise<void> {
		this.opening ??= this.readKept().finally(() => {
			this.opened = true;
		});
		return this.opening;
	}

	/** What the Inspector shows; undefined while nothing is compared. */
	get state(): InspectorStrides | undefined {
		const { pair, activity } = this;
		if (!pair) {
			return undefined;
		}
		const masks = this.masks();
		const effect = masks && this.found && sameMasks(this.found.masks, masks) ? this.found : undefined;
		return {
			runId: this.info.id,
			pair,
			sides: pair.map((stride) => this.held.get(stride)?.side),
			effect: effect && { changes: effect.changes, changedPixels: effect.changedPixels },
			activity,
		};
	}

	/** The mask at the second stride of the pair, one label a picture pixel; undefined where it is not there. */
	get mask(): Uint8Array | undefined {
		return this.pair && this.held.get(this.pair[1])?.labels;
	}

	/**
	 * Compares two strides; done when it is shown.
	 * @throws InspectorError with what failed, or `cancelled` where it was, or another pair took its place
	 */
	async show(pair: StridePair): Promise<InspectorStrides> {
		if (!this.opened) {
			// What cannot be read is computed.
			await this.open().catch(() => undefined);
		}
		this.pair = pair;
		this.stopped = false;
		this.failure = undefined;
		const goesOn = this.goesOn();
		if (!goesOn) {
			this.activity = { kind: 'idle' };
		}
		this.tellMasks();
		this.work.poke();
		if (goesOn || this.activity.kind === 'idle') {
			this.tell();
		}
		await this.work.idle();
		const { state } = this;
		if (this.failure) {
			throw new InspectorError(this.failure);
		}
		if (!state?.effect || state.pair !== pair) {
			throw new InspectorError({ code: 'cancelled' });
		}
		this.drawIt();
		this.keep();
		return state;
	}

	/** Done when what was shown is kept. */
	async flush(): Promise<void> {
		await this.keeping;
	}

	cancel(): void {
		this.stopped = true;
		this.activity = { kind: 'idle' };
		this.work.poke();
		this.tell();
	}

	/** Ends the comparison; masks that were computed are kept while the run is shown. */
	close(): void {
		this.cancel();
		this.pair = undefined;
		this.services.show(null);
		if (isDrawn(this.services.layer())) {
			this.services.showLayer('mask');
		}
		this.keep();
	}

	/** The Inspector's page has told what it draws, which {@link StrideSessionServices.layer} knows. */
	layerReported(): void {
		this.layerKnown = true;
		this.drawOnceKnown();
	}

	/** The Inspector's page is loaded anew. */
	pageIsReady(): void {
		this.tellMasks();
		this.tell();
	}

	dispose(): void {
		this.disposing.abort();
		this.stopped = true;
		this.work.stop();
		this.held.clear();
	}

	private async readKept(): Promise<void> {
		const { signal } = this.disposing;
		const kept = await this.services.loadKept();
		if (!kept || signal.aborted) {
			return;
		}
		const own = await this.services.loadOwn();
		for (const { labels, stride, milliseconds, ...grid } of kept.strides) {
			const timings: StageTiming[] = [{ stage: 'network', milliseconds }];
			this.held.set(stride, await this.heldOf(stride, { ...grid, labels, timings }, own.step, signal));
		}
		const ownStride = kept.pair?.find((stride) => !this.held.has(stride));
		if (ownStride !== undefined) {
			this.held.set(ownStride, await this.heldOf(ownStride, this.ownRun(own.labels), own.step, signal));
		}
		this.kept = kept;
		this.pair = kept.pair;
		const masks = this.masks();
		if (masks) {
			this.found = await effectOf(masks, signal);
			this.tellMasks();
			this.tell();
			this.drawLater = true;
			this.drawOnceKnown();
		}
	}

	private drawOnceKnown(): void {
		if (this.drawLater && this.layerKnown) {
			this.drawLater = false;
			this.drawIt();
		}
	}

	/** Keeps what is compared and the masks that were computed, unless that is kept already. */
	private keep(): void {
		const strides = [...this.held.values()].flatMap(({ side, labels }): KeptStride[] => {
			const { own, rounded: _, ...findings } = side;
			return own ? [] : [{ ...findings, labels }];
		});
		const next: KeptStrides = { pair: this.pair, strides };
		if (sameKept(next, this.kept ?? { pair: undefined, strides: [] })) {
			return;
		}
		this.kept = next;
		this.keeping = this.services.keep(next);
	}

	private drawIt(): void {
		if (!isDrawn(this.services.layer())) {
			this.services.showLayer('strideSwipe');
		}
	}

	/** Whether the mask that is being computed is what the pair lacks next. */
	private goesOn(): boolean {
		const { activity } = this;
		const next = this.next();
		return activity.kind === 'running' && next?.kind === 'mask' && next.stride === activity.stride;
	}

	private next(): Task | undefined {
		const { pair } = this;
		if (!pair || this.stopped || this.failure) {
			return undefined;
		}
		const stride = pair.find((each) => !this.held.has(each));
		if (stride !== undefined) {
			return { kind: 'mask', stride };
		}
		const masks = this.masks()!;
		return this.found && sameMasks(this.found.masks, masks) ? undefined : { kind: 'effect', masks };
	}

	private masks(): readonly [HeldMask, HeldMask] | undefined {
		const [finer, coarser] = (this.pair ?? []).map((stride) => this.held.get(stride));
		return finer && coarser ? [finer, coarser] : undefined;
	}

	private async compute(stride: OutputStride, signal: AbortSignal): Promise<void> {
		const since = Date.now();
		const tell = (stage: StageName | undefined) => {
			if (!signal.aborted) {
				this.activity = { kind: 'running', stride, stage, since };
				this.tell();
			}
		};
		tell(undefined);
		await this.attempt(signal, async () => {
			const mask = await this.maskAt(stride, { signal, onProgress: ({ stage }) => tell(stage) });
			signal.throwIfAborted();
			this.held.set(stride, mask);
			this.tellMask(stride);
		});
	}

	/** The run's own mask is not computed anew. */
	private async maskAt(
		stride: OutputStride,
		options: RequestOptions & { readonly signal: AbortSignal },
	): Promise<HeldMask> {
		const own = this.info.model.outputStride === stride;
		const before = await this.services.loadOwn();
		const run = own ? this.ownRun(before.labels) : await this.services.segment(stride, options);
		return await this.heldOf(stride, run, before.step, options.signal);
	}

	private ownRun(labels: Uint8Array): StrideRun {
		const { model, geometry, timings } = this.info;
		const { gridWidth, gridHeight } = geometry;
		return { labels, gridWidth, gridHeight, rates: model.branches.map(({ rate }) => rate), timings };
	}

	/** @param step with which the Inspector shows the picture */
	private async heldOf(stride: OutputStride, run: StrideRun, step: number, signal: AbortSignal): Promise<HeldMask> {
		const { model, geometry } = this.info;
		const size = { width: geometry.pictureWidth, height: geometry.pictureHeight, step };
		const rates = model.branches.map(({ rate }) => rate);
		const side: StrideSide = {
			stride,
			gridWidth: run.gridWidth,
			gridHeight: run.gridHeight,
			rates: run.rates,
			rounded: roundedRates(rates, stride, model.outputStride),
			milliseconds: networkTime(run.timings),
			own: model.outputStride === stride,
		};
		return { side, labels: run.labels, shown: await reduced(run.labels, size, signal) };
	}

	private async compare({ masks }: Extract<Task, { kind: 'effect' }>, signal: AbortSignal): Promise<void> {
		await this.attempt(signal, async () => {
			this.found = await effectOf(masks, signal);
			this.activity = { kind: 'idle' };
			this.tell();
		});
	}

	/** What fails is told where the comparison is; a cancel has been told. */
	private async attempt(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (error) {
			if (!signal.aborted) {
				const { problem, message } = this.services.report(error);
				this.failure = problem;
				this.activity = problem.code === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', message };
				this.tell();
			}
		}
	}

	private tellMasks(): void {
		for (const stride of this.pair ?? []) {
			this.tellMask(stride);
		}
	}

	private tell(): void {
		const { state } = this;
		if (state) {
			this.services.show(state);
		}
	}

	private tellMask(stride: OutputStride): void {
		const mask = this.held.get(stride);
		if (mask) {
			this.services.showMask({ runId: this.info.id, stride, labels: mask.shown });
		}
	}
}

async function effectOf(masks: Effect['masks'], signal: AbortSignal): Promise<Effect> {
	const [before, after] = masks;
	return { masks, ...(await changesOf(after.labels, { before: before.labels }, signal)) };
}

function isDrawn(layer: InspectorLayer | undefined): boolean {
	return layer === 'strideSwipe' || layer === 'strideChanged';
}

function networkTime(timings: readonly StageTiming[]): number {
	return timings.find(({ stage }) => stage === 'network')?.milliseconds ?? 0;
}

function sameMasks(one: Effect['masks'], other: Effect['masks']): boolean {
	return one[0] === other[0] && one[1] === other[1];
}

function sameKept(one: KeptStrides, other: KeptStrides): boolean {
	const masks = new Set(other.strides.map(({ labels }) => labels));
	const same = one.strides.length === masks.size && one.strides.every(({ labels }) => masks.has(labels));
	return same && one.pair?.join() === other.pair?.join();
}

function strideNames(masks: Effect['masks']): string {
	return masks.map(({ side }) => side.stride).join(' ');
}
