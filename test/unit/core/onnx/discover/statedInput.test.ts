import { describe, expect, it } from 'vitest';
import { adoptModel } from '../../../../../src/core/onnx/discover/adopt';
import { GraphBuilder } from '../../../../../src/core/onnx/graphBuilder';
import type { OnnxModel } from '../../../../../src/core/onnx/ir';
import { Noise } from '../../aspp/noise';

type Operation = readonly [operator: 'Add' | 'Sub' | 'Mul' | 'Div', by: readonly number[], swapped?: 'swapped'];

/** A convolution behind operations on the picture. */
function network(operations: readonly Operation[], metadata: Record<string, string> = {}): OnnxModel {
	const builder = new GraphBuilder('main');
	let value = builder.input('image', ['batch', 3, 'height', 'width']);
	for (const [index, [operator, by, swapped]] of operations.entries()) {
		const shape = by.length === 1 ? [] : [1, by.length, 1, 1];
		const constant = builder.constant(`by${index}`, { shape, data: Float32Array.from(by) });
		value = builder.node(`scale${index}`, operator, swapped ? [constant, value] : [value, constant], {});
	}
	const weight = new Noise(1).tensor(4, 3, 3, 3);
	builder.output(builder.conv('classifier', value, { weight, padding: 1 }), [null, 4, null, null]);
	return { irVersion: 8, opset: 17, producer: 'other', graph: builder.build(), metadata };
}

const stated = (model: OnnxModel) => adoptModel(model, 'm').report.stated;

describe('what a file says of its input', () => {
	it.each<readonly [string, readonly Operation[], string | undefined]>([
		['nothing', [], undefined],
		['a mean of 0…255', [['Sub', [104.008, 116.669, 122.675]]], 'none'],
		['0…255 to 0…1', [['Div', [255]]], 'none'],
		['the same as a product', [['Mul', [1 / 255], 'swapped']], 'none'],
		[
			'ImageNet’s numbers for 0…1',
			[
				['Sub', [0.485, 0.456, 0.406]],
				['Div', [0.229, 0.224, 0.225]],
			],
			'unit',
		],
		[
			'0…1 to −1…1',
			[
				['Mul', [2]],
				['Add', [-1], 'swapped'],
			],
			'unit',
		],
		[
			'0…255 to 0…1 to −1…1',
			[
				['Div', [255]],
				['Sub', [0.5]],
				['Div', [0.5]],
			],
			'none',
		],
		['a scale of one', [['Mul', [1]]], undefined],
		['a constant minus the picture', [['Sub', [255], 'swapped']], undefined],
	])('by its first nodes: %s', (_, operations, values) => {
		expect(stated(network(operations))).toEqual({ channelOrder: undefined, values });
	});

	it.each([
		['Bgr8', 'NominalRange_0_255', 'BGR', 'none'],
		['Rgb8', 'Normalized_0_1', 'RGB', 'unit'],
		['Rgb8', 'Normalized_1_1', 'RGB', 'symmetric'],
		['Gray8', 'NominalRange_16_235', undefined, undefined],
	])('by its metadata: %s, %s', (format, range, channelOrder, values) => {
		const metadata = { 'Image.BitmapPixelFormat': format, 'Image.NominalPixelRange': range };
		expect(stated(network([], metadata))).toEqual({ channelOrder, values });
	});

	it('is not taken unasked', () => {
		const { metadata } = adoptModel(network([['Div', [255]]]), 'm').report;
		expect(metadata.preprocessing.std).toEqual([58.395, 57.12, 57.375]);
	});
});
