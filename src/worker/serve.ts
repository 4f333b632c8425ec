import type { BackendName, BackendStatus } from '../core/backend';
import { createPictureDecoder, type PictureDecoder } from '../core/image/decode';
import type { ModelMetadata, NetworkDescription } from '../core/model';
import { decodeOnnx } from '../core/onnx/decode';
import { describeNetwork } from '../core/onnx/describe';
import { adoptModel } from '../core/onnx/discover/adopt';
import { encodeOnnx } from '../core/onnx/encode';
import { readMetadata } from '../core/onnx/metadata';
import { replacePreprocessing } from '../core/onnx/replacePreprocessing';
import { type ModelSummary, summarizeModel } from '../core/onnx/summary';
import { InspectorError } from '../core/problem';
import type { AdoptedModel, ModelSource, WorkerCallsHost, WorkerMethods, WorkerSetup } from '../shared/protocol/worker';
import { Peer, type Port, Transferred } from '../shared/rpc';
import type { CrfEngine } from './crf/crfEngine';
import { CrfService } from './crf/crfService';
import { type BackendEnvironment, Backends } from './engine/backends';
import type { InferenceEngine } from './engine/engine';
import { bytesOf, readNetwork } from './engine/network';
import type { ProfilingEngine } from './engine/profilingEngine';
import { AsppService } from './services/asppService';
import { GradientService } from './services/gradient';
import { ImportService } from './services/importService';
import { ParityService } from './services/parityService';
import { type LoadedModel, segmentPicture } from './services/pipeline';
import { type ProfileParts, profileRun } from './services/profileService';
import { segmentAtStride } from './services/strideRun';

/** What differs between a thread of Node and a worker of a browser. */
export interface WorkerEnvironment extends BackendEnvironment {
	/** Reads a file of the assets folder. */
	loadAsset(url: string): Promise<Uint8Array>;
	/** Called for each profile. @throws InspectorError `runtime.unavailable` */
	createProfilingEngine(setup: WorkerSetup): Promise<ProfilingEngine>;
	/** Bytes that the process has held at most; undefined where it cannot be told. */
	readonly processPeak?: () => number;
	/** Called when a CRF is needed and none is there. @throws InspectorError `runtime.unavailable` */
	createCrfEngine(setup: WorkerSetup): Promise<CrfEngine>;
}

/** Serves {@link WorkerMethods} on `port`: one task at a time, in the order they came. */
export function serveInference(port: Port, environment: WorkerEnvironment): Peer<WorkerMethods, WorkerCallsHost> {
	const service = new InferenceService(environment);
	const crf = new CrfService(() => service.createCrfEngine());
	// Sums of shares and gradients are to be exact: they stay on WASM.
	const aspp = new AsppService(() => service.createEngine('wasm'));
	const importing = new ImportService();
	const gradient = new GradientService({
		modelBytes: (model) => bytesOf(model),
		createEngine: () => service.createEngine('wasm'),
	});
	const parity = new ParityService({
		decode: (name, bytes) => service.decoder().decode(name, bytes),
		createEngine: (backend) => service.createEngine(backend),
	});
	const inTurn = createQueue();
	const loadModel = async (model: ModelSource) => {
		if (!(await service.heldModels(model.backend ?? null)).includes(model.key)) {
			// Another network needs the memory.
			await gradient.release();
		}
		return await service.loadModel(model);
	};
	return new Peer<WorkerMethods, WorkerCallsHost>(port, {
		setup: (setup) => inTurn(() => service.setUp(setup)),
		heldModels: (backend) => inTurn(() => service.heldModels(backend)),
		segment: (params, context) =>
			inTurn(() =>
				segmentPicture(params, { decode: (name, bytes) => service.decoder().decode(name, bytes), loadModel }, context),
			),
		segmentAtStride: (params, context) => inTurn(() => segmentAtStride(params, loadModel, context)),
		describeModel: (params) => inTurn(() => describeModel(params)),
		adoptModel: (params) => inTurn(() => adopted(params)),
		replacePreprocessing: (params) => inTurn(() => preparedOtherwise(params)),
		heldCrfSource: () => inTurn(() => crf.heldSource),
		refine: (params, context) => inTurn(() => crf.refine(params, context)),
		crfMask: (params, context) => inTurn(() => crf.mask(params, { ...context, progress: () => undefined })),
		probeCrf: (params, context) => inTurn(() => crf.probe(params, { ...context, progress: () => undefined })),
		crfTies: (params, context) => inTurn(() => crf.ties(params, { ...context, progress: () => undefined })),
		readHead: (params) => inTurn(() => aspp.readHead(params)),
		tapMaps: (params) => inTurn(() => aspp.tapMaps(params)),
		runHead: (params) => inTurn(() => aspp.runHead(params)),
		mixedMaps: (params) => inTurn(() => aspp.mixedMaps(params)),
		ablate: (params, context) => inTurn(() => aspp.ablate(params, context)),
		heldGradientModel: () => inTurn(() => gradient.heldModel),
		gradient: (params, context) => inTurn(() => gradient.measure(params, context)),
		heldCheckpoint: () => inTurn(() => importing.heldCheckpoint),
		examineCheckpoint: (params, context) => inTurn(() => importing.examine(params, context)),
		buildModel: (params, context) => inTurn(() => importing.build(params, context)),
		releaseCheckpoint: () => inTurn(() => importing.release()),
		summarizeModel: (params) => inTurn(() => summarize(params)),
		profile: (params, context) => inTurn(() => profileRun(params, service.profileParts(), context)),
		compareBackends: (params, context) => inTurn(() => parity.compare(params, context)),
		findDivergence: (params, context) => inTurn(() => parity.findDivergence(params, context)),
	});
}

