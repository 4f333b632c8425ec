import { type FloatTensor, GraphBuilder } from '../../../../src/core/onnx/graphBuilder';
import type { OnnxModel } from '../../../../src/core/onnx/ir';
import { writeMetadata } from '../../../../src/core/onnx/metadata';

export const sampleMetadata = {
	name: 'sample',
	family: 'deeplabv2',
	backbone: 'none',
	outputStride: 2,
	preprocessing: {
		channelOrder: 'RGB',
		mean: [1, 2, 3],
		std: [4, 5, 6],
		padValue: [7, 8, 9],
		longestSide: 64,
		padMultiple: 2,
		alignCorners: true,
	},
	classes: [
		{ name: 'background', color: [0, 0, 0] },
		{ name: 'cat', color: [64, 0, 0] },
	],
	ignoreLabel: 255,
	branches: [
		{ rate: 6, output: 'aspp.6' },
		{ rate: 12, output: 'aspp.12' },
	],
	linearHead: true,
} as const;

export function ramp(...shape: number[]): FloatTensor {
	const count = shape.reduce((product, size) => product * size, 1);
	return { shape, data: Float32Array.from({ length: count }, (_, index) => index / 8 - 1) };
}

/** A whole DeepLabv2 in 2 kB: stem, residual block, two branches, their sum. */
export function sampleModel(): OnnxModel {
	const builder = new GraphBuilder('sample');
	const input = builder.input('input', [1, 3, 'height', 'width']);
	let value = builder.conv('stem.conv', input, { weight: ramp(4, 3, 3, 3), bias: ramp(4), stride: 2, padding: 1 });
	value = builder.clip('stem.conv.relu6', value, 0, 6);
	const inner = builder.conv('block.depthwise', value, { weight: ramp(4, 1, 3, 3), padding: 1, groups: 4 });
	value = builder.relu('features', builder.add('block.add', value, inner));
	const branches = [6, 12].map((rate) => {
		const weights = { weight: ramp(2, 4, 3, 3), bias: ramp(2), padding: rate, dilation: rate };
		return builder.conv(`aspp.${rate}`, value, weights);
	});
	const logits = builder.sum('logits', branches);
	for (const output of [value, ...branches, logits]) {
		builder.output(output, [1, output === value ? 4 : 2, 'grid_height', 'grid_width']);
	}
	return { irVersion: 8, opset: 17, producer: 'test', graph: builder.build(), metadata: writeMetadata(sampleMetadata) };
}
