import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../../src/core/checkpoint/tensor';
import type { ModelMetadata } from '../../../../src/core/model';
import { parseArchitecture } from '../../../../src/core/onnx/architecture';
import { buildDeepLabMobileNetV2 } from '../../../../src/core/onnx/deeplabMobilenetV2';
import { readMetadata, writeMetadata } from '../../../../src/core/onnx/metadata';
import { vocPalette } from '../../../../src/core/palettes';
import { InspectorError } from '../../../../src/core/problem';
import { sampleMetadata, sampleModel } from './sampleModel';

const json = JSON.parse(readFileSync(path.resolve('models/architecture.json'), 'utf8'));

/** The same architecture with one value changed, named by its keys. */
function changed(keys: readonly (string | number)[], value: unknown): unknown {
	const copy = structuredClone(json);
	const parent = keys.slice(0, -1).reduce((place, key) => place[key], copy);
	parent[keys.at(-1)!] = value;
	return copy;
}

function tensor(name: string, shape: number[]): [string, Tensor] {
	const count = shape.reduce((product, size) => product * size, 1);
	return [name, { name, shape, data: new Float32Array(count) }];
}

describe('the architecture', () => {
	it('becomes what the network is built from', () => {
		const architecture = parseArchitecture(json, 'architecture.json');
		expect(architecture.neckChannels).toEqual([320, 256, 256]);
		expect(architecture.rates).toEqual([6, 12, 18, 24]);
		expect(architecture.blocks).toHaveLength(17);
		expect(architecture.preprocessing).toEqual({
			channelOrder: 'RGB',
			mean: [128, 128, 128],
			std: [128, 128, 128],
			padValue: [127.5, 127.5, 127.5],
			longestSide: 513,
			padMultiple: 8,
			alignCorners: true,
		});
	});

	it.each<[(string | number)[], unknown, string]>([
		[['family'], 'unet', 'family should be “deeplabv2”'],
		[['outputStride'], 16, 'preprocessing.pad should say “right and below to the next 16k+1”'],
		[['layers', 'stem', 'stride'], 1, 'outputStride is 8, but the strides multiply to 4'],
		[['layers', 'blocks', 3, 'stride'], 'two', 'layers.blocks[3].stride should be a number'],
		[['layers', 'blocks', 3, 'inputChannels'], 25, 'layers.blocks[3].inputChannels is 25'],
		[['layers', 'blocks', 3, 'residual'], true, 'layers.blocks[3].residual needs stride 1'],
		[['layers', 'blocks', 8, 'dilation'], 3, 'layers.blocks[8].padding is 2; should equal the dilation 3'],
		[['layers', 'neck'], 'two layers', 'layers.neck should give the channels'],
		[['layers', 'aspp', 'rates'], [6, 6], 'layers.aspp.rates should be different'],
		[['preprocessing', 'formula'], 'value / 255', 'preprocessing.formula should read'],
		[['preprocessing', 'pad'], 'to 513', 'preprocessing.pad should say'],
		[['classes', 2], 7, 'classes[2] should be a text'],
		[['ignoreLabel'], 300, 'ignoreLabel is 300; should be a whole number from 0 to 255'],
		[['layers'], undefined, 'layers should be an object'],
	])('with a wrong %j is refused by its place', (keys, value, detail) => {
		const parse = () => parseArchitecture(changed(keys, value), 'architecture.json');
		expect(parse).toThrow(InspectorError);
		expect(parse).toThrow(detail);
	});

	it('that is no object is refused', () => {
		expect(() => parseArchitecture(null, 'a.json')).toThrow('weights.damaged (a.json): the description should be');
	});
});

