/** Every code base's names, checked against the list of layers that was read off their checkpoints. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Family, recognize } from '../../../../../src/core/checkpoint/families/recognize';
import { type ImportOverrides, importCheckpoint } from '../../../../../src/core/checkpoint/importCheckpoint';
import { type Checkpoint, readCheckpoint } from '../../../../../src/core/checkpoint/readCheckpoint';
import type { Tensor } from '../../../../../src/core/checkpoint/tensor';
import type { OnnxModel } from '../../../../../src/core/onnx/ir';
import { buildDeepLabResNet } from '../../../../../src/core/onnx/networks/resnet';
import { InspectorError } from '../../../../../src/core/problem';
import { torchZipFile } from '../../../../support/checkpointFiles';

interface Names {
	readonly conv: string;
	readonly bn?: string | null;
	readonly scale?: string | null;
}

interface Row {
	readonly kind: 'conv_bn' | 'head';
	readonly k: number;
	readonly stride: number;
	readonly pad: number;
	readonly dil: number;
	readonly [family: string]: unknown;
}

const keymap = path.resolve('../shared/reference/data/keymap.json');
const file = path.resolve('../shared/fixtures/mini/resnet101-kazuto.zip.pth');
const hasFixtures = existsSync(keymap) && existsSync(file);
const rows: Row[] = hasFixtures ? JSON.parse(readFileSync(keymap, 'utf8')).rows : [];
const original = hasFixtures ? readCheckpoint(readFileSync(file), 'mini') : undefined;

/** One layer's tensors under the names of another code base. */
type Write = (
	to: Names,
	get: (part: string) => Tensor | undefined,
	add: (name: string, tensor: Tensor) => void,
) => void;

const torch: Write = ({ conv, bn }, get, add) => {
	// The list names both heads that the code bases of this style have.
	const layer = conv.split(' ')[0]!;
	for (const part of ['conv.weight', 'conv.bias', 'bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var']) {
		const [owner, name] = part.split('.') as [string, string];
		const tensor = get(part);
		if (tensor) {
			add(`${owner === 'conv' ? layer : bn}.${name}`, tensor);
		}
	}
	if (bn) {
		add(`${bn}.num_batches_tracked`, { name: '', shape: [], data: BigInt64Array.of(7n) });
	}
};

const caffe: Write = ({ conv, bn, scale }, get, add) => {
	const blobs: [string, string | undefined][] = [
		[`${conv}.0`, 'conv.weight'],
		[`${conv}.1`, 'conv.bias'],
		[`${bn}.0`, 'bn.running_mean'],
		[`${bn}.1`, 'bn.running_var'],
		[`${scale}.0`, 'bn.weight'],
		[`${scale}.1`, 'bn.bias'],
	];
	for (const [name, part] of blobs) {
		const tensor = get(part!);
		if (tensor) {
			// The half-size copy of a multi-scale file, with other numbers: it must not be taken.
			add(name.replace('.', '_res05.'), { ...tensor, data: new Float32Array(tensor.data.length) });
			add(name, tensor);
		}
	}
	if (bn) {
		add(`${bn}.2`, { name: '', shape: [1], data: Float32Array.of(1) });
	}
};

const tensorflow: Write = ({ conv, bn }, get, add) => {
	const { shape, data } = get('conv.weight')!;
	const [outputs, inputs, height, width] = shape as [number, number, number, number];
	const last = new Float32Array(data.length);
	for (let index = 0; index < data.length; index++) {
		const cell = index % (height * width);
		const input = Math.floor(index / (height * width)) % inputs;
		const output = Math.floor(index / (height * width * inputs));
		last[(cell * inputs + input) * outputs + output] = Number(data[index]);
	}
	add(`${conv}/weights`, { name: '', shape: [height, width, inputs, outputs], data: last });
	const parts: [string, string][] = [
		[`${conv}/biases`, 'conv.bias'],
		[`${bn}/gamma`, 'bn.weight'],
		[`${bn}/beta`, 'bn.bias'],
		[`${bn}/moving_mean`, 'bn.running_mean'],
		[`${bn}/moving_variance`, 'bn.running_var'],
	];
	for (const [name, part] of parts) {
		const tensor = get(part);
		if (tensor) {
			add(name, tensor);
		}
	}
};

