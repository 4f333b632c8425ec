import type { BackendName, BackendStatus } from '../../core/backend';
import type { NetworkDescription, Preprocessing } from '../../core/model';
import type { AdoptOptions } from '../../core/onnx/discover/adopt';
import { InspectorError, type Problem, toProblem } from '../../core/problem';
import type { BranchMap, FeatureMap } from '../../core/run';
import type { AsppHead, EffectiveField, GradientStage, TapMaps } from '../../shared/protocol/aspp';
import type {
	CrfMaskResult,
	CrfProbe,
	CrfStepFigures,
	CrfTies,
	RefineParams,
	RefineResult,
} from '../../shared/protocol/crf';
import type {
	BuiltModel,
	CheckpointFindings,
	ImportParams,
	ImportStage,
	ModelSummary,
} from '../../shared/protocol/import';
import type { DivergentLayer, ParityReport, ParityStage } from '../../shared/protocol/parity';
import type { ProfileProgress, RunProfile } from '../../shared/protocol/profile';
import type { StrideRun } from '../../shared/protocol/strides';
import type { AdoptedModel, ModelSource, SegmentParams, SegmentResult } from '../../shared/protocol/worker';
import { GpuFailures } from './gpuFailures';
import type {
	AblationRequest,
	CrfMaskRequest,
	CrfTiesRequest,
	GradientRequest,
	HeadRequest,
	ImportRequest,
	MixedHeadRequest,
	ModelHandle,
	ProbeCrfRequest,
	RefineRequest,
	RequestOptions,
	RunHeadRequest,
	SegmentRequest,
	StrideRequest,
} from './requests';
import { loaded, ownBuffer, ownPicture, wholeBuffer } from './transfers';
import { type LiveWorker, WorkerQueue, type WorkerQueueOptions } from './workerQueue';

export type * from './requests';
export { atOutputStride } from './requests';
export type { WorkerHandle } from './workerQueue';

export interface InferenceClientOptions extends WorkerQueueOptions {
	/** Told after each picture: what ran its network, and why it was not WebGPU. */
	onBackend?(status: BackendStatus): void;
	/** WebGPU has failed with a model, and WASM has done the same in its place. Told once a failure. */
	onFallback?(problem: Problem, modelName: string): void;
}

/**
 * The inference worker as the host and the terminal see it: started on the first request, one request at a time in
 * the order they came, ended when idle, started anew after a crash or after a cancel that it does not heed.
 */
export class InferenceClient {
	private readonly queue: WorkerQueue;
	private readonly gpuFailures = new GpuFailures();

	constructor(private readonly options: InferenceClientOptions) {
		const { gpuFailures } = this;
		this.queue = new WorkerQueue({
			...options,
			setup: () => gpuFailures.setup(options.setup()),
			startSetup: (setup) => gpuFailures.startSetup(setup),
			onStart: (status) => gpuFailures.noteStart(status),
		});
	}

	/** Whether a worker is alive. */
	get running(): boolean {
		return this.queue.running;
	}

	/**
	 * Segments a picture. Where WebGPU fails, WASM does the same once more, and the model's further runs.
	 * @throws InspectorError with the run's problem, `backend.bothFailed`, `worker.crashed`, or `cancelled` (at once, whatever the stage)
	 */
	segment(request: SegmentRequest, options: RequestOptions = {}): Promise<SegmentResult> {
		return this.enqueueNetwork(request, options.signal, async (worker, backend, status) => {
			const result = await segmentOn(worker, { ...request, backend }, options);
			const runs = result.info.backend;
			this.options.onBackend?.({ ...this.gpuFailures.statusOf(request.model.key, status), runs });
			return result;
		});
	}