describe('the builder', () => {
	const tiny = parseArchitecture(
		{
			...json,
			outputStride: 2,
			layers: {
				...json.layers,
				blocks: [
					{
						name: 'backbone.block0',
						expand: true,
						inputChannels: 2,
						hiddenChannels: 4,
						outputChannels: 2,
						stride: 1,
						dilation: 2,
						padding: 2,
						residual: true,
					},
				],
				neck: '2-3',
			},
			preprocessing: { ...json.preprocessing, pad: 'right and below to the next 2k+1' },
		},
		'a.json',
	);
	const convs: [string, number[]][] = [
		['backbone.stem', [2, 3, 3, 3]],
		['backbone.block0.expand', [4, 2, 1, 1]],
		['backbone.block0.depthwise', [4, 1, 3, 3]],
		['backbone.block0.project', [2, 4, 1, 1]],
		['neck.0', [3, 2, 1, 1]],
		...[6, 12, 18, 24].map((rate): [string, number[]] => [`aspp.${rate}`, [21, 3, 3, 3]]),
	];
	const weights = () =>
		new Map(
			convs.flatMap(([layer, shape]) => [tensor(`${layer}.weight`, shape), tensor(`${layer}.bias`, [shape[0]!])]),
		);

	it('names nodes by stage and outputs by contract', () => {
		const model = buildDeepLabMobileNetV2(tiny, weights());
		expect(model.graph.outputs.map((output) => output.name)).toEqual([
			'features',
			...['aspp.6', 'aspp.12', 'aspp.18', 'aspp.24'],
			'logits',
		]);
		expect(model.graph.inputs).toEqual([{ name: 'input', dataType: 1, shape: [1, 3, 'height', 'width'] }]);
		expect(model.graph.nodes.map((node) => `${node.operator} ${node.name}`)).toEqual([
			'Conv backbone.stem.conv',
			'Clip backbone.stem.conv.relu6',
			'Conv backbone.block0.expand',
			'Clip backbone.block0.expand.relu6',
			'Conv backbone.block0.depthwise',
			'Clip backbone.block0.depthwise.relu6',
			'Conv backbone.block0.project',
			'Add backbone.block0.add',
			'Conv neck.0',
			'Relu neck.0.relu',
			'Conv aspp.6',
			'Conv aspp.12',
			'Conv aspp.18',
			'Conv aspp.24',
			'Sum logits',
		]);
		const conv = model.graph.nodes.filter((node) => node.operator === 'Conv');
		expect(conv.every((node) => node.attributes.has('pads') && !node.attributes.has('auto_pad'))).toBe(true);
	});

	it.each<[string, (tensors: Map<string, Tensor>) => void, string]>([
		['a missing one', (tensors) => tensors.delete('aspp.18.bias'), 'tensor “aspp.18.bias” is missing'],
		['one too many', (tensors) => tensors.set(...tensor('fc', [1])), 'tensor “fc” belongs to no layer'],
		[
			'one of a wrong shape',
			(tensors) => tensors.set(...tensor('neck.0.weight', [3, 2, 3, 3])),
			'tensor “neck.0.weight” is 3x2x3x3 instead of 3x2x1x1',
		],
		[
			'integers',
			(tensors) => tensors.set('neck.0.bias', { name: 'neck.0.bias', shape: [3], data: new Int32Array(3) }),
			'tensor “neck.0.bias” is not of a float32 type',
		],
	])('refuses tensors with %s', (_, change, detail) => {
		const tensors = weights();
		change(tensors);
		expect(() => buildDeepLabMobileNetV2(tiny, tensors, 'w.safetensors')).toThrow(
			`weights.damaged (w.safetensors): ${detail}`,
		);
	});
});

describe('metadata', () => {
	it('is read as it was written', () => {
		expect(readMetadata(sampleModel(), 'm')).toEqual(sampleMetadata);
	});

	it('is of another tool where there is none at all', () => {
		expect(() => readMetadata({ ...sampleModel(), metadata: { author: 'me' } }, 'm')).toThrow('model.foreign (m)');
	});

	it('keeps what only other networks have: no branch, mixed ones, one input size', () => {
		const { preprocessing } = sampleMetadata;
		const others: Partial<ModelMetadata>[] = [
			{ branches: [] },
			{ join: 'mixed' },
			{ preprocessing: { ...preprocessing, inputSize: [321, 513], resize: 'stretch', padRemainder: 0 } },
		];
		for (const other of others) {
			const metadata = { ...sampleMetadata, ...other };
			expect(readMetadata({ ...sampleModel(), metadata: writeMetadata(metadata) }, 'm')).toEqual(metadata);
		}
	});

	it('names each entry that is missing, and says what to do', () => {
		for (const key of Object.keys(writeMetadata(sampleMetadata))) {
			const model = sampleModel();
			const { [key]: _, ...metadata } = model.metadata;
			expect(() => readMetadata({ ...model, metadata }, 'm')).toThrow(`model.unsupported (m): ${key} is missing`);
			expect(() => readMetadata({ ...model, metadata }, 'm')).toThrow('choose a model');
		}
	});

	it.each([
		['deeplab.formatVersion', '2', 'deeplab.formatVersion is 2'],
		['deeplab.outputStride', '8.5', 'deeplab.outputStride is 8.5'],
		['deeplab.classes', '[', 'deeplab.classes is not JSON'],
		['deeplab.classes', '[{"name":"a","color":[0,0,0]},{"name":"b","color":[0,0,256]}]', 'classes[1].color[2] is 256'],
		['deeplab.branches', '[{"rate":6,"output":"aspp.7"}]', 'output “aspp.7” is missing from its graph'],
		['deeplab.linearHead', '"yes"', 'deeplab.linearHead should be true or false'],
		['deeplab.name', '', 'deeplab.name should be a text'],
		['deeplab.preprocessing', '{"std":[1,1,0]}', 'deeplab.preprocessing.std[2] should not be 0'],
	])('with a wrong %s (%s) is refused by its place', (key, value, detail) => {
		const model = sampleModel();
		expect(() => readMetadata({ ...model, metadata: { ...model.metadata, [key]: value } }, 'm')).toThrow(detail);
	});
});

const palettes = path.resolve('../shared/reference/data/classes_palettes.json');

describe.skipIf(!existsSync(palettes))('the palette', () => {
	it('is VOC’s', () => {
		expect(vocPalette(21)).toEqual(JSON.parse(readFileSync(palettes, 'utf8')).voc21.palette);
		expect(vocPalette(256)[255]).toEqual([224, 224, 192]);
	});
});
