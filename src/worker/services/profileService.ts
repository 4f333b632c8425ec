import type { PictureDecoder } from '../../core/image/decode';
import type { ModelMetadata } from '../../core/model';
import { decodeOnnx } from '../../core/onnx/decode';
import { encodeOnnx } from '../../core/onnx/encode';
import { readMetadata } from '../../core/onnx/metadata';
import { InspectorError } from '../../core/problem';
import { type NamedModel, nameOperators } from '../../core/profile/operatorPaths';
import type { OperatorTime, ProfileMemory, RunProfile } from '../../core/profile/runProfile';
import type { TracedRun } from '../../core/profile/runtimeTrace';
import type { StageName, StageTiming } from '../../core/run';
import type { ProfileProgress } from '../../shared/protocol/profile';
import type { SegmentParams, SegmentResult } from '../../shared/protocol/worker';
import type { CallContext } from '../../shared/rpc';
import type { InferenceEngine } from '../engine/engine';
import { readNetwork } from '../engine/network';
import type { ProfilingEngine } from '../engine/profilingEngine';
import { heapBytes, seeingHeap } from '../engine/wasmHeap';
import { type LoadedModel, segmentPicture } from './pipeline';

export interface ProfileParts {
	readonly decode: PictureDecoder['decode'];
	/** Engines of their own, so that a network that is held stays. */
	createEngine(): Promise<InferenceEngine>;
	createProfilingEngine(): Promise<ProfilingEngine>;
	/** Bytes that the process has held at most; undefined where it cannot be told. */
	readonly processPeak?: () => number;
}

type Context = CallContext<ProfileProgress>;
type SegmentInfo = SegmentResult['info'];

/** Milliseconds that the passes of a step may take together, beyond the one that warms up. */
const budget = 6000;
const mostPasses = 5;

/**
 * Takes a picture its whole way several times: first as always, then with the runtime timing its operators. One network
 * is held at a time, and both are let go at the end. A cancel is heeded between the stages of each pass.
 * @throws InspectorError as `segmentPicture`; `model.fixedStride`; `runtime.failed` where the runtime's trace is not what was run
 */
export async function profileRun(params: SegmentParams, parts: ProfileParts, context: Context): Promise<RunProfile> {
	const network = readNetwork(params.model);
	const bytes = network.encoded();
	const plain = await withEngine(await parts.createEngine(), async (engine) => {
		const subject = new Subject(params, parts, engine, bytes, context);
		const first = await subject.pass({ step: 'load', pass: 1 });
		return { first, passes: await subject.plainPasses() };
	});
	const memory = memoryOf(parts);
	const count = plain.passes.length;
	const named = nameOperators(network.graph);
	const timed = await withEngine(await parts.createProfilingEngine(), async (engine) => {
		const subject = new Subject(params, parts, engine, named.renamed ? encodeOnnx(named.model) : bytes, context);
		const passes = await subject.timedPasses(count);
		return { passes, runs: await engine.takeRuns() };
	});
	const times = timed.passes.map(networkTime);
	const chosen = times.indexOf(medianOf(times));
	const info = timed.passes[chosen]!;
	const { geometry, model } = info;
	return {
		version: 1,
		pictureName: info.pictureName,
		modelName: model.name,
		createdAt: Date.now(),
		backend: info.backend,
		pictureSize: [geometry.pictureHeight, geometry.pictureWidth],
		inputSize: [geometry.inputHeight, geometry.inputWidth],
		stages: info.timings.map((timing) => (timing.stage === 'model' ? modelStage(plain.first) : timing)),
		operators: operatorsOf(timed.runs, chosen + 1, info, count + 1, named),
		passes: count,
		profiledMilliseconds: times[chosen]!,
		plainMilliseconds: medianOf(plain.passes.map(networkTime)),
		...(memory ? { memory } : {}),
	};
}

async function withEngine<E extends InferenceEngine, T>(engine: E, work: (engine: E) => Promise<T>): Promise<T> {
	try {
		return await work(engine);
	} finally {
		await engine.unload();
	}
}

/** A picture, and a network that is loaded with the first of its passes. */
class Subject {
	private metadata: ModelMetadata | undefined;

	constructor(
		private readonly params: SegmentParams,
		private readonly parts: ProfileParts,
		private readonly engine: InferenceEngine,
		private readonly bytes: Uint8Array,
		private readonly context: Context,
	) {}

	async pass(progress: ProfileProgress): Promise<SegmentInfo> {
		this.context.progress(progress);
		const { signal } = this.context;
		const { decode } = this.parts;
		const result = await segmentPicture(
			this.params,
			{ decode, loadModel: () => this.load() },
			{ signal, progress: () => undefined },
		);
		return result.value.info;
	}

	/** As many as are worth their time. */
	async plainPasses(): Promise<readonly SegmentInfo[]> {
		const passes = [await this.pass({ step: 'plain', pass: 1 })];
		const affordable = Math.floor(budget / Math.max(1, networkTime(passes[0]!)));
		const of = Math.max(1, Math.min(mostPasses, affordable));
		while (passes.length < of) {
			passes.push(await this.pass({ step: 'plain', pass: passes.length + 1, of }));
		}
		return passes;
	}

	/** So many, after one that warms up and is left out. */
	async timedPasses(count: number): Promise<readonly SegmentInfo[]> {
		const passes: SegmentInfo[] = [];
		for (let pass = 1; pass <= count + 1; pass++) {
			passes.push(await this.pass({ step: 'timed', pass, of: count + 1 }));
		}
		return passes.slice(1);
	}

	private async load(): Promise<LoadedModel> {
		const { engine, bytes } = this;
		const { name } = this.params.model;
		if (!this.metadata) {
			this.metadata = readMetadata(decodeOnnx(bytes, name), name);
			await seeingHeap(() => engine.load(bytes, name));
		}
		return { metadata: this.metadata, engine };
	}
}

function modelStage({ timings }: SegmentInfo): StageTiming {
	return { stage: 'model', milliseconds: timeOf(timings, 'model') };
}

function networkTime({ timings }: SegmentInfo): number {
	return timeOf(timings, 'network');
}

function timeOf(timings: readonly StageTiming[], stage: StageName): number {
	return timings.find((timing) => timing.stage === stage)?.milliseconds ?? 0;
}

/** One that is there: the lower of the two in the middle. */
function medianOf(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[(sorted.length - 1) >> 1]!;
}

/**
 * The operators of one pass, which has a run of the network for each scale.
 * @param pass from 0, the one that warms up included
 */
function operatorsOf(
	runs: readonly TracedRun[],
	pass: number,
	{ multiScale }: SegmentInfo,
	passes: number,
	{ pathOf }: NamedModel,
): readonly OperatorTime[] {
	const scales = multiScale?.scales ?? [undefined];
	if (runs.length !== passes * scales.length) {
		const detail = `its profile has ${runs.length} runs of the network where there were ${passes * scales.length}`;
		throw new InspectorError({ code: 'runtime.failed', detail });
	}
	let before = 0;
	return scales.flatMap((scale, index) => {
		const { milliseconds, operators } = runs[pass * scales.length + index]!;
		const from = before;
		before += milliseconds;
		return operators.map(({ name, start, ...operator }) => ({
			path: pathOf(name),
			start: from + start,
			...operator,
			...(scale === undefined ? {} : { scale }),
		}));
	});
}

function memoryOf({ processPeak }: ProfileParts): ProfileMemory | undefined {
	const heap = heapBytes();
	if (heap !== undefined) {
		return { kind: 'wasmHeap', bytes: heap };
	}
	return processPeak && { kind: 'process', bytes: processPeak() };
}