class InferenceService {
	private setup: WorkerSetup | undefined;
	private backends: Backends | undefined;
	private pictureDecoder: PictureDecoder | undefined;
	private engine: InferenceEngine | undefined;
	private held: { readonly key: string; readonly metadata: ModelMetadata } | undefined;

	constructor(private readonly environment: WorkerEnvironment) {}

	async setUp(setup: WorkerSetup): Promise<BackendStatus> {
		this.setup = setup;
		this.backends = await Backends.open(setup, this.environment);
		return this.backends.status;
	}

	async heldModels(backend: BackendName | null): Promise<readonly string[]> {
		const name = await this.opened().nameFor(backend ? { backend } : {});
		return this.held && this.engine?.backend.name === name ? [this.held.key] : [];
	}

	decoder(): PictureDecoder {
		const { assets } = this.ready();
		this.pictureDecoder ??= createPictureDecoder((file) => this.environment.loadAsset(new URL(file, assets).href));
		return this.pictureDecoder;
	}

	async loadModel(model: ModelSource): Promise<LoadedModel> {
		const name = await this.opened().nameFor(model);
		if (this.engine?.backend.name === name && this.held?.key === model.key) {
			return { metadata: this.held.metadata, engine: this.engine };
		}
		// Cheap checks first: they name what is wrong, where the runtime would only say that something is.
		const network = readNetwork(model);
		const metadata = readMetadata(network.graph, model.name);
		this.held = undefined;
		if (this.engine && this.engine.backend.name !== name) {
			await this.engine.unload();
			this.engine = undefined;
		}
		this.engine ??= await this.createEngine(name);
		await this.engine.load(network.encoded(), model.name);
		this.held = { key: model.key, metadata };
		return { metadata, engine: this.engine };
	}

	createEngine(name: BackendName): Promise<InferenceEngine> {
		return this.opened().createEngine(name);
	}

	profileParts(): ProfileParts {
		const { processPeak } = this.environment;
		return {
			decode: (name, bytes) => this.decoder().decode(name, bytes),
			createEngine: () => this.createEngine('wasm'),
			createProfilingEngine: () => this.environment.createProfilingEngine(this.ready()),
			...(processPeak ? { processPeak } : {}),
		};
	}

	createCrfEngine(): Promise<CrfEngine> {
		return this.environment.createCrfEngine(this.ready());
	}

	private opened(): Backends {
		if (!this.backends) {
			throw new InspectorError({ code: 'internal', detail: 'the worker was not set up' });
		}
		return this.backends;
	}

	private ready(): WorkerSetup {
		if (!this.setup) {
			throw new InspectorError({ code: 'internal', detail: 'the worker was not set up' });
		}
		return this.setup;
	}
}

async function describeModel(params: WorkerMethods['describeModel']['params']): Promise<NetworkDescription> {
	const bytes = bytesOf(params);
	return describeNetwork(decodeOnnx(bytes, params.name), bytes.length, params.name, params.inputSize);
}

function summarize(model: ModelSource): ModelSummary {
	const bytes = bytesOf(model);
	return summarizeModel(decodeOnnx(bytes, model.name), bytes.length, model.name);
}

function adopted({ model, options }: WorkerMethods['adoptModel']['params']): Transferred<AdoptedModel> {
	const result = adoptModel(decodeOnnx(bytesOf(model), model.name), model.name, options);
	const bytes = encodeOnnx(result.model);
	return new Transferred({ report: result.report, bytes }, [bytes.buffer as ArrayBuffer]);
}

function preparedOtherwise({
	model,
	preprocessing,
}: WorkerMethods['replacePreprocessing']['params']): Transferred<Uint8Array> {
	const replaced = replacePreprocessing(decodeOnnx(bytesOf(model), model.name), preprocessing, model.name);
	const bytes = encodeOnnx(replaced);
	return new Transferred(bytes, [bytes.buffer as ArrayBuffer]);
}

/** Runs tasks one after the other; a failed one does not stop the next. */
function createQueue(): <T>(task: () => T | Promise<T>) => Promise<T> {
	let last: Promise<unknown> = Promise.resolve();
	return (task) => {
		const result = last.then(task);
		last = result.catch(() => undefined);
		return result;
	};
}
