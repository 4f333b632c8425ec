import type { BackendInfo, BackendName } from '../../core/backend';
import type { PictureDecoder } from '../../core/image/decode';
import { prepareInput } from '../../core/image/prepare';
import { encodeOnnx } from '../../core/onnx/encode';
import { elementCount, type OnnxModel } from '../../core/onnx/ir';
import { readMetadata } from '../../core/onnx/metadata';
import { inferShapes } from '../../core/onnx/shapes';
import { type BackendOutcome, compareOutcomes, finiteOrNull, relativeDifference } from '../../core/parity/compare';
import { probeGraph } from '../../core/parity/probeGraph';
import { planProbes } from '../../core/parity/probePlan';
import { type DivergentLayer, type ParityReport, parityLimit } from '../../core/parity/report';
import { findFirstDiffering } from '../../core/parity/search';
import { InspectorError } from '../../core/problem';
import type { FeatureMap } from '../../core/run';
import { runtimeVersion } from '../../core/runtimeVersion';
import { multiScales, scaledInput } from '../../core/segmentation/multiScale';
import type { ParityStage } from '../../shared/protocol/parity';
import type { SegmentParams } from '../../shared/protocol/worker';
import type { CallContext } from '../../shared/rpc';
import type { InferenceEngine, Tensor } from '../engine/engine';
import { readNetwork } from '../engine/network';
import { messagesHandled } from '../messages';
import { segmentPicture } from './pipeline';

export interface ParityParts {
	readonly decode: PictureDecoder['decode'];
	/** An engine of its own. @throws InspectorError `runtime.unavailable`, or `backend.refused` without WebGPU */
	createEngine(backend: BackendName): Promise<InferenceEngine>;
}

type Context = CallContext<ParityStage>;

/**
 * Holds WebGPU against WASM on a picture. Nothing is kept between two calls, and of the two networks one alone is loaded
 * at a time. A cancel is heeded between the runs.
 */
export class ParityService {
	constructor(private readonly parts: ParityParts) {}

	/**
	 * The picture's whole way on both backends.
	 * @throws InspectorError with the problem of the picture, the model or the runtime, or `cancelled`
	 */
	async compare(params: SegmentParams, context: Context): Promise<ParityReport> {
		const webgpu = await this.outcome('webgpu', params, context);
		const wasm = await this.outcome('wasm', params, context);
		const { adapter } = webgpu.backend;
		return {
			...compareOutcomes(wasm, webgpu),
			...(adapter ? { adapter } : {}),
			runtime: runtimeVersion,
			comparedAt: Date.now(),
		};
	}

	/**
	 * The layer at which the backends begin to differ, by runs of parts of the network. With several scales it is looked
	 * for at the first scale whose logits differ.
	 *
	 * @returns null where no logits are over the limit
	 * @throws InspectorError as {@link compare}
	 */
	async findDivergence(params: SegmentParams, context: Context): Promise<DivergentLayer | null> {
		const { graph: model } = readNetwork(params.model);
		const inputs = await this.inputs(params, model);
		const engines = { wasm: await this.engine('wasm'), webgpu: await this.engine('webgpu') };
		try {
			for (const input of inputs) {
				const shapes = inferShapes(model.graph, [input.height, input.width]);
				const found = await findFirstDiffering(
					planProbes(model.graph, 'logits'),
					(values) => probe(engines, model, input, values, params.model.name, context),
					{
						limit: parityLimit.difference,
						bytesOf: (value) => {
							const shape = shapes.get(value);
							return shape && 4 * elementCount(shape);
						},
					},
				);
				if (found) {
					const { unit, difference, inputDifference } = found;
					const { layer, operator } = unit;
					return { layer, operator, difference: finiteOrNull(difference), inputDifference };
				}
			}
			return null;
		} finally {
			await engines.wasm.unload();
			await engines.webgpu.unload();
		}
	}

	private async outcome(
		backend: BackendName,
		params: SegmentParams,
		context: Context,
	): Promise<BackendOutcome & { readonly backend: BackendInfo }> {
		await enter(backend, context);
		const engine = await this.engine(backend);
		try {
			const { value } = await segmentPicture(
				params,
				{
					decode: this.parts.decode,
					loadModel: async (model) => {
						const network = readNetwork(model);
						const metadata = readMetadata(network.graph, model.name);
						await engine.load(network.encoded(), model.name);
						return { metadata, engine };
					},
				},
				{ signal: context.signal, progress: () => undefined },
			);
			const { logits, labels } = value.tensors;
			return { logits, labels, backend: value.info.backend };
		} finally {
			await engine.unload();
		}
	}

	private async engine(backend: BackendName): Promise<InferenceEngine> {
		const engine = await this.parts.createEngine(backend);
		const { name } = engine.backend;
		if (name !== backend) {
			throw new InspectorError({ code: 'runtime.unavailable', detail: `there is ${name} here, not ${backend}` });
		}
		return engine;
	}

	/** What the network reads, the full scale first. */
	private async inputs(params: SegmentParams, model: OnnxModel): Promise<readonly FeatureMap[]> {
		const metadata = readMetadata(model, params.model.name);
		const picture = await this.parts.decode(params.picture.name, params.picture.bytes);
		const preprocessing = params.preprocessing ?? metadata.preprocessing;
		const { input, geometry } = prepareInput(picture, preprocessing, params.longestSide);
		const full = { channels: 3, height: geometry.inputHeight, width: geometry.inputWidth, data: input };
		const { multiScale: rule } = params;
		return [full, ...(rule ? multiScales.slice(1).map((scale) => scaledInput(full, scale, rule)) : [])];
	}
}

/** How far inner values are apart: a run of what they need, on each backend. */
async function probe(
	engines: Readonly<Record<BackendName, InferenceEngine>>,
	model: OnnxModel,
	{ channels, height, width, data }: FeatureMap,
	values: readonly string[],
	name: string,
	context: Context,
): Promise<ReadonlyMap<string, number>> {
	const bytes = encodeOnnx({ ...model, graph: probeGraph(model.graph, values) });
	const run = async (engine: InferenceEngine) => {
		await enter('search', context);
		await engine.load(bytes, name);
		const outputs = await engine.run({ dims: [1, channels, height, width], data }, values);
		await engine.unload();
		return outputs;
	};
	const wasm = await run(engines.wasm);
	const webgpu = await run(engines.webgpu);
	return new Map(values.map((value) => [value, distance(wasm[value], webgpu[value])]));
}

function distance(reference: Tensor | undefined, other: Tensor | undefined): number {
	if (!reference || !other || reference.dims.join() !== other.dims.join()) {
		return Number.POSITIVE_INFINITY;
	}
	return relativeDifference(reference.data, other.data);
}

/** Tells the stage, unless the call was cancelled. */
async function enter(stage: ParityStage, { signal, progress }: Context): Promise<void> {
	await messagesHandled();
	if (signal.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
	progress(stage);
}
