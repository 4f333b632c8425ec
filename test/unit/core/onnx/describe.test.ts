import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NetworkNode } from '../../../../src/core/model';
import { buildModelFile } from '../../../../src/core/onnx/buildModelFile';
import { decodeOnnx } from '../../../../src/core/onnx/decode';
import { describeNetwork } from '../../../../src/core/onnx/describe';
import { GraphBuilder } from '../../../../src/core/onnx/graphBuilder';
import type { OnnxGraph } from '../../../../src/core/onnx/ir';
import { inferShapes } from '../../../../src/core/onnx/shapes';
import { ramp, sampleMetadata, sampleModel } from './sampleModel';

const bundled = () =>
	buildModelFile(
		JSON.parse(readFileSync(path.resolve('models/architecture.json'), 'utf8')),
		readFileSync(path.resolve('models/deeplabv2-mobilenetv2-voc.safetensors')),
		'weights',
	).bytes;

function find(nodes: readonly NetworkNode[], dotted: string): NetworkNode | undefined {
	for (const node of nodes) {
		const found = node.path === dotted ? node : find(node.children, dotted);
		if (found) {
			return found;
		}
	}
	return undefined;
}

const names = (nodes: readonly NetworkNode[] | undefined) => nodes?.map((node) => node.name);

describe('the bundled network, described', () => {
	const bytes = bundled();
	const { tree, ...description } = describeNetwork(decodeOnnx(bytes, 'model.onnx'), bytes.length, 'model.onnx');

	it('has the card’s totals', () => {
		expect(description).toMatchObject({ parameters: 2_137_524, bytes: bytes.length, inputSize: [513, 513], opset: 17 });
	});

	it('is grouped by stage, without lines for activations', () => {
		expect(names(tree)).toEqual(['backbone', 'neck', 'aspp', 'logits']);
		expect(names(tree[0]?.children)).toEqual(['stem', ...Array.from({ length: 17 }, (_, index) => `block${index}`)]);
		expect(names(find(tree, 'backbone.stem')?.children)).toEqual(['conv']);
		expect(names(find(tree, 'backbone.block0')?.children)).toEqual(['depthwise', 'project']);
		expect(names(find(tree, 'backbone.block4')?.children)).toEqual(['expand', 'depthwise', 'project', 'add']);
		expect(names(find(tree, 'neck')?.children)).toEqual(['0', '1']);
		expect(names(find(tree, 'aspp')?.children)).toEqual(['6', '12', '18', '24']);
	});

	it('gives shapes at 513, windows, parameters and receptive fields', () => {
		// Parameters: 256 * 21 * 9 + 21. Receptive field of a branch: its input's + 2 * rate * 8.
		const before = find(tree, 'neck')!.receptiveField!.size[0];
		expect(find(tree, 'aspp.12')).toMatchObject({
			operator: 'Conv',
			outputShape: [21, 65, 65],
			parameters: 48_405,
			kernel: [3, 3],
			stride: [1, 1],
			padding: [12, 12, 12, 12],
			dilation: [12, 12],
			groups: 1,
			receptiveField: { size: [before + 192, before + 192], stride: [8, 8] },
		});
		expect(find(tree, 'backbone.block14.depthwise')).toMatchObject({ groups: 960, dilation: [4, 4], parameters: 9600 });
		expect(find(tree, 'backbone.stem')).toMatchObject({ outputShape: [32, 257, 257], parameters: 896 });
		expect(find(tree, 'logits')).toMatchObject({ operator: 'Sum', outputShape: [21, 65, 65], parameters: 0 });
	});

	it('takes a group’s shape and receptive field from its last layer', () => {
		const last = find(tree, 'backbone.block16.project')!;
		expect(find(tree, 'backbone')).toMatchObject({
			outputShape: last.outputShape,
			receptiveField: last.receptiveField,
		});
		expect(find(tree, 'backbone')!.operator).toBeUndefined();
	});

	it('follows the size asked for', () => {
		const small = describeNetwork(decodeOnnx(bytes, 'm'), 0, 'm', [321, 241]);
		expect(small.inputSize).toEqual([321, 241]);
		expect(find(small.tree, 'logits')?.outputShape).toEqual([21, 41, 31]);
	});
});

