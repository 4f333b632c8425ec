import type { BackendName } from '../core/backend';
import type { NetworkDescription, Preprocessing } from '../core/model';
import type { AdoptOptions } from '../core/onnx/discover/adopt';
import { InspectorError, type Problem, toProblem } from '../core/problem';
import type { BranchMap, FeatureMap } from '../core/run';
import type { MultiScaleRule } from '../core/segmentation/multiScale';
import type {
	AsppHead,
	EffectiveField,
	GradientParams,
	GradientStage,
	SomeRates,
	TapMaps,
} from '../shared/protocol/aspp';
import type {
	CrfKernelName,
	CrfMaskResult,
	CrfProbe,
	CrfSettings,
	CrfSource,
	CrfStepFigures,
	CrfTies,
	RefineParams,
	RefineResult,
} from '../shared/protocol/crf';
import type {
	BuiltModel,
	CheckpointFindings,
	ImportOverrides,
	ImportParams,
	ImportStage,
	ModelSummary,
} from '../shared/protocol/import';
import type { DivergentLayer, ParityReport, ParityStage } from '../shared/protocol/parity';
import type {
	AdoptedModel,
	ModelSource,
	PictureSource,
	SegmentParams,
	SegmentResult,
	StageProgress,
	WorkerCallsHost,
	WorkerMethods,
	WorkerSetup,
} from '../shared/protocol/worker';
import { Peer, type Port } from '../shared/rpc';

/** A started worker, in Node or in a browser. */
export interface WorkerHandle {
	readonly port: Port;
	/** Called once when the worker has ended, whatever the reason; `detail` says which. */
	onExit(callback: (detail: string) => void): void;
	/** Ends the worker at once, also in the middle of a computation. */
	terminate(): Promise<void>;
}

export interface InferenceClientOptions {
	startWorker(): WorkerHandle;
	/** Asked before each request; a change restarts the worker. */
	setup(): WorkerSetup;
	/** How long a worker without work is kept; asked when the queue is empty. `Infinity` keeps it. */
	idleMilliseconds(): number;
}

export interface ModelHandle {
	/** Same key = same bytes. */
	readonly key: string;
	/** File name, for messages. */
	readonly name: string;
	/** Called only when the worker lacks the bytes. They move to the worker: return fresh ones. */
	load(): Promise<Uint8Array>;
}

export interface SegmentRequest {
	readonly picture: PictureSource;
	readonly model: ModelHandle;
	/** What the host has settled on for this model; undefined: as the worker was set up. */
	readonly backend?: BackendName | undefined;
	/** Overrides the model's own longest side. */
	readonly longestSide?: number;
	/** Instead of the model's own. */
	readonly preprocessing?: Preprocessing;
	/** Several scales, fused; undefined: the full scale alone. */
	readonly multiScale?: MultiScaleRule;
}

export interface RequestOptions<Progress = StageProgress> {
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: Progress) => void;
}

export interface RefineRequest {
	/** Same id = same source. */
	readonly runId: string;
	readonly settings: CrfSettings;
	/** Called only when the worker lacks the source. Its buffers move to the worker: return fresh ones. */
	loadSource(): Promise<CrfSource>;
}

export interface CrfMaskRequest extends RefineRequest {
	readonly iteration: number;
	/** Whether the entropy at that iteration is wanted as well. */
	readonly entropy: boolean;
}

export interface ProbeCrfRequest extends RefineRequest {
	readonly iteration: number;
	/** In picture pixels. */
	readonly x: number;
	readonly y: number;
}

export interface CrfTiesRequest extends RefineRequest {
	readonly kernel: CrfKernelName;
	/** In picture pixels. */
	readonly x: number;
	readonly y: number;
}

export interface HeadRequest {
	readonly model: ModelHandle;
	/** What the branches read; a copy is sent. */
	readonly features: FeatureMap;
}

export interface RunHeadRequest extends HeadRequest {
	readonly rates: SomeRates;
}

export interface GradientRequest extends Omit<GradientParams, 'model'> {
	readonly model: ModelHandle;
}

export interface ImportRequest {
	/** A handle as of a model: its `load` gives the checkpoint's bytes. */
	readonly checkpoint: ModelHandle;
	readonly overrides: ImportOverrides;
}

/**
 * The inference worker as the host and the terminal see it: started on the first request, one request at a time in
 * the order they came, ended when idle, started anew after a crash or after a cancel that it does not heed.
 */
