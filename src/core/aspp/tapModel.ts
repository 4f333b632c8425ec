import type { ModelMetadata } from '../model';
import { builderOpset, GraphBuilder } from '../onnx/graphBuilder';
import { floatsOf, type OnnxModel } from '../onnx/ir';
import { InspectorError } from '../problem';
import { isLinear } from './head';
import { featuresName, type TracedBranch, traceHead } from './headTrace';
import { type TapMaps, tapCount } from './types';

/** How to compute the tap maps of a head: one 1x1 convolution of the features. */
export interface TapPlan {
	/** Input `features`, 1 x channels x H x W; output `taps`, 1 x (branches * 9 * classes) x H x W. H and W are free. */
	readonly model: OnnxModel;
	/**
	 * @param output The model's output for one picture, taken as it is and not copied.
	 * @param height Of the grid, in cells; `width` likewise.
	 */
	maps(output: Float32Array, height: number, width: number): TapMaps;
}

/**
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` where there is no head, or one whose branches are not linear.
 */
export function tapPlan(model: OnnxModel, metadata: ModelMetadata, name: string): TapPlan {
	const { branches, classes, channels } = traceHead(model, metadata, name);
	const bent = branches.find((branch) => !isLinear(branch));
	if (bent) {
		const detail = `branch “${bent.output}” is more than one float32 convolution, so it has no tap maps`;
		throw new InspectorError({ code: 'model.unsupported', name, detail });
	}
	const trainedRates = branches.map(({ rate }) => rate);
	const bias = new Float32Array(branches.length * classes);
	for (const [index, branch] of branches.entries()) {
		bias.set((branch.bias && floatsOf(branch.bias)) ?? [], index * classes);
	}
	return {
		model: buildModel(branches, classes, channels, model.irVersion),
		maps: (taps, height, width) => ({ trainedRates, classes, height, width, taps, bias }),
	};
}

function buildModel(
	branches: readonly TracedBranch[],
	classes: number,
	channels: number,
	irVersion: number,
): OnnxModel {
	const outputs = branches.length * tapCount * classes;
	const data = new Float32Array(outputs * channels);
	for (const [index, { weight }] of branches.entries()) {
		rearrange(floatsOf(weight)!, classes, channels, data.subarray(index * tapCount * classes * channels));
	}
	const builder = new GraphBuilder('taps');
	const features = builder.input(featuresName, [1, channels, 'grid_height', 'grid_width']);
	const taps = builder.conv('taps', features, { weight: { shape: [outputs, channels, 1, 1], data } });
	builder.output(taps, [1, outputs, 'grid_height', 'grid_width']);
	return { irVersion, opset: builderOpset, producer: 'DeepLab Inspector', graph: builder.build(), metadata: {} };
}

/** From classes x channels x 9 to 9 x classes x channels. */
function rearrange(weight: Float32Array, classes: number, channels: number, to: Float32Array): void {
	for (let label = 0; label < classes; label++) {
		for (let channel = 0; channel < channels; channel++) {
			const from = (label * channels + channel) * tapCount;
			for (let tap = 0; tap < tapCount; tap++) {
				to[(tap * classes + label) * channels + channel] = weight[from + tap]!;
			}
		}
	}
}