/** The small network under the names of a code base. */
function renamed(family: string, write: Write, prefix = ''): Map<string, Tensor> {
	const tensors = new Map<string, Tensor>();
	for (const row of rows) {
		const from = row.kazuto as Names;
		const get = (part: string) => {
			const [owner, name] = part.split('.') as [string, string];
			return original!.tensors.get(`${owner === 'conv' ? from.conv : from.bn}.${name}`);
		};
		write(row[family] as Names, get, (name, tensor) => tensors.set(prefix + name, { ...tensor, name: prefix + name }));
	}
	return tensors;
}

function checkpoint(tensors: ReadonlyMap<string, Tensor>, format: Checkpoint['format'] = 'torch.zip'): Checkpoint {
	return { format, tensors, through: [] };
}

function modelOf(source: Checkpoint): OnnxModel {
	const { network } = recognize(source, 'mini');
	if (network.kind !== 'resnet') {
		throw new Error('not a ResNet');
	}
	return buildDeepLabResNet(network.weights, { name: 'mini', file: 'mini' });
}

/** Shape and digest of every tensor of a model. */
function weightsOf({ graph }: OnnxModel): Record<string, string> {
	return Object.fromEntries(
		graph.initializers.map(({ name, dims, data }) => [
			name,
			`${dims.join('x')} ${createHash('sha256').update(data).digest('hex')}`,
		]),
	);
}

function filled(name: string, shape: readonly number[], value = 0): Tensor {
	return { name, shape, data: new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(value) };
}

/** A change of the small network in torchvision's names. */
function changed(change: (tensors: Map<string, Tensor>) => void): Checkpoint {
	const tensors = renamed('torchvision_style_bare', torch);
	change(tensors);
	return checkpoint(tensors);
}

function put(tensors: Map<string, Tensor>, name: string, shape: readonly number[], value = 0): void {
	tensors.set(name, filled(name, shape, value));
}

describe.skipIf(!hasFixtures)('the list of layers', () => {
	it('has the strides, paddings and dilations of the graph', () => {
		const { graph } = modelOf(original!);
		const convs = graph.nodes.filter((node) => node.operator === 'Conv');
		const ints = (node: (typeof convs)[number], name: string) => {
			const attribute = node.attributes.get(name);
			return attribute?.kind === 'ints' ? Number(attribute.value[0]) : undefined;
		};
		const describeRow = ({ k, stride, pad, dil }: Row) => [k, stride, pad, dil].join();
		const described = convs.map((node) =>
			['kernel_shape', 'strides', 'pads', 'dilations'].map((name) => ints(node, name)).join(),
		);
		// The shortcut comes first in the list and in the graph.
		expect(described).toEqual(rows.map(describeRow));
	});

	it.each<[string, string, Write, string, Family, Checkpoint['format']]>([
		['caffe', 'caffe', caffe, '', 'caffe', 'caffe'],
		['kazuto', 'kazuto', torch, '', 'kazuto', 'torch.zip'],
		['kazuto in DataParallel', 'kazuto', torch, 'module.', 'kazuto', 'torch.zip'],
		['kazuto before 2019', 'kazuto_pre_2019_02', torch, '', 'kazuto.old', 'torch.legacy'],
		['isht7', 'isht7', torch, '', 'isht7', 'torch.legacy'],
		['speedinghzl', 'torchvision_style_bare', torch, '', 'torchvision', 'torch.zip'],
		['speedinghzl in DataParallel', 'torchvision_style_bare', torch, 'module.', 'torchvision', 'torch.zip'],
	])('%s: the same network', (_, family, write, prefix, expected, format) => {
		const source = checkpoint(renamed(family, write, prefix), format);
		const found = recognize(source, 'mini');
		expect(found.family).toBe(expected);
		expect(found.prefix.startsWith(prefix)).toBe(true);
		expect(found.source.left).toEqual([]);
		expect(modelOf(source).graph.nodes).toEqual(modelOf(original!).graph.nodes);
		expect(weightsOf(modelOf(source))).toEqual(weightsOf(modelOf(original!)));
	});

	it('drsleep_tf: the same network but for the epsilon of slim’s batch norm', () => {
		const source = checkpoint(renamed('drsleep_tf', tensorflow), 'npy');
		const found = recognize(source, 'mini');
		expect(found.family).toBe('tensorflow');
		expect(found.source.left).toEqual([]);
		expect(modelOf(source).graph.nodes).toEqual(modelOf(original!).graph.nodes);
		expect(weightsOf(modelOf(source))).not.toEqual(weightsOf(modelOf(original!)));
		// With the variance smaller by what the epsilon is larger the sums are the same.
		const smaller = renamed('drsleep_tf', tensorflow);
		for (const [name, tensor] of smaller) {
			if (name.endsWith('/moving_variance')) {
				const data = Float64Array.from(tensor.data as Float32Array, (value) => value + 1e-5 - 1e-3);
				smaller.set(name, { ...tensor, data });
			}
		}
		expect(weightsOf(modelOf(checkpoint(smaller, 'npy')))).toEqual(weightsOf(modelOf(original!)));
	});

	it('kazuto of 2017: branches without a letter', () => {
		const tensors = new Map(
			[...renamed('kazuto_pre_2019_02', torch)].map(([name, tensor]): [string, Tensor] => [
				name.replace(/^scale\./, '').replace('stages.c', 'stages.'),
				tensor,
			]),
		);
		expect(recognize(checkpoint(tensors), 'mini').heads.main).toEqual(['aspp']);
		expect(weightsOf(modelOf(checkpoint(tensors)))).toEqual(weightsOf(modelOf(original!)));
	});
});

