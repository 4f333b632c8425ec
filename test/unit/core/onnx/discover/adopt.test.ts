import type * as ort from 'onnxruntime-web';
import * as runtime from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { readHead } from '../../../../../src/core/aspp/head';
import { decodeOnnx } from '../../../../../src/core/onnx/decode';
import { adoptModel } from '../../../../../src/core/onnx/discover/adopt';
import { discover } from '../../../../../src/core/onnx/discover/discover';
import { encodeOnnx } from '../../../../../src/core/onnx/encode';
import type { OnnxModel } from '../../../../../src/core/onnx/ir';
import { networkWithHead } from '../../aspp/networkWithHead';
import { Noise } from '../../aspp/noise';
import { hasMini, miniArray, miniResNet, miniVgg, relativeError, sessionOf } from '../networks/mini';
import { addedOneByOne, foreign, stripped } from './foreign';

const rates = [6, 12, 18, 24];

async function run(
	model: OnnxModel,
	input: { readonly shape: readonly number[]; readonly data: Float32Array },
): Promise<Record<string, ort.Tensor>> {
	const session = await sessionOf(model);
	const tensor = new runtime.Tensor('float32', input.data, input.shape);
	return { ...(await session.run({ [session.inputNames[0]!]: tensor })) };
}

const picture = (height: number, width: number) => new Noise(9).tensor(1, 3, height, width);

describe.skipIf(!hasMini)('DeepLabv2 without its metadata', () => {
	it('has the branches PyTorch computed, with nothing but its outputs added', async () => {
		const source = stripped(miniResNet());
		const { model, report } = adoptModel(source, 'export.onnx');
		expect(report.discovery.head).toMatchObject({ join: 'sum' });
		expect(report.metadata).toMatchObject({
			name: 'export',
			family: 'deeplabv2',
			outputStride: 8,
			linearHead: true,
			branches: rates.map((rate) => ({ rate, output: `aspp.${rate}` })),
		});
		expect(readHead(model, report.metadata, 'export.onnx')).toMatchObject({ linear: true, classes: 21 });
		const outputs = await run(model, miniArray('resnet101-input-97x81'));
		for (const rate of rates) {
			const expected = miniArray(`resnet101-branch-${rate}-97x81`).data;
			expect(relativeError(outputs[`aspp.${rate}`]!.data as Float32Array, expected)).toBeLessThan(1e-4);
		}
		const features = miniArray('resnet101-features-97x81').data;
		expect(relativeError(outputs.features!.data as Float32Array, features)).toBeLessThan(1e-4);
		// What was there is still there, to the byte.
		const read = decodeOnnx(encodeOnnx(model), 'export.onnx').graph;
		expect(read.initializers).toEqual(source.graph.initializers);
		expect(read.nodes.slice(0, source.graph.nodes.length)).toEqual(
			decodeOnnx(encodeOnnx(source), 'export.onnx').graph.nodes,
		);
		expect(read.nodes.slice(source.graph.nodes.length).map(({ operator }) => operator)).toEqual(
			Array.from({ length: 6 }, () => 'Identity'),
		);
		expect(read.outputs[0]).toEqual(source.graph.outputs[0]);
	});

	it('of VGG-16 has branches of several layers', () => {
		const { report } = adoptModel(stripped(miniVgg()), 'vgg.onnx');
		expect(report.metadata).toMatchObject({ linearHead: false, branches: rates.map((rate) => ({ rate })) });
		expect(report.metadata.join).toBeUndefined();
	});
});

