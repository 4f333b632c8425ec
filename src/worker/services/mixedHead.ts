/** Runs a mixed head in two parts: what leads to where its branches meet, and the layers behind. */
import { featuresName } from '../../core/aspp/headTrace';
import { type CutHead, cutMixedHead } from '../../core/aspp/mixedModels';
import { mixedInput } from '../../core/aspp/mixedTrace';
import type { ModelMetadata } from '../../core/model';
import { encodeOnnx } from '../../core/onnx/encode';
import type { OnnxModel } from '../../core/onnx/ir';
import { InspectorError } from '../../core/problem';
import type { FeatureMap } from '../../core/run';
import type { AblationParams, MixedHeadParams } from '../../shared/protocol/aspp';
import type { CallContext } from '../../shared/rpc';
import type { Feeds, InferenceEngine, Tensor } from '../engine/engine';
import { networkInput } from '../engine/networkInput';
import { messagesHandled } from '../messages';

export interface OpenedModel {
	readonly model: OnnxModel;
	readonly metadata: ModelMetadata;
	/** The file's name, for errors. */
	readonly name: string;
}

/**
 * The maps of the branches that the network has no output for; undefined for those it has.
 * @throws InspectorError `model.unsupported` where the head is no mixed one, or `runtime.*`
 */
export async function mixedMaps(
	opened: OpenedModel,
	params: Omit<MixedHeadParams, 'model'>,
	engine: InferenceEngine,
): Promise<readonly (FeatureMap | undefined)[]> {
	const head = cutHead(opened, params);
	const values = head.branches.map(({ output, value }) => (output === undefined ? value : undefined));
	const found = await runBefore(head, opened.name, params, engine, values);
	return values.map((value) => (value === undefined ? undefined : mapOf(found(value), opened.name, value)));
}

/**
 * The network's logits with some of the branches' maps set to zero, by the layers behind them alone.
 * @returns one a row of `on`
 * @throws InspectorError as {@link mixedMaps}, or `cancelled` between two rows
 */
export async function ablate(
	opened: OpenedModel,
	params: Omit<AblationParams, 'model'>,
	engine: InferenceEngine,
	{ signal, progress }: CallContext<number>,
): Promise<readonly FeatureMap[]> {
	const head = cutHead(opened, params);
	const { maps, on } = params;
	if (maps.length !== head.branches.length || on.some((row) => row.length !== maps.length)) {
		throw new InspectorError({ code: 'internal', detail: `${maps.length} maps for ${head.branches.length} branches` });
	}
	const beside = await runBefore(head, opened.name, params, engine, head.beside);
	await engine.load(encodeOnnx(head.after), opened.name);
	const zeros = maps.map(({ data }) => new Float32Array(data.length));
	const logits: FeatureMap[] = [];
	for (const row of on) {
		await messagesHandled();
		if (signal.aborted) {
			throw new InspectorError({ code: 'cancelled' });
		}
		const feeds: Record<string, Tensor> = Object.fromEntries(head.beside.map((value) => [value, beside(value)]));
		for (const [branch, map] of maps.entries()) {
			feeds[mixedInput(branch)] = { ...tensorOf(map), data: row[branch] ? map.data : zeros[branch]! };
		}
		const { logits: found } = await engine.run(feeds, ['logits']);
		logits.push(mapOf(found!, opened.name, 'logits'));
		progress(logits.length);
	}
	return logits;
}

function cutHead({ model, metadata, name }: OpenedModel, { features }: Omit<MixedHeadParams, 'model'>): CutHead {
	const head = cutMixedHead(model, metadata, name);
	if (features.channels !== head.channels) {
		const detail = `its head reads ${head.channels} channels, the features have ${features.channels}`;
		throw new InspectorError({ code: 'model.unsupported', name, detail });
	}
	return head;
}

/** @returns the wanted values of the part before the meeting, by their names; features are there without a run */
async function runBefore(
	{ before, picture: pictureInput, features: names }: CutHead,
	name: string,
	{ features, picture }: Omit<MixedHeadParams, 'model'>,
	engine: InferenceEngine,
	values: readonly (string | undefined)[],
): Promise<(value: string) => Tensor> {
	const wanted = values.filter((value) => value !== undefined && !names.has(value)) as string[];
	let found: Readonly<Record<string, Tensor>> = {};
	if (before && wanted.length > 0) {
		const feeds: Record<string, Tensor> = { [featuresName]: tensorOf(features) };
		if (pictureInput !== undefined) {
			if (!picture) {
				throw new InspectorError({ code: 'internal', detail: 'the layers behind the branches read the picture' });
			}
			const { rgb, geometry, preprocessing } = picture;
			const data = networkInput(rgb, geometry, preprocessing);
			feeds[pictureInput] = { dims: [1, 3, geometry.inputHeight, geometry.inputWidth], data };
		}
		await engine.load(encodeOnnx(before), name);
		found = await engine.run(feedsOf(before, feeds), wanted);
	}
	return (value) => (names.has(value) ? tensorOf(features) : found[value]!);
}

/** Without those that the network does not take. */
function feedsOf({ graph }: OnnxModel, feeds: Feeds): Feeds {
	const read = new Set(graph.nodes.flatMap((node) => node.inputs));
	return Object.fromEntries(Object.entries(feeds).filter(([input]) => read.has(input)));
}

function tensorOf({ channels, height, width, data }: FeatureMap): Tensor {
	return { dims: [1, channels, height, width], data };
}

function mapOf({ dims, data }: Tensor, name: string, value: string): FeatureMap {
	const [batch, channels, height, width, ...more] = dims;
	if (batch !== 1 || more.length > 0 || channels === undefined || height === undefined || width === undefined) {
		const detail = `“${value}” is ${dims.join('x')}, not 1 x channels x height x width`;
		throw new InspectorError({ code: 'model.unsupported', name, detail });
	}
	return { channels, height, width, data };
}