describe.skipIf(!hasFixtures)('heads', () => {
	it('on other features are of training alone: by their channels, not by their names', () => {
		const source = changed((tensors) => {
			for (const index of [0, 1, 2, 3]) {
				for (const part of ['weight', 'bias']) {
					const from = `layer5.conv2d_list.${index}.${part}`;
					tensors.set(`layer6.conv2d_list.${index}.${part}`, tensors.get(from)!);
				}
				put(tensors, `layer5.conv2d_list.${index}.weight`, [21, 64, 3, 3], 1);
			}
		});
		expect(recognize(source, 'mini').heads).toEqual({ main: ['layer6'], auxiliary: ['layer5'] });
		expect(weightsOf(modelOf(source))).toEqual(weightsOf(modelOf(original!)));
	});

	it('on the same features are added, as CLAN does', () => {
		const source = changed((tensors) => {
			for (const index of [0, 1, 2, 3]) {
				put(tensors, `layer6.conv2d_list.${index}.weight`, [21, 128, 3, 3], 0.5);
				put(tensors, `layer6.conv2d_list.${index}.bias`, [21], 2);
			}
		});
		const { network, heads } = recognize(source, 'mini');
		expect(heads).toEqual({ main: ['layer5', 'layer6'], auxiliary: [] });
		const branch = network.weights.branches[3]![0];
		const before = original!.tensors.get('base.aspp.c3.weight')!.data as Float32Array;
		expect(branch.weight.data).toEqual(before.map((value) => value + 0.5));
		expect(Number(branch.bias?.data[0])).toBeCloseTo(
			Number(original!.tensors.get('base.aspp.c3.bias')!.data[0]) + 2,
			6,
		);
	});

	it('of a second network, such as a moving average, are told', () => {
		const tensors = new Map([
			...renamed('torchvision_style_bare', torch, 'ema_model.'),
			...renamed('torchvision_style_bare', torch, 'model.'),
		]);
		expect(recognize(checkpoint(tensors), 'mini')).toMatchObject({ prefix: 'model.', otherPrefixes: ['ema_model.'] });
	});

	const withoutHead = (tensors: Map<string, Tensor>) => {
		for (const name of [...tensors.keys()].filter((key) => key.startsWith('layer5'))) {
			tensors.delete(name);
		}
	};
	it.each<[string, (tensors: Map<string, Tensor>) => void, string]>([
		['there is none', withoutHead, 'a backbone without a head'],
		[
			'it is DeepLabv1’s, of the start of training',
			(tensors) => {
				withoutHead(tensors);
				put(tensors, 'fc.weight', [91, 128, 1, 1]);
			},
			'a DeepLabv1 network of 91 classes',
		],
		[
			'it is an ImageNet classifier',
			(tensors) => {
				withoutHead(tensors);
				put(tensors, 'fc.weight', [1000, 128]);
			},
			'a classifier of 1000 classes',
		],
		[
			'it is ProDA’s',
			(tensors) => {
				withoutHead(tensors);
				put(tensors, 'layer5.conv2d_list.0.0.weight', [256, 128, 1, 1]);
			},
			'“layer5.conv2d_list.0.0.weight” is none of them',
		],
		[
			'it has more than branches',
			(tensors) => put(tensors, 'layer5.bottleneck.0.weight', [21, 21, 1, 1]),
			'“layer5.bottleneck.0.weight” is none of the parallel branches',
		],
		[
			'it is mmsegmentation’s',
			(tensors) => put(tensors, 'decode_head.conv_seg.weight', [19, 512, 1, 1]),
			'mmsegmentation',
		],
	])('are refused where %s', (_, change, message) => {
		const attempt = () => recognize(changed(change), 'mini');
		expect(attempt).toThrow(InspectorError);
		expect(attempt).toThrow('weights.unsupported (mini)');
		expect(attempt).toThrow(message);
	});

	it.each(['', 'module.'])('beside a backbone are told, behind “%s”', (outer) => {
		const tensors = renamed('torchvision_style_bare', torch, `${outer}backbone.`);
		for (const name of [...tensors.keys()].filter((key) => key.startsWith(`${outer}backbone.layer5`))) {
			tensors.delete(name);
		}
		const attempt = () => recognize(checkpoint(tensors), 'mini');
		expect(attempt).toThrow('a backbone without a head');
		put(tensors, `${outer}classifier.0.convs.0.0.weight`, [256, 128, 1, 1]);
		expect(attempt).toThrow(`“${outer}classifier.0.convs.0.0.weight” is none of them`);
	});

	it('have their code base’s mean, turned round with the order of the channels', () => {
		const floats = [...renamed('torchvision_style_bare', torch)].flatMap(([name, { shape, data }]) =>
			data instanceof Float32Array ? [[name, { shape, data }] as const] : [],
		);
		const bytes = torchZipFile(new Map(floats));
		const given = (overrides: ImportOverrides) => importCheckpoint(bytes, 'mini', overrides).report.preprocessing;
		const mean = [104.00698793, 116.66876762, 122.67891434];
		const reversed = mean.toReversed();
		expect(given({})).toMatchObject({ channelOrder: 'BGR', mean, padValue: mean });
		expect(given({ channelOrder: 'RGB' })).toMatchObject({ channelOrder: 'RGB', mean: reversed, padValue: reversed });
		expect(given({ channelOrder: 'RGB', mean: [1, 2, 3] })).toMatchObject({ mean: [1, 2, 3], padValue: [1, 2, 3] });
	});

	it('of an unknown network are refused with some of its names', () => {
		const tensors = new Map([['encoder.stem.weight', filled('', [1])]]);
		expect(() => recognize(checkpoint(tensors), 'mini')).toThrow('its tensors (“encoder.stem.weight”…) are of no');
	});

	it.each<[string, (tensors: Map<string, Tensor>) => void, string]>([
		[
			'a missing tensor',
			(tensors) => tensors.delete('layer3.7.bn2.running_var'),
			'“layer3.7.bn2.running_var” is missing',
		],
		[
			'a tensor of another shape',
			(tensors) => put(tensors, 'layer3.7.conv2.weight', [16, 16, 1, 1]),
			'tensor “layer3.7.conv2.weight” is 16x16x1x1, where 16 input channels and a 3x3 kernel belong',
		],
		[
			'a batch norm of other channels',
			(tensors) => put(tensors, 'layer3.7.bn2.weight', [3]),
			'tensor “layer3.7.bn2.weight” has 3 values instead of 16',
		],
		[
			'a shortcut of other channels',
			(tensors) => {
				put(tensors, 'layer3.7.conv3.weight', [60, 16, 1, 1]);
				for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
					put(tensors, `layer3.7.bn3.${part}`, [60], 1);
				}
			},
			'makes 60 channels, its block’s shortcut 64',
		],
	])('and layers with %s are told by name', (_, change, message) => {
		expect(() => modelOf(changed(change))).toThrow('weights.damaged (mini)');
		expect(() => modelOf(changed(change))).toThrow(message);
	});
});
