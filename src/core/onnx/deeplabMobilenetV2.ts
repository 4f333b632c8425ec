/** DeepLabv2 on MobileNetV2 (Sandler et al., 2018) with batch norm folded into the convolutions. */
import type { Tensor } from '../checkpoint/tensor';
import type { ModelMetadata } from '../model';
import { vocPalette } from '../palettes';
import { InspectorError } from '../problem';
import type { Architecture, BlockArchitecture } from './architecture';
import { builderIrVersion, builderOpset, type FloatTensor, GraphBuilder } from './graphBuilder';
import type { OnnxModel } from './ir';
import { writeMetadata } from './metadata';

/**
 * Input `input`: 1 x 3 x H x W float32, H and W free. Outputs, in this order: `features` (what the branches
 * take), `aspp.<rate>` a branch (1 x classes x grid height x grid width) and `logits`, their sum.
 *
 * @param weights Every tensor that the architecture names, and no other; float32. They are not copied.
 * @param name The weights' file name, for errors.
 * @throws InspectorError `weights.damaged` naming a tensor that is missing, of a wrong shape or left over.
 */
export function buildDeepLabMobileNetV2(
	architecture: Architecture,
	weights: ReadonlyMap<string, Tensor>,
	name: string = architecture.name,
): OnnxModel {
	const taker = new WeightTaker(weights, name);
	const builder = new GraphBuilder(architecture.name);
	let value = builder.input('input', [1, 3, 'height', 'width']);

	const { stem } = architecture;
	const stemChannels = architecture.blocks[0]!.inputChannels;
	const stemWeights = taker.conv('backbone.stem', [stemChannels, 3, stem.kernel, stem.kernel]);
	value = builder.conv('backbone.stem.conv', value, { ...stem, ...stemWeights }, 'backbone.stem');
	value = relu6(builder, 'backbone.stem.conv', value);
	for (const block of architecture.blocks) {
		value = buildBlock(builder, taker, block, value);
	}

	let channels = architecture.neckChannels[0]!;
	const widths = architecture.neckChannels.slice(1);
	for (const [index, width] of widths.entries()) {
		const layer = `neck.${index}`;
		value = builder.conv(layer, value, taker.conv(layer, [width, channels, 1, 1]));
		value = builder.relu(`${layer}.relu`, value, index === widths.length - 1 ? 'features' : undefined);
		channels = width;
	}

	const classCount = architecture.classes.length;
	const kernel = architecture.headKernel;
	const branches = architecture.rates.map((rate) => {
		const layer = `aspp.${rate}`;
		const tensors = taker.conv(layer, [classCount, channels, kernel, kernel]);
		const output = builder.conv(layer, value, { ...tensors, padding: rate, dilation: rate });
		return { rate, output };
	});
	const outputs = branches.map((branch) => branch.output);
	const logits = builder.sum('logits', outputs);
	builder.output(value, [1, channels, 'grid_height', 'grid_width']);
	for (const output of [...outputs, logits]) {
		builder.output(output, [1, classCount, 'grid_height', 'grid_width']);
	}
	taker.finish();

	const palette = vocPalette(classCount);
	const metadata: ModelMetadata = {
		name: architecture.name,
		family: architecture.family,
		backbone: architecture.backbone,
		outputStride: architecture.outputStride,
		preprocessing: architecture.preprocessing,
		classes: architecture.classes.map((className, label) => ({ name: className, color: palette[label]! })),
		ignoreLabel: architecture.ignoreLabel,
		branches,
		linearHead: true,
	};
	return {
		irVersion: builderIrVersion,
		opset: builderOpset,
		producer: 'DeepLab Inspector',
		graph: builder.build(),
		metadata: writeMetadata(metadata),
	};
}

/** Expand (1x1), depthwise (3x3), project (1x1, no activation), and the block's input added to it. */
function buildBlock(builder: GraphBuilder, taker: WeightTaker, block: BlockArchitecture, input: string): string {
	const { name, inputChannels, hiddenChannels, outputChannels, stride, dilation, padding } = block;
	let value = input;
	if (block.expand) {
		const layer = `${name}.expand`;
		value = builder.conv(layer, value, taker.conv(layer, [hiddenChannels, inputChannels, 1, 1]));
		value = relu6(builder, layer, value);
	}
	const depthwise = `${name}.depthwise`;
	const tensors = taker.conv(depthwise, [hiddenChannels, 1, 3, 3]);
	value = builder.conv(depthwise, value, { ...tensors, stride, dilation, padding, groups: hiddenChannels });
	value = relu6(builder, depthwise, value);
	const project = `${name}.project`;
	value = builder.conv(project, value, taker.conv(project, [outputChannels, hiddenChannels, 1, 1]));
	return block.residual ? builder.add(`${name}.add`, input, value) : value;
}

function relu6(builder: GraphBuilder, layer: string, input: string): string {
	return builder.clip(`${layer}.relu6`, input, 0, 6);
}

/** Hands out each tensor once and tells which are missing or left over. */
class WeightTaker {
	readonly #left: Set<string>;

	constructor(
		private readonly weights: ReadonlyMap<string, Tensor>,
		private readonly fileName: string,
	) {
		this.#left = new Set(weights.keys());
	}

	/** Weight and bias of a convolution. */
	conv(layer: string, shape: readonly number[]): { weight: FloatTensor; bias: FloatTensor } {
		return { weight: this.#take(`${layer}.weight`, shape), bias: this.#take(`${layer}.bias`, [shape[0]!]) };
	}

	finish(): void {
		const [first] = this.#left;
		if (first !== undefined) {
			throw this.#damaged(`tensor “${first}” belongs to no layer of the architecture (${this.#left.size} such)`);
		}
	}

	#take(name: string, shape: readonly number[]): FloatTensor {
		const tensor = this.weights.get(name);
		if (!tensor) {
			throw this.#damaged(`tensor “${name}” is missing`);
		}
		if (tensor.shape.join('x') !== shape.join('x')) {
			throw this.#damaged(`tensor “${name}” is ${tensor.shape.join('x')} instead of ${shape.join('x')}`);
		}
		if (!(tensor.data instanceof Float32Array)) {
			throw this.#damaged(`tensor “${name}” is not of a float32 type`);
		}
		this.#left.delete(name);
		return { shape, data: tensor.data };
	}

	#damaged(detail: string): InspectorError {
		return new InspectorError({ code: 'weights.damaged', name: this.fileName, detail });
	}
}