describe('names', () => {
	it('stay unique where a file repeats them, and slashes group too', () => {
		const model = sampleModel();
		const nodes = model.graph.nodes.map((node) => ({ ...node, name: '/layer/conv' }));
		const { tree } = describeNetwork({ ...model, graph: { ...model.graph, nodes } }, 0, 'm');
		expect(names(tree)).toEqual(['layer']);
		expect(names(tree[0]?.children)).toEqual(['conv', 'conv#2', 'conv#3', 'conv#4', 'conv#5', 'conv#6']);
		expect(tree[0]?.children[1]?.path).toBe('layer.conv#2');
	});

	it('fall back to the value that the node makes', () => {
		const model = sampleModel();
		const nodes = model.graph.nodes.map((node) => ({ ...node, name: '' }));
		const { tree, metadata } = describeNetwork({ ...model, graph: { ...model.graph, nodes } }, 0, 'm');
		expect(names(tree)).toEqual(['stem', 'block', 'aspp', 'logits']);
		expect(metadata).toEqual(sampleMetadata);
	});
});

describe('shape inference', () => {
	function shapeAfter(build: (builder: GraphBuilder, input: string) => string, size: [number, number] = [10, 12]) {
		const builder = new GraphBuilder('test');
		const output = build(builder, builder.input('input', ['batch', 3, 'h', 'w']));
		return inferShapes(builder.build(), size).get(output);
	}

	it('knows pooling with explicit pads and the ceil mode it replaces', () => {
		for (let side = 3; side < 60; side++) {
			const explicit = shapeAfter(
				(b, x) => b.maxPool('p', x, { kernel: 3, stride: 2, padding: [1, 1, 2, 2] }),
				[side, 9],
			);
			const ceil = shapeAfter(
				(b, x) =>
					b.node('p', 'MaxPool', [x], {
						kernel_shape: { kind: 'ints', value: [3, 3] },
						strides: { kind: 'ints', value: [2, 2] },
						pads: { kind: 'ints', value: [1, 1, 1, 1] },
						ceil_mode: { kind: 'int', value: 1 },
					}),
				[side, 9],
			);
			expect(ceil).toEqual(explicit);
			expect(ceil?.[2]).toBe(Math.floor(side / 2) + 1);
		}
	});

	it('knows concatenation, batch norm and constant resizing', () => {
		expect(
			shapeAfter((b, x) => b.node('c', 'Concat', [x, b.relu('r', x)], { axis: { kind: 'int', value: 1 } })),
		).toEqual([1, 6, 10, 12]);
		expect(
			shapeAfter((b, x) =>
				b.node('n', 'BatchNormalization', [x, ...['s', 'b', 'm', 'v'].map((name) => b.constant(name, ramp(3)))], {}),
			),
		).toEqual([1, 3, 10, 12]);
		expect(
			shapeAfter((b, x) => {
				const scales = { shape: [4], data: Float32Array.of(1, 1, 8, 2.5) };
				return b.node('u', 'Resize', [x, '', b.constant('scales', scales)], {});
			}),
		).toEqual([1, 3, 80, 30]);
	});

	it('leaves out what does not fit or is not known', () => {
		expect(shapeAfter((b, x) => b.conv('c', x, { weight: ramp(4, 2, 3, 3) }))).toBeUndefined();
		expect(shapeAfter((b, x) => b.conv('c', x, { weight: ramp(4, 3, 3, 3), dilation: 9 }))).toBeUndefined();
		expect(shapeAfter((b, x) => b.relu('r', b.node('u', 'Mystery', [x], {})))).toBeUndefined();
	});

	it('leaves a fixed input as it is', () => {
		const builder = new GraphBuilder('test');
		builder.input('input', [1, 3, 33, 65]);
		const graph: OnnxGraph = builder.build();
		expect(inferShapes(graph, [513, 513]).get('input')).toEqual([1, 3, 33, 65]);
	});
});
