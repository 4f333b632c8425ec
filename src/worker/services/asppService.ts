import { readHead } from '../../core/aspp/head';
import { branchOutput, buildHeadModel } from '../../core/aspp/headModel';
import { featuresName } from '../../core/aspp/headTrace';
import { tapPlan } from '../../core/aspp/tapModel';
import type { AsppHead, TapMaps } from '../../core/aspp/types';
import type { ModelMetadata } from '../../core/model';
import { decodeOnnx } from '../../core/onnx/decode';
import { encodeOnnx } from '../../core/onnx/encode';
import type { OnnxModel } from '../../core/onnx/ir';
import { readMetadata } from '../../core/onnx/metadata';
import { InspectorError } from '../../core/problem';
import type { BranchMap, FeatureMap } from '../../core/run';
import type { AsppWorkerMethods } from '../../shared/protocol/aspp';
import type { ModelSource } from '../../shared/protocol/worker';
import { type CallContext, Transferred } from '../../shared/rpc';
import type { Feeds, InferenceEngine, Tensor } from '../engine/engine';
import { ablate, mixedMaps } from './mixedHead';

type Params<M extends keyof AsppWorkerMethods> = AsppWorkerMethods[M]['params'];

/**
 * What the ASPP head of a model is and computes, from the model's bytes and a run's features. Nothing is held between
 * two calls: the small networks that are made of the head are let go as soon as they have run, and the network that
 * pictures go through is not touched.
 */
export class AsppService {
	/** @param createEngine gives an engine of its own. @throws InspectorError `runtime.unavailable` */
	constructor(private readonly createEngine: () => Promise<InferenceEngine>) {}

	/** @throws InspectorError `model.damaged`, or `model.unsupported` where no head is found */
	readHead(source: Params<'readHead'>): AsppHead {
		const { model, metadata } = opened(source);
		return readHead(model, metadata, source.name);
	}

	/**
	 * Every tap of every branch at every cell, by one 1x1 convolution.
	 * @throws InspectorError `model.damaged`, `model.unsupported` where the head is not linear or other features are
	 *   read, or `runtime.*`
	 */
	async tapMaps({ model: source, features }: Params<'tapMaps'>): Promise<Transferred<TapMaps>> {
		const { model, metadata } = opened(source);
		checkChannels(readHead(model, metadata, source.name), features, source.name);
		const plan = tapPlan(model, metadata, source.name);
		const { taps } = await this.runOnce(encodeOnnx(plan.model), source.name, features, ['taps']);
		const maps = plan.maps(taps!.data, features.height, features.width);
		return new Transferred(maps, wholeBuffers([maps.taps, maps.bias]));
	}

	/**
	 * The head alone at other dilation rates.
	 * @returns a map a branch, in the head's order; undefined for one that is left out
	 * @throws InspectorError as {@link tapMaps}, for heads of any kind
	 */
	async runHead({
		model: source,
		features,
		rates,
	}: Params<'runHead'>): Promise<Transferred<readonly (BranchMap | undefined)[]>> {
		const { model, metadata } = opened(source);
		checkChannels(readHead(model, metadata, source.name), features, source.name);
		const bytes = encodeOnnx(buildHeadModel(model, metadata, rates, source.name));
		const names = rates.map((_, branch) => branchOutput(branch));
		const wanted = names.filter((_, branch) => rates[branch] !== undefined);
		const outputs = await this.runOnce(bytes, source.name, features, wanted);
		const maps = rates.map((rate, branch): BranchMap | undefined => {
			const tensor = outputs[names[branch]!];
			if (rate === undefined || !tensor) {
				return undefined;
			}
			const { dims, data } = tensor;
			return { rate, channels: dims[1]!, height: dims[2]!, width: dims[3]!, data };
		});
		return new Transferred(maps, wholeBuffers(maps.flatMap((map) => (map ? [map.data] : []))));
	}

	/** Maps of a mixed head that the network has no output for. @throws InspectorError as {@link tapMaps} */
	async mixedMaps({
		model: source,
		...params
	}: Params<'mixedMaps'>): Promise<Transferred<readonly (FeatureMap | undefined)[]>> {
		const maps = await this.withEngine((engine) => mixedMaps({ ...opened(source), name: source.name }, params, engine));
		return new Transferred(maps, wholeBuffers(maps.flatMap((map) => (map ? [map.data] : []))));
	}

	/** The logits of some of a mixed head's maps. @throws InspectorError as {@link tapMaps}, or `cancelled` */
	async ablate(
		{ model: source, ...params }: Params<'ablate'>,
		context: CallContext<number>,
	): Promise<Transferred<readonly FeatureMap[]>> {
		const logits = await this.withEngine((engine) =>
			ablate({ ...opened(source), name: source.name }, params, engine, context),
		);
		return new Transferred(logits, wholeBuffers(logits.map(({ data }) => data)));
	}

	/** Loads a network, runs it over a run's features, and lets it go. */
	private async runOnce(
		bytes: Uint8Array,
		name: string,
		{ channels, height, width, data }: FeatureMap,
		outputs: readonly string[],
	): Promise<Readonly<Record<string, Tensor>>> {
		return await this.withEngine(async (engine) => {
			await engine.load(bytes, name);
			const feeds: Feeds = { [featuresName]: { dims: [1, channels, height, width], data } };
			return await engine.run(feeds, outputs);
		});
	}

	private async withEngine<T>(work: (engine: InferenceEngine) => Promise<T>): Promise<T> {
		const engine = await this.createEngine();
		try {
			return await work(engine);
		} finally {
			await engine.unload();
		}
	}
}

function opened({ name, bytes }: ModelSource): { readonly model: OnnxModel; readonly metadata: ModelMetadata } {
	if (!bytes) {
		throw new InspectorError({ code: 'internal', detail: `the bytes of ${name} are missing` });
	}
	const model = decodeOnnx(bytes, name);
	return { model, metadata: readMetadata(model, name) };
}

function checkChannels({ channels }: AsppHead, features: FeatureMap, name: string): void {
	if (features.channels !== channels) {
		const detail = `its head reads ${channels} channels, the features have ${features.channels}`;
		throw new InspectorError({ code: 'model.unsupported', name, detail });
	}
}

/** Buffers that belong to these arrays alone; a view of a part of one is left to be copied. */
function wholeBuffers(arrays: readonly Float32Array[]): ArrayBuffer[] {
	const whole = arrays.map(({ buffer, byteLength }) =>
		buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : undefined,
	);
	return [...new Set(whole)].filter((buffer) => buffer !== undefined);
}
