/**
 * DeepLabv2 on VGG-16 (Simonyan and Zisserman, 2014, arXiv 1409.1556): fc6 and fc7 as convolutions; at output stride 8
 * dilated from conv5 on. LargeFOV has one branch, ASPP several.
 */
import type { OnnxModel } from '../ir';
import { type BranchWeights, finishNetwork, type NetworkOptions } from './aspp';
import { LayerBuilder } from './layers';
import { type StageWindow, stageWindows, trainedStride } from './outputStride';
import type { ConvWeights } from './weights';

export interface VggWeights {
	/** The 3x3 convolutions of conv1 … conv5. */
	readonly stages: readonly (readonly ConvWeights[])[];
	/**
	 * 3x3 convolutions of dilation 4 between conv5 and the branches; where there are any, the pools are VGG's own:
	 * 2x2 with stride 2 behind conv1 … conv3, none behind conv4 and conv5.
	 */
	readonly trunk?: readonly ConvWeights[] | undefined;
	/** A dilated 3x3 convolution each (fc6), and 1x1 convolutions behind it (fc7, fc8). */
	readonly branches: readonly BranchWeights[];
}

export interface VggOptions extends NetworkOptions {
	/** Whether pool5a, a 3x3 average over pool5, stands before fc6, as in the first LargeFOV. Default: no. */
	readonly pool5a?: boolean | undefined;
}

/**
 * Input and outputs as of `buildDeepLabResNet`; `features` is pool5 (or pool5a, or the last of the trunk). Widths and
 * classes are the tensors'.
 *
 * Where an output stride above 8 is asked for, pool4 (and pool5) of the released networks take the step. conv5 is then
 * the same at the positions that two grids share; the features are not between 8 and 16, since pool5's window of 3x3
 * cells is not dilated at 8 and covers another area at 16. Without pool5a they are between 16 and 32; with a trunk,
 * which has no such pool, between all.
 *
 * @throws InspectorError `weights.damaged` naming a tensor that does not fit the one before it,
 * `weights.unsupported` for rates or classes that cannot be.
 */
export function buildDeepLabVgg(weights: VggWeights, options: VggOptions): OnnxModel {
	const layers = new LayerBuilder(options.name, options.file, options.foldBatchNorm ?? true);
	const trunk = weights.trunk ?? [];
	const isReleased = trunk.length === 0;
	const [, , , pool4, pool5] = stageWindows(poolSteps, 1, options.outputStride ?? trainedStride) as FivePools;
	let maps = layers.input();
	for (const [index, convs] of weights.stages.entries()) {
		const stage = index + 1;
		for (const [number, conv] of convs.entries()) {
			const dilation = stage === 5 ? pool4.dilation : 1;
			maps = layers.convRelu(`backbone.conv${stage}_${number + 1}`, maps, conv, { kernel: 3, dilation });
		}
		const pool = `backbone.pool${stage}`;
		if (stage <= 3) {
			maps = isReleased
				? layers.ceilMaxPool(pool, maps)
				: layers.maxPool(pool, maps, { kernel: 2, stride: 2, padding: 0 });
			continue;
		}
		const { stride } = stage === 4 ? pool4 : pool5;
		if (isReleased) {
			const output = stage === 5 && !options.pool5a ? 'features' : pool;
			maps = layers.maxPool(pool, maps, { ...sameSize, stride }, output);
		} else if (stride > 1) {
			// A network without this pool skips cells instead of looking for their maximum.
			maps = layers.maxPool(pool, maps, { kernel: 1, stride, padding: 0 });
		}
	}
	if (isReleased && options.pool5a) {
		maps = layers.averagePool('backbone.pool5a', maps, sameSize, 'features');
	}
	for (const [index, conv] of trunk.entries()) {
		const output = index === trunk.length - 1 ? 'features' : undefined;
		maps = layers.convRelu(`backbone.fc${index + 6}`, maps, conv, { kernel: 3, dilation: pool5.dilation }, output);
	}
	return finishNetwork(layers, maps, weights.branches, 'vgg16', options);
}

/** Strides of the classifier's pools. */
const poolSteps = [2, 2, 2, 2, 2] as const;
type FivePools = [StageWindow, StageWindow, StageWindow, StageWindow, StageWindow];

const sameSize = { kernel: 3, stride: 1, padding: 1 } as const;
