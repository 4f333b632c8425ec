/** A mixed head as two networks: what leads from the features to where the branches meet, and from there to the logits. */
import type { ModelMetadata } from '../model';
import { cutGraph } from '../onnx/cutGraph';
import type { OnnxGraph, OnnxModel } from '../onnx/ir';
import { featuresName } from './headTrace';
import { mapValue, mixedInput, type TracedMixing, traceMixing } from './mixedTrace';
import type { Mixing } from './types';

export interface CutHead extends Mixing {
	/** Channels of the features. */
	readonly channels: number;
	/**
	 * Computes the branches that have no output of the network's, and what the layers behind them read beside the
	 * branches. Inputs: `features`, and the picture's where a `beside` value needs it. Undefined where there is nothing
	 * to compute.
	 */
	readonly before: OnnxModel | undefined;
	/** Name of the picture input of `before`; undefined where it has none. */
	readonly picture: string | undefined;
	/** Values that `after` reads beside the branches: what `before` gives, or the features. */
	readonly beside: readonly string[];
	/** Names of the features' value. */
	readonly features: ReadonlySet<string>;
	/** From the branches and `beside` to `logits`. Its inputs are {@link mixedInput} and the names of `beside`. */
	readonly after: OnnxModel;
}

/**
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` where the head is no mixed one or cannot be cut out
 */
export function cutMixedHead(model: OnnxModel, metadata: ModelMetadata, name: string): CutHead {
	const traced = traceMixing(model, metadata, name);
	const { branches, channels, beside, features, parted } = traced;
	const before = networkBefore(model, traced, name);
	const picture = before?.graph.inputs.find((input) => input.name !== featuresName)?.name;
	const after = cutGraph(parted, {
		given: [...branches.map((_, branch) => mapValue(mixedInput(branch))), ...beside.map(mapValue)],
		wanted: [mapValue('logits')],
		name,
	});
	return { branches, channels, readsPicture: picture !== undefined, before, picture, beside, features, after };
}

function networkBefore(
	model: OnnxModel,
	{ branches, beside, features }: TracedMixing,
	name: string,
): OnnxModel | undefined {
	const computed = [
		...branches.filter(({ output }) => output === undefined).map(({ value }) => value),
		...beside,
	].filter((value) => !features.has(value));
	if (computed.length === 0) {
		return undefined;
	}
	const source = { ...model, graph: withFeaturesAsInput(model.graph, features) };
	return cutGraph(source, {
		given: [mapValue(featuresName)],
		wanted: [...new Set(computed)].map(mapValue),
		name,
	});
}

/** What reads the features under any of their names reads the input. */
function withFeaturesAsInput(graph: OnnxGraph, features: ReadonlySet<string>): OnnxGraph {
	return {
		...graph,
		nodes: graph.nodes
			.filter(({ outputs }) => !outputs.includes(featuresName))
			.map((node) => ({ ...node, inputs: node.inputs.map((input) => (features.has(input) ? featuresName : input)) })),
	};
}
