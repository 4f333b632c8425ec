/**
 * DeepLabv2 on ResNet (He et al., 2015, arXiv 1512.03385) as it was released: the strides on the first 1x1 convolution
 * of a stage, linear branches; at output stride 8 dilation 2 and 4 in the last two stages.
 */
import type { OnnxModel } from '../ir';
import { type BranchWeights, finishNetwork, type NetworkOptions } from './aspp';
import { LayerBuilder, type Maps } from './layers';
import { stageWindows, trainedStride } from './outputStride';
import type { ConvWeights } from './weights';

/** 1x1, 3x3 and 1x1 convolution, and the shortcut's 1x1 where the channels change. */
export interface BottleneckWeights {
	readonly reduce: ConvWeights;
	readonly conv3x3: ConvWeights;
	readonly increase: ConvWeights;
	readonly shortcut: ConvWeights | undefined;
}

export interface ResNetWeights {
	/** 7x7. */
	readonly stem: ConvWeights;
	/** The blocks of res2 … res5. */
	readonly stages: readonly (readonly BottleneckWeights[])[];
	readonly branches: readonly BranchWeights[];
}

/** Strides of res2 … res5 in the classifier, behind conv1 and pool1. */
const stageSteps = [1, 2, 2, 2] as const;
const stemStride = 4;

/**
 * Input `input`: 1 x 3 x H x W float32, H and W free. Outputs, in this order: `features` (what the branches take),
 * `aspp.<rate>` a branch (1 x classes x grid height x grid width) and `logits`, their sum. Widths, depth and classes
 * are the tensors'.
 *
 * As strides stand on 1x1 convolutions, all that follows a step reads only positions that the coarser grid has too: at
 * those positions the features of all output strides are the same numbers, for any input size.
 *
 * @throws InspectorError `weights.damaged` naming a tensor that does not fit the one before it,
 * `weights.unsupported` for rates or classes that cannot be.
 */
export function buildDeepLabResNet(weights: ResNetWeights, options: NetworkOptions): OnnxModel {
	const layers = new LayerBuilder(options.name, options.file, options.foldBatchNorm ?? true);
	let maps = layers.convRelu('backbone.conv1', layers.input(), weights.stem, { kernel: 7, stride: 2 });
	maps = layers.ceilMaxPool('backbone.pool1', maps);
	const windows = stageWindows(stageSteps, stemStride, options.outputStride ?? trainedStride);
	for (const [index, { stride, dilation }] of windows.entries()) {
		const blocks = weights.stages[index] ?? [];
		for (const [number, block] of blocks.entries()) {
			const isLast = index === windows.length - 1 && number === blocks.length - 1;
			maps = bottleneck(layers, `backbone.res${index + 2}.block${number + 1}`, maps, block, {
				stride: number === 0 ? stride : 1,
				dilation,
				output: isLast ? 'features' : undefined,
			});
		}
	}
	return finishNetwork(layers, maps, weights.branches, resNetName(weights), options);
}

/** `resnet101` for the depth that is counted in the literature: convolutions on the longest path and one classifier. */
export function resNetName({ stages }: ResNetWeights): string {
	return `resnet${3 * stages.reduce((sum, blocks) => sum + blocks.length, 0) + 2}`;
}

function bottleneck(
	layers: LayerBuilder,
	name: string,
	input: Maps,
	block: BottleneckWeights,
	{ stride, dilation, output }: { stride: number; dilation: number; output: string | undefined },
): Maps {
	const shortcut = block.shortcut
		? layers.conv(`${name}.shortcut`, input, block.shortcut, { kernel: 1, stride })
		: input;
	let maps = layers.convRelu(`${name}.reduce`, input, block.reduce, { kernel: 1, stride });
	maps = layers.convRelu(`${name}.conv3x3`, maps, block.conv3x3, { kernel: 3, dilation });
	maps = layers.conv(`${name}.increase`, maps, block.increase, { kernel: 1 });
	return layers.relu(`${name}.relu`, layers.add(`${name}.add`, shortcut, maps, block.increase), output);
}