export class InferenceClient {
	private worker: LiveWorker | undefined;
	private last: Promise<unknown> = Promise.resolve();
	private unfinished = 0;
	private idleTimer: ReturnType<typeof setTimeout> | undefined;
	private disposed = false;

	constructor(private readonly options: InferenceClientOptions) {}

	/** Whether a worker is alive. */
	get running(): boolean {
		return this.worker !== undefined;
	}

	/** @throws InspectorError with the run's problem, `worker.crashed`, or `cancelled` (at once, whatever the stage). */
	segment(request: SegmentRequest, options: RequestOptions = {}): Promise<SegmentResult> {
		return this.enqueue(options.signal, stagePatience, async (worker) => {
			const { key, name } = request.model;
			const { backend } = request;
			const held =
				worker.settledBackend === backend &&
				(worker.heldModel === key ||
					(await worker.peer.call('heldModels', null, { signal: options.signal })).includes(key));
			const model = { ...(held ? { key, name } : await loaded(request.model)), backend };
			worker.heldModel = undefined;
			worker.settledBackend = worker.settledBackend === backend ? backend : 'unsure';
			const picture = ownPicture(request);
			const result = await worker.peer.call(
				'segment',
				{
					picture,
					model,
					longestSide: request.longestSide,
					preprocessing: request.preprocessing,
					multiScale: request.multiScale,
				},
				{ ...options, transfer: [picture.bytes.buffer, ...ownBuffer(model)] },
			);
			worker.heldModel = key;
			worker.settledBackend = backend;
			return result;
		});
	}

	/**
	 * @param options `inputSize`: height and width to give shapes for; undefined takes the model's own
	 * @throws InspectorError with the model's problem, `worker.crashed` or `cancelled`
	 */
	describeModel(
		model: ModelHandle,
		options: { readonly signal?: AbortSignal; readonly inputSize?: readonly [number, number] } = {},
	): Promise<NetworkDescription> {
		return this.enqueue(options.signal, stagePatience, async (worker) => {
			const source = await loaded(model);
			return await worker.peer.call(
				'describeModel',
				{ ...source, inputSize: options.inputSize },
				{ signal: options.signal, transfer: ownBuffer(source) },
			);
		});
	}

	/**
	 * Makes an ONNX model of another tool one that can be opened.
	 * @throws InspectorError with the model's problem, `worker.crashed` or `cancelled`
	 */
	adoptModel(
		model: ModelHandle,
		adoption: AdoptOptions,
		options: Pick<RequestOptions, 'signal'> = {},
	): Promise<AdoptedModel> {
		return this.enqueue(options.signal, stagePatience, async (worker) => {
			const source = await loaded(model);
			const params = { model: source, options: adoption };
			return await worker.peer.call('adoptModel', params, { ...options, transfer: ownBuffer(source) });
		});
	}

	/**
	 * Refines a run's mask with the dense CRF.
	 * @param options `onProgress` is called after each iteration, with 0 for the start
	 * @throws InspectorError `crf.*`, `worker.crashed`, or `cancelled` (at once; the worker ends its iteration first)
	 */
	refine(request: RefineRequest, options: RequestOptions<CrfStepFigures> = {}): Promise<RefineResult> {
		return this.withCrfSource(request, options.signal, (worker, params, transfer) =>
			worker.peer.call('refine', params, { ...options, transfer }),
		);
	}

	/** One iteration's mask, sooner than {@link refine} has it. @throws InspectorError as {@link refine} */
	crfMask(request: CrfMaskRequest, options: Pick<RequestOptions, 'signal'> = {}): Promise<CrfMaskResult> {
		const { iteration, entropy } = request;
		return this.withCrfSource(request, options.signal, (worker, params, transfer) =>
			worker.peer.call('crfMask', { ...params, iteration, entropy }, { ...options, transfer }),
		);
	}

	/** The mean field at one pixel. @throws InspectorError as {@link refine} */
	probeCrf(request: ProbeCrfRequest, options: Pick<RequestOptions, 'signal'> = {}): Promise<CrfProbe> {
		const { iteration, x, y } = request;
		return this.withCrfSource(request, options.signal, (worker, params, transfer) =>
			worker.peer.call('probeCrf', { ...params, iteration, x, y }, { ...options, transfer }),
		);
	}

	/** How strongly a kernel ties one pixel to the others. @throws InspectorError as {@link refine} */
	crfTies(request: CrfTiesRequest, options: Pick<RequestOptions, 'signal'> = {}): Promise<CrfTies> {
		const { kernel, x, y } = request;
		return this.withCrfSource(request, options.signal, (worker, params, transfer) =>
			worker.peer.call('crfTies', { ...params, kernel, x, y }, { ...options, transfer }),
		);
	}

