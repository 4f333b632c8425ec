import type { CrfInput } from '../../core/crf/denseCrf';
import { type CrfGrid, crfGrid, gridPixel, pictureEntropy, pictureLabels, toBytes } from '../../core/crf/grid';
import { type CrfParameters, checkCrfParameters } from '../../core/crf/parameters';
import { smallestProbability, unaryFromLogits } from '../../core/crf/unary';
import { resizeRgb } from '../../core/image/resize';
import { InspectorError } from '../../core/problem';
import { probabilitiesAt, softmax } from '../../core/segmentation/probabilities';
import type {
	CrfMaskResult,
	CrfProbe,
	CrfSource,
	CrfStepFigures,
	CrfTies,
	CrfTimings,
	CrfWorkerMethods,
	RefineParams,
	RefineResult,
} from '../../shared/protocol/crf';
import { type CallContext, Transferred } from '../../shared/rpc';
import { messagesHandled } from '../messages';
import { type CrfEngine, type CrfEngineStep, crfError } from './crfEngine';

type Context = Pick<CallContext<CrfStepFigures>, 'signal' | 'progress'>;

/** Masks of all iterations together; more do not fit into what a tab or a thread can hold beside the rest. */
const resultLimit = 2 ** 30;

/**
 * Dense CRFs in the worker. It keeps the last source and a kernel with that source's lattices, and knows which
 * iteration of which settings the kernel stands at, so that what comes next computes only what is new.
 *
 * Its methods are to be called one after the other. After any of their failures the next call works.
 */
export class CrfService {
	private source: { readonly runId: string; readonly source: CrfSource } | undefined;
	private engine: CrfEngine | undefined;
	/** What the kernel holds. */
	private field: Field | undefined;

	constructor(private readonly createEngine: () => Promise<CrfEngine>) {}

	/** Id of the run whose source is held. */
	get heldSource(): string | undefined {
		return this.source?.runId;
	}