	/**
	 * A run's picture through its network at another output stride. The picture's buffer stays the caller's.
	 * @throws InspectorError `model.fixedStride`, or as {@link segment}, whose way out of WebGPU's failures it takes
	 */
	segmentAtStride(
		{ model, backend: wanted, ...request }: StrideRequest,
		options: RequestOptions = {},
	): Promise<StrideRun> {
		return this.enqueueNetwork({ model, backend: wanted }, options.signal, (worker, backend) =>
			withNetwork(worker, { model, backend }, options.signal, (source) =>
				worker.peer.call('segmentAtStride', { ...request, model: source }, { ...options, transfer: ownBuffer(source) }),
			),
		);
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
	 * The model's file with another preprocessing in its metadata.
	 * @throws InspectorError with the model's problem, `worker.crashed` or `cancelled`
	 */
	replacePreprocessing(
		model: ModelHandle,
		preprocessing: Preprocessing,
		options: Pick<RequestOptions, 'signal'> = {},
	): Promise<Uint8Array> {
		return this.withModelBytes(model, options, (worker, source, transfer) =>
			worker.peer.call('replacePreprocessing', { model: source, preprocessing }, { ...options, transfer }),
		);
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

	/** Maps of a mixed head that the network has no output for. @throws InspectorError as {@link tapMaps} */
	mixedMaps(
		{ model, ...request }: MixedHeadRequest,
		options: Pick<RequestOptions, 'signal'> = {},
	): Promise<readonly (FeatureMap | undefined)[]> {
		return this.withModelBytes(model, options, (worker, source, transfer) =>
			worker.peer.call('mixedMaps', { ...request, model: source }, { ...options, transfer }),
		);
	}

	/**
	 * The network's logits with some of a mixed head's maps set to zero, one map of logits a row of `on`.
	 * @param options `onProgress` is called with the number of rows that are done
	 * @throws InspectorError as {@link tapMaps}
	 */
	ablate({ model, ...request }: AblationRequest, options: RequestOptions<number> = {}): Promise<readonly FeatureMap[]> {
		return this.withModelBytes(model, options, (worker, source, transfer) =>
			worker.peer.call('ablate', { ...request, model: source }, { ...options, transfer }),
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
		if (this.running) {
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

	/**
	 * Takes a picture several times through a network that is loaded for this alone, and times its operators. Memory
	 * is told as that of this network where the worker has run nothing before.
	 * @throws InspectorError as {@link segment}; a cancel that the runtime does not heed ends the worker
	 */
	profile(request: SegmentRequest, options: RequestOptions<ProfileProgress> = {}): Promise<RunProfile> {
		return this.withPicture(request, options, (worker, params, transfer) =>
			worker.peer.call('profile', params, { ...options, transfer }),
		);
	}

	/** Ends the worker; every unfinished request, and every later one, is rejected with `cancelled`. */
	async dispose(): Promise<void> {
		await this.queue.dispose();
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
			const picture = ownPicture(request.picture);
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

	/** Takes pictures through a network: where WebGPU fails, once more, with WASM. */
	private async enqueueNetwork<T>(
		{ model: { key, name }, backend: wanted }: Pick<SegmentRequest, 'model' | 'backend'>,
		signal: AbortSignal | undefined,
		run: (worker: LiveWorker, backend: BackendName | undefined, status: BackendStatus) => Promise<T>,
	): Promise<T> {
		const { gpuFailures } = this;
		let onGpu: Problem | undefined;
		let result: T;
		try {
			result = await this.queue.enqueue({
				signal,
				patience: stagePatience,
				run: (worker, status) => run(worker, gpuFailures.backendOf(key, status, wanted), status),
				again: (problem, status) => {
					const again = gpuFailures.note(problem, key, status, wanted);
					onGpu = again ? problem : undefined;
					return again;
				},
			});
		} catch (error) {
			throw onGpu ? new InspectorError(gpuFailures.onBoth(key, onGpu, toProblem(error)), { cause: error }) : error;
		}
		// Before that it was not known whether there would be more to tell.
		const untold = gpuFailures.takeUntold(key);
		if (untold) {
			this.options.onFallback?.(untold, name);
		}
		return result;
	}

	private enqueue<T>(
		signal: AbortSignal | undefined,
		patience: number,
		run: (worker: LiveWorker) => Promise<T>,
	): Promise<T> {
		return this.queue.enqueue({ signal, patience, run });
	}
}

function segmentOn(
	worker: LiveWorker,
	{ picture: given, longestSide, preprocessing, multiScale, ...network }: SegmentRequest,
	options: RequestOptions,
): Promise<SegmentResult> {
	return withNetwork(worker, network, options.signal, async (model) => {
		const picture = ownPicture(given);
		return await worker.peer.call(
			'segment',
			{ picture, model, longestSide, preprocessing, multiScale },
			{ ...options, transfer: [picture.bytes.buffer, ...ownBuffer(model)] },
		);
	});
}

/** Calls the worker with the bytes of the network that pictures go through, where it does not hold it on that backend. */
async function withNetwork<T>(
	worker: LiveWorker,
	{ model: handle, backend }: Pick<SegmentRequest, 'model' | 'backend'>,
	signal: AbortSignal | undefined,
	call: (model: ModelSource) => Promise<T>,
): Promise<T> {
	const { key, name } = handle;
	const place = `${backend ?? ''} ${key}`;
	const held =
		worker.heldModel === place || (await worker.peer.call('heldModels', backend ?? null, { signal })).includes(key);
	const model: ModelSource = { ...(held ? { key, name } : await loaded(handle)), ...(backend ? { backend } : {}) };
	worker.heldModel = undefined;
	const result = await call(model);
	worker.heldModel = place;
	return result;
}

/** How long a cancelled worker may take to come to the end of a stage before it is ended, in milliseconds. */
const stagePatience = 100;
/**
 * The same for an iteration of the CRF, or a lattice that is being built: a slider that moves cancels often, and what
 * the worker holds makes the next settings quick.
 */
const iterationPatience = 3000;