	/**
	 * What a model's graph says of its ASPP head.
	 * @throws InspectorError with the model's problem, `worker.crashed` or `cancelled`
	 */
	readHead(model: ModelHandle, options: Pick<RequestOptions, 'signal'> = {}): Promise<AsppHead> {
		return this.withModelBytes(model, options, (worker, source, transfer) =>
			worker.peer.call('readHead', source, { ...options, transfer }),
		);
	}

	/**
	 * The tap maps of a linear head over a run's features.
	 * @throws InspectorError with the model's problem, `runtime.*`, `worker.crashed` or `cancelled`
	 */
	tapMaps({ model, features }: HeadRequest, options: Pick<RequestOptions, 'signal'> = {}): Promise<TapMaps> {
		return this.withModelBytes(model, options, (worker, source, transfer) =>
			worker.peer.call('tapMaps', { model: source, features }, { ...options, transfer }),
		);
	}

	/** Branches of the head alone at other dilation rates: a map each. @throws InspectorError as {@link tapMaps} */
	runHead(
		{ model, features, rates }: RunHeadRequest,
		options: Pick<RequestOptions, 'signal'> = {},
	): Promise<readonly (BranchMap | undefined)[]> {
		return this.withModelBytes(model, options, (worker, source, transfer) =>
			worker.peer.call('runHead', { model: source, features, rates }, { ...options, transfer }),
		);
	}

	/**
	 * Gradient of a logit with respect to the picture.
	 * @throws InspectorError as {@link tapMaps}; a cancel that the runtime does not heed ends the worker
	 */
	gradient(
		{ model, ...request }: GradientRequest,
		options: RequestOptions<GradientStage> = {},
	): Promise<EffectiveField> {
		const { signal } = options;
		return this.enqueue(signal, stagePatience, async (worker) => {
			const held = (await worker.peer.call('heldGradientModel', null, { signal })) === model.key;
			const source = held ? { key: model.key, name: model.name } : await loaded(model);
			const transfer = ownBuffer(source);
			return await worker.peer.call('gradient', { ...request, model: source }, { ...options, transfer });
		});
	}

	/**
	 * What is in a checkpoint and how it would be taken; the worker keeps the checkpoint.
	 * @throws InspectorError `weights.*`, `worker.crashed` or `cancelled`
	 */
	examineCheckpoint(request: ImportRequest, options: RequestOptions<ImportStage> = {}): Promise<CheckpointFindings> {
		return this.withCheckpoint(request, options.signal, (worker, params, transfer) =>
			worker.peer.call('examineCheckpoint', params, { ...options, transfer }),
		);
	}

	/** The model's file; the worker lets the checkpoint go. @throws InspectorError as {@link examineCheckpoint} */
	buildModel(request: ImportRequest, options: RequestOptions<ImportStage> = {}): Promise<BuiltModel> {
		return this.withCheckpoint(request, options.signal, (worker, params, transfer) =>
			worker.peer.call('buildModel', params, { ...options, transfer }),
		);
	}

	/** Lets the worker's checkpoint go, where there is a worker. */
	async releaseCheckpoint(): Promise<void> {
		if (this.worker) {
			await this.enqueue(undefined, stagePatience, (worker) => worker.peer.call('releaseCheckpoint', null));
		}
	}

	/** A model in a few words. @throws InspectorError with the model's problem, `worker.crashed` or `cancelled` */
	summarizeModel(model: ModelHandle, options: Pick<RequestOptions, 'signal'> = {}): Promise<ModelSummary> {
		return this.withModelBytes(model, options, (worker, source, transfer) =>
			worker.peer.call('summarizeModel', source, { ...options, transfer }),
		);
	}

	/**
	 * Holds WebGPU against WASM on a picture; `backend` is not looked at.
	 * @throws InspectorError with the problem of picture, model or runtime, `worker.crashed` or `cancelled`
	 */
	compareBackends(request: SegmentRequest, options: RequestOptions<ParityStage> = {}): Promise<ParityReport> {
		return this.withPicture(request, options, (worker, params, transfer) =>
			worker.peer.call('compareBackends', params, { ...options, transfer }),
		);
	}

	/** Null where no layer is over the limit. @throws InspectorError as {@link compareBackends} */
	findDivergence(request: SegmentRequest, options: RequestOptions<ParityStage> = {}): Promise<DivergentLayer | null> {
		return this.withPicture(request, options, (worker, params, transfer) =>
			worker.peer.call('findDivergence', params, { ...options, transfer }),
		);
	}