	/** @throws InspectorError `crf.badParameter`, `crf.badInput`, `crf.tooLarge` or `cancelled` (between two iterations) */
	refine(params: RefineParams, context: Context): Promise<Transferred<RefineResult>> {
		return this.guarded(params, context, async (source) => {
			const { settings } = params;
			const { iterations } = settings.parameters;
			const pixels = source.geometry.pictureWidth * source.geometry.pictureHeight;
			if ((iterations + 1) * pixels > resultLimit) {
				throw new InspectorError({
					code: 'crf.tooLarge',
					detail: `${iterations + 1} masks of ${(pixels / 1e6).toFixed(1)} megapixels`,
				});
			}
			const { engine, field, timings } = await this.prepared(params, source, context);
			const breath = new Breath(context);
			const classes = source.logits.channels;
			const labels: Uint8Array[] = [];
			const steps: CrfStepFigures[] = [];
			let entropyBefore: Uint8Array | undefined;
			field.at = undefined;
			for (let iteration = 0; iteration <= iterations; iteration++) {
				const figures = advance(engine, field);
				steps.push(figures);
				labels.push(maskOf(engine, field));
				entropyBefore ??= pictureEntropy(field.grid, engine.entropyMap(), classes);
				context.progress(figures);
				await breath.taken();
			}
			const result: RefineResult = {
				settings,
				labels,
				steps,
				entropyBefore: entropyBefore!,
				entropyAfter: pictureEntropy(field.grid, engine.entropyMap(), classes),
				timings: { ...timings, iterations: steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0) },
				threads: engine.threads,
				width: field.grid.width,
				height: field.grid.height,
			};
			return new Transferred(result, ownBuffers([...labels, result.entropyBefore, result.entropyAfter]));
		});
	}

	/**
	 * One iteration's mask, as soon as it can be had: on from where the kernel stands, else all iterations at once.
	 * @throws InspectorError as {@link refine}
	 */
	mask(params: CrfWorkerMethods['crfMask']['params'], context: Context): Promise<Transferred<CrfMaskResult>> {
		return this.guarded(params, context, async (source) => {
			const { iteration, settings } = params;
			const { engine, field, timings } = await this.prepared(params, source, context);
			const began = performance.now();
			const breath = new Breath(context);
			await goTo(engine, field, iteration, params.entropy, breath);
			const labels = maskOf(engine, field);
			const entropy = params.entropy
				? pictureEntropy(field.grid, engine.entropyMap(), source.logits.channels)
				: undefined;
			const result: CrfMaskResult = {
				settings,
				iteration,
				labels,
				entropy,
				timings: { ...timings, iterations: performance.now() - began },
			};
			return new Transferred(result, ownBuffers(entropy ? [labels, entropy] : [labels]));
		});
	}

	/** The mean field at a picture's pixel. @throws InspectorError as {@link refine} */
	probe(params: CrfWorkerMethods['probeCrf']['params'], context: Context): Promise<CrfProbe> {
		return this.guarded(params, context, async (source) => {
			const { x, y, iteration } = params;
			checkPixel(source, x, y);
			const { engine, field } = await this.prepared(params, source, context);
			const breath = new Breath(context);
			if (field.at === undefined || field.at.iteration > iteration) {
				field.at = undefined;
				advance(engine, field);
			}
			while (field.at!.iteration < iteration) {
				await breath.taken();
				stepBlindly(engine, field);
			}
			const pixel = gridPixel(field.grid, x, y);
			const column = pixel % field.grid.width;
			const row = (pixel - column) / field.grid.width;
			const probabilities = probabilitiesAt(source.logits, field.grid.fromLogits, column, row);
			const unary = Array.from(probabilities, (value) => -Math.log(Math.max(smallestProbability, value)));
			const { bilateral, spatial } = engine.messagesAt(pixel);
			const q = softmax(Float64Array.from(unary, (value, label) => bilateral[label]! + spatial[label]! - value));
			const [red, green, blue] = source.rgb.subarray((y * source.geometry.pictureWidth + x) * 3);
			return {
				x,
				y,
				iteration,
				color: [red!, green!, blue!],
				classes: unary.map((value, label) => ({
					label,
					unary: value,
					bilateral: bilateral[label]!,
					spatial: spatial[label]!,
					q: q[label]!,
				})),
			};
		});
	}

	/** A kernel's ties of a picture's pixel. @throws InspectorError as {@link refine} */
	ties(params: CrfWorkerMethods['crfTies']['params'], context: Context): Promise<Transferred<CrfTies>> {
		return this.guarded(params, context, async (source) => {
			const { x, y, kernel } = params;
			checkPixel(source, x, y);
			const { engine, field } = await this.prepared(params, source, context);
			const { width, height } = field.grid;
			const pixel = gridPixel(field.grid, x, y);
			const ties = engine.tieMap(kernel, pixel);
			let largest = 0;
			for (let i = 0; i < ties.length; i++) {
				if (i !== pixel && ties[i]! > largest) {
					largest = ties[i]!;
				}
			}
			const scale = largest > 0 ? 255 / largest : 0;
			const values = toBytes(ties, scale);
			return new Transferred<CrfTies>({ kernel, x, y, width, height, values, largest }, ownBuffers([values]));
		});
	}

	dispose(): void {
		this.engine?.dispose();
		this.engine = undefined;
		this.field = undefined;
	}

	/** Takes the source in, does the work, and lets go of a kernel that has failed. */
	private async guarded<T>(
		{ runId, source, settings }: RefineParams,
		context: Context,
		work: (source: CrfSource) => Promise<T>,
	): Promise<T> {
		if (source) {
			this.source = { runId, source };
			this.field = undefined;
		}
		const held = this.source;
		if (held?.runId !== runId) {
			throw new InspectorError({ code: 'internal', detail: `the worker does not hold the source of run ${runId}` });
		}
		await orCancelled(context);
		checkCrfParameters(settings.parameters);
		try {
			return await work(held.source);
		} catch (thrown) {
			const error = crfError(thrown);
			if (error.problem.code !== 'cancelled') {
				this.dispose();
			}
			throw error;
		}
	}

	/** The kernel with this source and these settings, at whatever iteration it stands. */
	private async prepared(
		{ runId, settings }: RefineParams,
		source: CrfSource,
		context: Context,
	): Promise<{ engine: CrfEngine; field: Field; timings: Omit<CrfTimings, 'iterations'> }> {
		this.engine ??= await this.createEngine();
		const { engine } = this;
		let prepare = 0;
		let lattice = 0;
		const inputKey = `${settings.resolution} ${runId}`;
		let field = this.field;
		if (field?.inputKey !== inputKey) {
			this.field = undefined;
			const began = performance.now();
			const grid = crfGrid(source.geometry, settings.resolution);
			engine.setInput(engineInput(source, grid));
			field = { inputKey, grid, parameters: undefined, at: undefined };
			this.field = field;
			prepare = performance.now() - began;
			await orCancelled(context);
		}
		if (field.parameters === undefined || !sameField(field.parameters, settings.parameters)) {
			const began = performance.now();
			const before = field.parameters;
			field.parameters = undefined;
			field.at = undefined;
			engine.setParameters(settings.parameters);
			field.parameters = settings.parameters;
			lattice = before && sameLattices(before, settings.parameters) ? 0 : performance.now() - began;
			await orCancelled(context);
		}
		return { engine, field, timings: { prepare, lattice } };
	}
}