describe('discover', () => {
	it('finds branches that are added one by one, and logits before resizing, softmax and argmax', async () => {
		const net = foreign();
		const branches = [2, 4, 8].map((rate) => net.conv(`/c${rate}/Conv`, net.features, [6, 4], rate));
		const total = addedOneByOne(net, branches);
		const large = net.enlarge('/Resize', total, 2, 'align_corners');
		const soft = net.builder.node('/Softmax', 'Softmax', [large], { axis: { kind: 'int', value: 1 } });
		const model = net.finish(soft, 4);
		expect(discover(model, 'm')).toMatchObject({
			input: 'image',
			inputSize: undefined,
			features: net.features,
			outputStride: 2,
			logits: { value: total, classes: 4, alignCorners: true, behind: ['Resize', 'Softmax'] },
			head: {
				join: 'sum',
				branches: [2, 4, 8].map((rate, index) => ({ rate, value: branches[index], alone: true })),
			},
		});
		const { model: adopted, report } = adoptModel(model, 'm');
		expect(report).toMatchObject({ alignCornersFrom: 'graph', normalizationFrom: 'assumed' });
		const outputs = await run(adopted, picture(16, 24));
		const values = (name: string) => outputs[name]!.data as Float32Array;
		const sum = values('aspp.2').map((value, at) => value + values('aspp.4')[at]! + values('aspp.8')[at]!);
		expect(relativeError(sum, values('logits'))).toBeLessThan(1e-5);
		expect(outputs.logits!.dims).toEqual([1, 4, 8, 12]);
	});

	it('finds the branches of a DeepLabv3, which have no shares', async () => {
		const net = foreign([1, 3, 33, 49]);
		const { builder } = net;
		const relu = (name: string, value: string) => builder.relu(name, value);
		const pointwise = relu('/aspp.0/Relu', net.conv('/aspp.0/Conv', net.features, [6, 5]));
		const dilated = [3, 6].map((rate) => relu(`/aspp.${rate}/Relu`, net.conv(`/a${rate}`, net.features, [6, 5], rate)));
		const pooled = builder.node('/pool', 'GlobalAveragePool', [net.features], {});
		const spread = builder.node('/pool/Expand', 'Add', [net.conv('/pool/Conv', pooled, [6, 5]), pointwise], {});
		const all = builder.node('/Concat', 'Concat', [pointwise, ...dilated, spread], { axis: { kind: 'int', value: 1 } });
		const scores = net.conv('/classifier', relu('/project/Relu', net.conv('/project', all, [20, 7])), [7, 21]);
		const model = net.finish(net.enlarge('/Resize', scores, 2), 21);
		const { model: adopted, report } = adoptModel(model, 'v3.onnx');
		expect(report.discovery.head).toMatchObject({ join: 'mixed', features: net.features });
		expect(report.metadata).toMatchObject({
			family: 'deeplabv3',
			join: 'mixed',
			linearHead: false,
			branches: [{ rate: 3 }, { rate: 6 }],
			preprocessing: { inputSize: [33, 49], longestSide: 49, alignCorners: false },
		});
		expect(report.classSet).toBe('voc');
		expect(readHead(adopted, report.metadata, 'v3.onnx').mixing?.branches.map(({ kind }) => kind)).toEqual([
			'pointwise',
			'dilated',
			'dilated',
			'pooling',
		]);
		const outputs = await run(adopted, picture(33, 49));
		expect(outputs['aspp.6']!.dims).toEqual([1, 5, 17, 25]);
		expect(outputs.logits!.dims).toEqual([1, 21, 17, 25]);
	});

	it('takes a sum that later layers work on for what it is', () => {
		const net = foreign();
		const branches = [2, 4].map((rate) => net.conv(`c${rate}`, net.features, [6, 5], rate));
		const model = net.finish(net.conv('after', net.builder.sum('sum', branches), [5, 3]), 3);
		expect(discover(model, 'm').head).toMatchObject({ join: 'mixed' });
	});

	it('finds the one branch of LargeFOV', () => {
		const net = foreign();
		const fc6 = net.builder.relu('relu6', net.conv('fc6', net.features, [6, 8], 12));
		const model = net.finish(net.conv('fc8', fc6, [8, 3]), 3);
		expect(discover(model, 'm').head).toMatchObject({
			join: 'sum',
			features: net.features,
			branches: [{ rate: 12, alone: false }],
		});
		const { model: adopted, report } = adoptModel(model, 'm');
		expect(readHead(adopted, report.metadata, 'm')).toMatchObject({ linear: false, branches: [{ rate: 12 }] });
	});

	it('says what is missing of a network without ASPP, which segments all the same', async () => {
		const net = foreign();
		const deep = net.builder.relu('relu', net.conv('conv', net.features, [6, 6], 1));
		const model = net.finish(net.enlarge('up', net.conv('classifier', deep, [6, 5]), 2), 5);
		const { model: adopted, report } = adoptModel(model, 'fcn.onnx', { classes: ['a', 'b', 'c', 'd', 'e'] });
		expect(report.discovery).toMatchObject({ head: undefined, features: deep });
		expect(report.discovery.headMissing).toContain('no parallel dilated convolutions');
		expect(report.metadata).toMatchObject({ branches: [], preprocessing: { padMultiple: 32, padRemainder: 0 } });
		expect(() => readHead(adopted, report.metadata, 'fcn.onnx')).toThrow('model.noAspp');
		const outputs = await run(adopted, picture(32, 32));
		expect(outputs.logits!.dims).toEqual([1, 5, 16, 16]);
		expect(outputs.features!.dims).toEqual([1, 6, 16, 16]);
	});

	it('counts classes and stride behind sizes that are computed when it runs', () => {
		const net = foreign();
		const { builder } = net;
		const shape = builder.node('shape', 'Shape', [net.features], {});
		const resized = (name: string, value: string) => builder.node(name, 'Resize', [value, '', '', shape], {});
		const low = net.conv('low', net.features, [6, 4]);
		const high = net.conv('high', resized('up', net.features), [6, 4]);
		const model = net.finish(resized('out', builder.add('add', low, high)), 4);
		expect(discover(model, 'm')).toMatchObject({
			logits: { value: 'add', classes: 4 },
			features: net.features,
			outputStride: 2,
		});
	});

	it('tells parallel convolutions that go separate ways, or share a rate, from a head', () => {
		const apart = foreign();
		const one = apart.conv('one', apart.features, [6, 3], 2);
		const other = apart.conv('other', apart.features, [6, 3], 4);
		const difference = apart.builder.node('difference', 'Sub', [one, other], {});
		expect(discover(apart.finish(difference, 3), 'm').headMissing).toContain('do not all meet again');
		const twice = foreign();
		const same = [2, 2].map((rate, index) => twice.conv(`c${index}`, twice.features, [6, 3], rate));
		expect(discover(twice.finish(twice.builder.sum('sum', same), 3), 'm').headMissing).toContain('one of them twice');
	});

	it('renames a value of the network’s own that stands in the way', async () => {
		const net = foreign();
		const branches = [2, 4].map((rate) => net.conv(`c${rate}`, net.features, [6, 3], rate));
		const model = net.finish(net.enlarge('logits', net.builder.sum('sum', branches), 2), 3);
		const { model: adopted } = adoptModel(model, 'm');
		expect(adopted.graph.outputs.map(({ name }) => name)).toEqual([
			'logits.own',
			'features',
			'aspp.2',
			'aspp.4',
			'logits',
		]);
		const outputs = await run(adopted, picture(8, 8));
		expect(outputs.logits!.dims).toEqual([1, 3, 4, 4]);
		expect(outputs['logits.own']!.dims).toEqual([1, 3, 8, 8]);
	});

	it.each([
		['channels last', [1, 64, 64, 3], 'channels last'],
		['grey pictures', [1, 1, 64, 64], 'has 1 channels'],
		['several pictures at a time', [4, 3, 64, 64], '4 pictures at a time'],
		['one side fixed', [1, 3, 64, 'width'], 'fixed in one direction alone'],
		['no picture', [1, 3], 'not batch x 3 x height x width'],
	])('refuses %s by its input', (_, shape, detail) => {
		const net = foreign(shape);
		expect(() => discover(net.finish(net.conv('c', net.features, [6, 3]), 3), 'm')).toThrow(detail);
	});

	it('refuses one class, a second input, and what has been adopted', () => {
		const one = foreign();
		expect(() => discover(one.finish(one.conv('c', one.features, [6, 1]), 1), 'm')).toThrow(
			'scores of 2 to 256 classes',
		);
		const two = foreign();
		two.builder.input('prompt', [1, 4]);
		expect(() => discover(two.finish(two.conv('c', two.features, [6, 2]), 2), 'm')).toThrow('takes 2 inputs');
		const { model } = networkWithHead({ rates });
		expect(() => adoptModel(model, 'm')).toThrow('describes itself already');
		expect(() => adoptModel(stripped(model), 'm', { classes: ['only', 'two'] })).toThrow(
			'3 classes, and names were given for 2',
		);
	});
});