	/** Ends the worker; every unfinished request, and every later one, is rejected with `cancelled`. */
	async dispose(): Promise<void> {
		this.disposed = true;
		clearTimeout(this.idleTimer);
		await this.endWorker({ code: 'cancelled' });
	}

	/** Calls the worker with a run's source where it does not hold it. */
	private withCrfSource<T>(
		{ runId, settings, loadSource }: RefineRequest,
		signal: AbortSignal | undefined,
		call: (worker: LiveWorker, params: RefineParams, transfer: readonly ArrayBuffer[]) => Promise<T>,
	): Promise<T> {
		return this.enqueue(signal, iterationPatience, async (worker) => {
			const held =
				worker.heldCrfSource === runId || (await worker.peer.call('heldCrfSource', null, { signal })) === runId;
			const source = held ? undefined : await loadSource();
			// From here on the worker may have taken the source, or ended before it could.
			worker.heldCrfSource = undefined;
			const buffers = source ? [source.rgb, source.logits.data].flatMap(wholeBuffer) : [];
			const result = await call(worker, { runId, settings, ...(source ? { source } : {}) }, buffers);
			worker.heldCrfSource = runId;
			return result;
		});
	}

	/** Calls the worker with a checkpoint's bytes where it does not hold them. */
	private withCheckpoint<T>(
		{ checkpoint, overrides }: ImportRequest,
		signal: AbortSignal | undefined,
		call: (worker: LiveWorker, params: ImportParams, transfer: readonly ArrayBuffer[]) => Promise<T>,
	): Promise<T> {
		return this.enqueue(signal, stagePatience, async (worker) => {
			const held = (await worker.peer.call('heldCheckpoint', null, { signal })) === checkpoint.key;
			const source = held ? { key: checkpoint.key, name: checkpoint.name } : await loaded(checkpoint);
			return await call(worker, { checkpoint: source, overrides }, ownBuffer(source));
		});
	}

	/** Calls the worker with a model's bytes and a picture's. */
	private withPicture<T>(
		request: SegmentRequest,
		{ signal }: Pick<RequestOptions, 'signal'>,
		call: (worker: LiveWorker, params: SegmentParams, transfer: readonly ArrayBuffer[]) => Promise<T>,
	): Promise<T> {
		return this.enqueue(signal, stagePatience, async (worker) => {
			const model = await loaded(request.model);
			const { longestSide, preprocessing, multiScale } = request;
			const picture = ownPicture(request);
			const params = { picture, model, longestSide, preprocessing, multiScale };
			return await call(worker, params, [picture.bytes.buffer, ...ownBuffer(model)]);
		});
	}

	/** Calls the worker with a model's bytes. */
	private withModelBytes<T>(
		model: ModelHandle,
		{ signal }: Pick<RequestOptions, 'signal'>,
		call: (worker: LiveWorker, source: ModelSource, transfer: readonly ArrayBuffer[]) => Promise<T>,
	): Promise<T> {
		return this.enqueue(signal, stagePatience, async (worker) => {
			const source = await loaded(model);
			return await call(worker, source, ownBuffer(source));
		});
	}

	/** @param patience milliseconds that the worker has to heed a cancel */
	private enqueue<T>(
		signal: AbortSignal | undefined,
		patience: number,
		task: (worker: LiveWorker) => Promise<T>,
	): Promise<T> {
		clearTimeout(this.idleTimer);
		this.unfinished++;
		const result = this.last.then(async () => {
			this.throwIfOver(signal);
			let worker: LiveWorker | undefined;
			try {
				worker = await this.ensureWorker();
				return await task(worker);
			} catch (error) {
				const problem = toProblem(error);
				if (worker) {
					await this.afterFailure(worker, problem, patience);
				}
				throw error instanceof InspectorError ? error : new InspectorError(problem, { cause: error });
			}
		});
		this.last = result
			.catch(() => undefined)
			.then(() => {
				this.unfinished--;
				this.planIdleEnd();
			});
		// A cancelled caller does not wait for its turn, nor for the worker's end.
		return signal ? orAborted(result, signal) : result;
	}

	private throwIfOver(signal: AbortSignal | undefined): void {
		if (this.disposed || signal?.aborted) {
			throw new InspectorError({ code: 'cancelled' });
		}
	}

