import { describe, expect, it } from 'vitest';
import { describeNetwork } from '../../../../src/core/onnx/describe';
import { GraphBuilder } from '../../../../src/core/onnx/graphBuilder';
import { liveMapBytes } from '../../../../src/core/onnx/liveMaps';
import { buildRandomNetwork } from '../../../../src/core/onnx/networks/randomWeights';
import { summarizeModel } from '../../../../src/core/onnx/summary';

const weight = (outputs: number, inputs: number) => ({
	shape: [outputs, inputs, 1, 1],
	data: new Float32Array(outputs * inputs),
});

describe('maps that are alive at once', () => {
	it('are counted by hand', () => {
		const graph = new GraphBuilder('g');
		const input = graph.input('input', [1, 3, 'height', 'width']);
		const wide = graph.conv('wide', input, { weight: weight(8, 3) });
		const relu = graph.relu('relu', wide);
		const narrow = graph.conv('narrow', relu, { weight: weight(2, 8) });
		const skip = graph.conv('skip', relu, { weight: weight(2, 8) });
		graph.output(graph.add('sum', narrow, skip), [1, 2, 'height', 'width']);
		// 10 x 5 cells: the ReLU writes over what it reads; at `skip` 8 maps of the ReLU, 2 of `narrow` and 2 of its own.
		expect(liveMapBytes(graph.build(), [10, 5])).toBe(4 * 50 * 12);
	});

	it('are not told where a shape is not', () => {
		const graph = new GraphBuilder('g');
		const input = graph.input('input', [1, 3, 'height', 'width']);
		graph.output(graph.node('odd', 'NonZero', [input], {}), ['any']);
		expect(liveMapBytes(graph.build(), [10, 5])).toBeUndefined();
	});

	it('of outputs are kept to the end', () => {
		const graph = new GraphBuilder('g');
		const input = graph.input('input', [1, 3, 'height', 'width']);
		const first = graph.conv('first', input, { weight: weight(8, 3) });
		graph.output(first, [1, 8, 'height', 'width']);
		graph.output(graph.conv('second', first, { weight: weight(1, 8) }), [1, 1, 'height', 'width']);
		expect(liveMapBytes(graph.build(), [10, 5])).toBe(4 * 50 * (8 + 3));
	});
});

describe('a model in a few words', () => {
	it('has what lists show, and needs less memory at a larger output stride', () => {
		const at = (outputStride: 8 | 16) => {
			const network = { classes: 19, width: 1 / 16, seed: 1 };
			const model = buildRandomNetwork('resnet101', 'aspp-l', network, { name: 'n', outputStride });
			return summarizeModel(model, 700_000, 'n');
		};
		expect(at(8)).toMatchObject({
			name: 'n',
			backbone: 'resnet101',
			outputStride: 8,
			rates: [6, 12, 18, 24],
			classes: 19,
			classSet: undefined,
		});
		expect(at(16)).toMatchObject({ outputStride: 16, rates: [3, 6, 9, 12], memory: { inputSize: [513, 513] } });
		expect(at(16).memory!.bytes).toBeLessThan(at(8).memory!.bytes);
	});

	it.each([
		[{ inputSize: [129, 257] }, [129, 257]],
		[{ longestSide: 1024, padMultiple: 32, padRemainder: 0 }, [1024, 1024]],
		[{ longestSide: 1024 }, [1025, 1025]],
	] as const)('is judged at its own size: %j', (preprocessing, inputSize) => {
		const network = { classes: 3, width: 1 / 16, seed: 1 };
		const model = buildRandomNetwork('resnet101', 'aspp-l', network, { name: 'n', preprocessing });
		const { memory } = summarizeModel(model, 0, 'n');
		expect(memory).toEqual({ inputSize, bytes: 150e6 + liveMapBytes(model.graph, inputSize)! });
		expect(describeNetwork(model, 0, 'n').inputSize).toEqual(inputSize);
	});
});