/** What the kernel holds, and how far it has come. */
interface Field {
	/** Resolution and run of its input. */
	readonly inputKey: string;
	readonly grid: CrfGrid;
	/** Undefined until they are set. */
	parameters: CrfParameters | undefined;
	/** Undefined before the start, or where it is not known. */
	at: { readonly iteration: number; readonly isMeasured: boolean } | undefined;
}

/** Whether Q is the same at every iteration: how many of them there are makes no difference. */
function sameField(a: CrfParameters, b: CrfParameters): boolean {
	return (
		JSON.stringify(Object.entries({ ...a, iterations: 0 }).sort()) ===
		JSON.stringify(Object.entries({ ...b, iterations: 0 }).sort())
	);
}

/** Whether one can be had from the other without building a lattice. */
function sameLattices(a: CrfParameters, b: CrfParameters): boolean {
	const weightless = { bilateralWeight: 0, spatialWeight: 0, pruning: 0 };
	const hasBoth = ({ bilateralWeight, spatialWeight }: CrfParameters) => bilateralWeight > 0 && spatialWeight > 0;
	return hasBoth(a) && sameField({ ...a, ...weightless }, { ...b, ...weightless });
}

/** Goes to the start, or one iteration on. */
function advance(engine: CrfEngine, field: Field): CrfStepFigures {
	const began = performance.now();
	const starts = field.at === undefined;
	// A kernel that fails in between stands nowhere.
	field.at = undefined;
	const step: CrfEngineStep = starts ? engine.start() : engine.step();
	field.at = { iteration: step.iteration, isMeasured: true };
	return { ...step, milliseconds: performance.now() - began };
}

/** One iteration on, without figures. */
function stepBlindly(engine: CrfEngine, field: Field): void {
	const iteration = field.at!.iteration + 1;
	field.at = undefined;
	engine.stepBlindly();
	field.at = { iteration, isMeasured: false };
}

/** Goes to an iteration from where the kernel stands, or at once from the start. @param measures its entropies as well */
async function goTo(
	engine: CrfEngine,
	field: Field,
	iteration: number,
	measures: boolean,
	breath: Breath,
): Promise<void> {
	const { at } = field;
	const isThere = at?.iteration === iteration && (at.isMeasured || !measures);
	if (isThere) {
		return;
	}
	if (at && at.iteration < iteration) {
		while (field.at!.iteration < iteration - 1) {
			stepBlindly(engine, field);
			await breath.taken();
		}
		if (measures) {
			advance(engine, field);
		} else {
			stepBlindly(engine, field);
		}
		return;
	}
	field.at = undefined;
	const running = engine.run(iteration, measures);
	while (!running.next().done) {
		await breath.taken();
	}
	field.at = { iteration, isMeasured: measures || iteration === 0 };
}

/** The labels of the kernel's Q at the picture's size. */
function maskOf(engine: CrfEngine, { grid }: Field): Uint8Array {
	return grid.isPicture ? engine.labels() : pictureLabels(grid, engine.q());
}

function engineInput({ rgb, logits, geometry }: CrfSource, grid: CrfGrid): CrfInput {
	const { pictureWidth, pictureHeight } = geometry;
	return {
		width: grid.width,
		height: grid.height,
		classes: logits.channels,
		unary: unaryFromLogits(logits, grid.fromLogits),
		rgb: resizeRgb(rgb, pictureWidth, pictureHeight, grid.width, grid.height),
	};
}

function checkPixel({ geometry: { pictureWidth, pictureHeight } }: CrfSource, x: number, y: number): void {
	const inside = (value: number, size: number) => Number.isInteger(value) && value >= 0 && value < size;
	if (!inside(x, pictureWidth) || !inside(y, pictureHeight)) {
		const detail = `pixel ${x}, ${y} of a picture of ${pictureWidth} x ${pictureHeight}`;
		throw new InspectorError({ code: 'crf.badInput', detail });
	}
}

/** Lets a cancel in. @throws InspectorError `cancelled` */
async function orCancelled({ signal }: Context): Promise<void> {
	await messagesHandled();
	if (signal.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
}

/** Milliseconds of work between two looks for messages: with each goes a millisecond. */
const breathless = 40;

/** Lets a cancel in between the short stages of a computation, but not after each. */
class Breath {
	private last = performance.now();

	constructor(private readonly context: Context) {}

	/** @throws InspectorError `cancelled` */
	async taken(): Promise<void> {
		if (performance.now() - this.last > breathless) {
			await messagesHandled();
			this.last = performance.now();
		}
		if (this.context.signal.aborted) {
			throw new InspectorError({ code: 'cancelled' });
		}
	}
}

/** Buffers that belong to these arrays alone. */
function ownBuffers(arrays: readonly Uint8Array[]): ArrayBuffer[] {
	const own = arrays.map(({ buffer, byteLength }) =>
		buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : undefined,
	);
	return [...new Set(own)].filter((buffer) => buffer !== undefined);
}