	private async ensureWorker(): Promise<LiveWorker> {
		const setup = this.options.setup();
		const setupKey = JSON.stringify(setup);
		if (this.worker && this.worker.setupKey !== setupKey) {
			await this.endWorker({ code: 'cancelled' });
			this.throwIfOver(undefined);
		}
		if (this.worker) {
			return this.worker;
		}
		const handle = this.options.startWorker();
		const peer = new Peer<WorkerCallsHost, WorkerMethods>(handle.port, {});
		const worker: LiveWorker = { handle, peer, setupKey };
		this.worker = worker;
		handle.onExit((detail) => {
			if (this.worker === worker) {
				this.worker = undefined;
			}
			peer.close({ code: 'worker.crashed', detail });
		});
		await peer.call('setup', setup);
		return worker;
	}

	/** Decides whether the worker can take the next request. */
	private async afterFailure(worker: LiveWorker, problem: Problem, patience: number): Promise<void> {
		switch (problem.code) {
			case 'cancelled':
				// `heldModels` waits its turn in the worker: an answer says that the cancelled run has ended.
				if (!(await answersWithin(patience, worker.peer.call('heldModels', null)))) {
					await this.endWorker({ code: 'cancelled' }, worker);
				}
				return;
			case 'runtime.unavailable':
			case 'runtime.failed':
			case 'runtime.outOfMemory':
			case 'internal':
				// The runtime does not recover from these inside one worker, and wasm memory never shrinks.
				await this.endWorker(problem, worker);
				return;
			default:
				return;
		}
	}

	private async endWorker(reason: Problem, only?: LiveWorker): Promise<void> {
		const worker = this.worker;
		if (!worker || (only && only !== worker)) {
			return;
		}
		this.worker = undefined;
		worker.peer.close(reason);
		await worker.handle.terminate();
	}

	private planIdleEnd(): void {
		const milliseconds = this.options.idleMilliseconds();
		if (this.unfinished === 0 && this.worker && milliseconds < 2 ** 31) {
			clearTimeout(this.idleTimer);
			this.idleTimer = setTimeout(() => void this.endWorker({ code: 'cancelled' }), milliseconds);
		}
	}
}

interface LiveWorker {
	readonly handle: WorkerHandle;
	readonly peer: Peer<WorkerCallsHost, WorkerMethods>;
	readonly setupKey: string;
	/** Key of the model it surely holds; undefined where it has to be asked. */
	heldModel?: string;
	/** What the host had settled on for the model that it holds; for another one it needs the bytes again. */
	settledBackend?: BackendName | 'unsure' | undefined;
	/** Run whose source for the CRF it surely holds; undefined where it has to be asked. */
	heldCrfSource?: string;
}

/** How long a cancelled worker may take to come to the end of a stage before it is ended, in milliseconds. */
const stagePatience = 100;
/**
 * The same for an iteration of the CRF, or a lattice that is being built: a slider that moves cancels often, and what
 * the worker holds makes the next settings quick.
 */
const iterationPatience = 3000;

async function answersWithin(patience: number, answer: Promise<unknown>): Promise<boolean> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<boolean>((resolve) => {
		timer = setTimeout(() => resolve(false), patience);
	});
	const soon = answer.then(
		() => true,
		() => false,
	);
	const result = await Promise.race([soon, late]);
	clearTimeout(timer);
	return result;
}

function orAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const onAbort = () => reject(new InspectorError({ code: 'cancelled' }));
		if (signal.aborted) {
			onAbort();
		}
		signal.addEventListener('abort', onAbort, { once: true });
		result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
	});
}

/** A copy of its own: the caller keeps its bytes, and posting a view would copy all that lies around it. */
function ownPicture({ picture }: SegmentRequest): PictureSource & { readonly bytes: Uint8Array<ArrayBuffer> } {
	return { name: picture.name, bytes: new Uint8Array(picture.bytes) };
}

async function loaded(model: ModelHandle): Promise<ModelSource & { readonly bytes: Uint8Array }> {
	const bytes = await model.load();
	const whole = bytes.byteLength === bytes.buffer.byteLength;
	return { key: model.key, name: model.name, bytes: whole ? bytes : new Uint8Array(bytes) };
}

function ownBuffer({ bytes }: ModelSource): ArrayBuffer[] {
	return bytes ? wholeBuffer(bytes) : [];
}

/** The buffer of a view that covers all of it: others would lose what lies around. */
function wholeBuffer({ buffer, byteLength }: ArrayBufferView): ArrayBuffer[] {
	return buffer instanceof ArrayBuffer && byteLength === buffer.byteLength ? [buffer] : [];
}
