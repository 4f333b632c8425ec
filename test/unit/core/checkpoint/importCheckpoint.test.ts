import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receptiveFields } from '../../../../src/core/aspp/receptiveField';
import { recognize } from '../../../../src/core/checkpoint/families/recognize';
import { importCheckpoint } from '../../../../src/core/checkpoint/importCheckpoint';
import { readCheckpoint } from '../../../../src/core/checkpoint/readCheckpoint';
import type { Tensor } from '../../../../src/core/checkpoint/tensor';
import { classSet, classSetIds } from '../../../../src/core/classSets';
import { readMetadata } from '../../../../src/core/onnx/metadata';
import { buildDeepLabVgg } from '../../../../src/core/onnx/networks/vgg';
import { WireWriter } from '../../../../src/core/onnx/protobuf';
import { inferShapes } from '../../../../src/core/onnx/shapes';
import { InspectorError } from '../../../../src/core/problem';
import { hasMini, miniArray, miniFile, relativeError, runOn, sessionOf } from '../onnx/networks/mini';
import { dict, integer, pickled, tensor, torchZip } from './pickles';

const imported = (file: string, overrides: Parameters<typeof importCheckpoint>[2] = {}) =>
	importCheckpoint(miniFile(file), file, overrides);

describe.skipIf(!hasMini)('one network in four containers', () => {
	it.each([
		['resnet101-kazuto.zip.pth', 'torch.zip', 'kazuto', false],
		['resnet101-kazuto.legacy.pth', 'torch.legacy', 'kazuto', false],
		['resnet101-isht7.legacy.pth', 'torch.legacy', 'isht7', true],
		['resnet101.caffemodel', 'caffe', 'caffe', true],
	] as const)('%s gives PyTorch’s branches', async (file, format, family, alignCorners) => {
		const { report, model } = imported(file);
		expect(report).toMatchObject({
			format,
			family,
			backbone: 'resnet101',
			linearHead: true,
			classes: 21,
			classSet: 'voc',
			classesFrom: 'count',
			left: [],
			suggestedSum: undefined,
		});
		expect(report.branches.map(({ rate }) => rate)).toEqual([6, 12, 18, 24]);
		const metadata = readMetadata(model, file);
		expect(metadata.preprocessing.alignCorners).toBe(alignCorners);
		expect(metadata.classes[15]).toEqual({ name: 'person', color: [192, 128, 128] });
		const outputs = await runOn(await sessionOf(model), miniArray('resnet101-input-97x81'));
		for (const rate of [6, 12, 18, 24]) {
			const { data } = miniArray(`resnet101-branch-${rate}-97x81`);
			expect(relativeError(outputs[`aspp.${rate}`]!.data, data)).toBeLessThan(1e-4);
		}
	});

	it('counts what it read', () => {
		const { report } = imported('resnet101-kazuto.zip.pth');
		let numbers = 0;
		for (const [name, { data }] of readCheckpoint(miniFile('resnet101-kazuto.zip.pth'), 'f').tensors) {
			numbers += name.endsWith('num_batches_tracked') ? 0 : data.length;
		}
		expect(report.parameters).toBe(numbers);
	});
});

describe.skipIf(!hasMini)('what a user knows better', () => {
	const file = 'resnet101.caffemodel';

	it('is taken', () => {
		const { report, model } = imported(file, {
			name: 'mine',
			classes: Array.from({ length: 21 }, (_, label) => `c${label}`),
			rates: [2, 4, 8, 12],
			alignCorners: false,
			mean: [1, 2, 3],
			channelOrder: 'RGB',
			keepBatchNorm: true,
		});
		const metadata = readMetadata(model, file);
		expect(metadata).toMatchObject({ name: 'mine', branches: [{ rate: 2 }, { rate: 4 }, { rate: 8 }, { rate: 12 }] });
		expect(metadata.classes[3]!.name).toBe('c3');
		expect(metadata.preprocessing).toMatchObject({
			alignCorners: false,
			mean: [1, 2, 3],
			padValue: [1, 2, 3],
			channelOrder: 'RGB',
		});
		expect(report).toMatchObject({ ratesFrom: 'given', classesFrom: 'given', classSet: undefined });
		expect(model.graph.nodes.some((node) => node.operator === 'BatchNormalization')).toBe(true);
	});

	it('turns the mean round with the order of the channels', () => {
		const given = (from: string, overrides: Parameters<typeof importCheckpoint>[2]) => {
			const { channelOrder, mean, padValue } = imported(from, overrides).report.preprocessing;
			expect(padValue).toEqual(mean);
			return [channelOrder, ...mean];
		};
		expect(given(file, {})).toEqual(['BGR', 104.008, 116.669, 122.675]);
		expect(given(file, { channelOrder: 'BGR' })).toEqual(['BGR', 104.008, 116.669, 122.675]);
		expect(given(file, { channelOrder: 'RGB' })).toEqual(['RGB', 122.675, 116.669, 104.008]);
	});

	it('leaves branches out of the sum, and out of the model', async () => {
		const { report, model } = imported(file, { sum: [12, 6] });
		expect(report.branches.map(({ rate, summed }) => [rate, summed])).toEqual([
			[6, true],
			[12, true],
			[18, false],
			[24, false],
		]);
		const outputs = await runOn(await sessionOf(model), miniArray('resnet101-input-97x81'));
		expect(Object.keys(outputs)).toEqual(['features', 'aspp.6', 'aspp.12', 'logits']);
		const [first, second] = [6, 12].map((rate) => miniArray(`resnet101-branch-${rate}-97x81`).data);
		const sum = first!.map((value, index) => value + second![index]!);
		expect(relativeError(outputs.logits!.data, sum)).toBeLessThan(1e-4);
	});

	it.each<[Parameters<typeof importCheckpoint>[2], string]>([
		[{ rates: [6, 12] }, 'its head has 4 branches, and 2 dilation rates were given'],
		[{ rates: [6, 6, 12, 18] }, 'two branches have the same dilation rate'],
		[{ rates: [0, 6, 12, 18] }, 'whole numbers from 1 to 1024, not 0, 6, 12, 18'],
		[{ sum: [7] }, '6, 12, 18, 24; 7 cannot be what it adds up'],
		[{ sum: [] }, 'none cannot be'],
		[{ classes: 'cityscapes' }, 'its head has 21 classes, and names were given for 19'],
		[{ classes: ['a'] }, 'its head has 21 classes, and names were given for 1'],
	])('is refused where it cannot be: %j', (overrides, message) => {
		expect(() => imported(file, overrides)).toThrow(`weights.unsupported (${file}): `);
		expect(() => imported(file, overrides)).toThrow(message);
	});
});

/** A generator of pseudo-random numbers in 0…1 (Park and Miller). */
function uniform(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48271) % 2147483647;
		return state / 2147483647;
	};
}

describe.skipIf(!hasMini)('branches that were never trained', () => {
	it('lead to a suggestion, not to another network', () => {
		const file = 'resnet101-isht7.legacy.pth';
		const tensors = new Map<string, Tensor>(readCheckpoint(miniFile(file), file).tensors);
		const random = uniform(7);
		const spread = Object.fromEntries(
			[...tensors].map(([name, value]) => {
				const [, branch] = /conv2d_list\.([23])\./.exec(name) ?? [];
				if (branch === undefined) {
					return [name, value];
				}
				const isWeight = name.endsWith('.weight');
				const noise = () =>
					isWeight
						? 0.01 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
						: (2 * random() - 1) / Math.sqrt(9 * 128);
				return [name, { ...value, data: new Float32Array(value.data.length).map(noise) }];
			}),
		);
		const { report } = importCheckpoint(asTorchFile(spread), file);
		expect(report.branches.map(({ untrained }) => untrained !== undefined)).toEqual([false, false, true, true]);
		expect(report.branches[3]!.untrained!.standardDeviation).toBeCloseTo(0.01, 3);
		expect(report.suggestedSum).toEqual([6, 12]);
		expect(report.branches.every(({ summed }) => summed)).toBe(true);
		expect(importCheckpoint(asTorchFile(spread), file, { sum: [6, 12] }).report.suggestedSum).toBeUndefined();
	});
});

/** float32 tensors as torch would save them in a training checkpoint. */
function asTorchFile(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
	const floats = Object.values(tensors).filter(({ data }) => data instanceof Float32Array);
	const entries = floats.map(({ name, shape, data }, index) => {
		const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
		return [name, tensor({ key: `${index}`, length: data.length, size: shape, stride })] as const;
	});
	const state = dict(Object.fromEntries(entries));
	const storages = floats.map(({ data }, index) => [
		`${index}`,
		new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
	]);
	return torchZip(pickled(dict({ epoch: integer(1), state_dict: state })), Object.fromEntries(storages));
}

describe('VGG-16', () => {
	const conv = (name: string, shape: readonly number[]): [string, Tensor][] =>
		[[`${name}.weight`, shape] as const, [`${name}.bias`, shape.slice(0, 1)] as const].map(([key, dims]) => [
			key,
			{ name: key, shape: dims, data: new Float32Array(dims.reduce((product, side) => product * side, 1)) },
		]);

	it('of AdaptSegNet: its own pools, two dilated convolutions, linear branches', () => {
		const places = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 23, 25, 27];
		const tensors = new Map([
			...places.flatMap((place, index) => conv(`features.${place}`, [4, index === 0 ? 3 : 4, 3, 3])),
			...conv('features.29', [8, 4, 3, 3]),
			...conv('features.31', [8, 8, 3, 3]),
			...[0, 1, 2, 3].flatMap((index) => conv(`classifier.conv2d_list.${index}`, [19, 8, 3, 3])),
		]);
		const { network, family } = recognize({ format: 'torch.zip', tensors, through: [] }, 'f');
		expect(family).toBe('torchvision');
		if (network.kind !== 'vgg') {
			throw new Error('not a VGG');
		}
		const { graph } = buildDeepLabVgg(network.weights, { name: 'n', file: 'f' });
		expect(inferShapes(graph, [97, 81]).get('logits')).toEqual([1, 19, 12, 10]);
		// By hand: 5, 6, 14, 16, 40, 44, 92, conv5 188, then twice 8 cells of 8 pixels.
		expect(receptiveFields(graph).get('features')).toMatchObject({ size: [316, 316], stride: [8, 8] });
	});

	/** A `.caffemodel` of one branch, with or without layers that say what its pools and its rate are. */
	function largeFov(pools: readonly string[], dilation?: number): Uint8Array {
		const net = new WireWriter();
		const layer = (name: string, shape?: readonly number[], extra?: WireWriter) => {
			const message = new WireWriter().string(1, name);
			for (const dims of shape ? [shape, shape.slice(0, 1)] : []) {
				const values = Array.from({ length: dims.reduce((product, side) => product * side, 1) }, () => 0);
				message.message(7, new WireWriter().floats(5, values).message(7, new WireWriter().ints(1, dims)));
			}
			net.message(100, extra ? message.message(106, extra) : message);
		};
		for (const [stage, count] of [2, 2, 3, 3, 3].entries()) {
			for (let index = 1; index <= count; index++) {
				layer(`conv${stage + 1}_${index}`, [4, stage === 0 && index === 1 ? 3 : 4, 3, 3]);
			}
		}
		for (const pool of pools) {
			layer(pool);
		}
		layer('fc6', [8, 4, 3, 3], dilation === undefined ? undefined : new WireWriter().ints(18, [dilation]));
		layer('fc7', [8, 8, 1, 1]);
		layer('fc8_voc12', [21, 8, 1, 1]);
		return net.finish();
	}

	it.each<[string, readonly string[], boolean, boolean | undefined]>([
		['as the first LargeFOV where the file says nothing', [], true, undefined],
		['without pool5a where the file has pools, but not that one', ['pool5'], false, undefined],
		['with it where the file has it', ['pool5', 'pool5a'], true, undefined],
		['without it where the user says so', ['pool5', 'pool5a'], false, false],
	])('of one branch, %s', (_, pools, expected, pool5a) => {
		const { model, report } = importCheckpoint(largeFov(pools), 'l.caffemodel', { pool5a });
		expect(model.graph.nodes.some(({ operator }) => operator === 'AveragePool')).toBe(expected);
		expect(report).toMatchObject({ backbone: 'vgg16', linearHead: false, ratesFrom: 'paper', left: [] });
		expect(report.branches).toEqual([{ rate: 12, summed: true, untrained: undefined }]);
		expect(receptiveFields(model.graph).get('aspp.12')!.size).toEqual(expected ? [435, 435] : [419, 419]);
	});

	it.each<[string, [string, number[]][]]>([
		[
			'a classifier',
			[
				['fc6', [4096, 100]],
				['fc7', [8, 8]],
				['fc8', [1000, 8]],
			],
		],
		[
			'what training begins with',
			[
				['fc6', [8, 4, 3, 3]],
				['fc7', [8, 8, 1, 1]],
			],
		],
	])('as %s is refused', (_, layers) => {
		const tensors = new Map([
			...[2, 2, 3, 3, 3].flatMap((count, stage) =>
				Array.from({ length: count }, (__, index) => conv(`conv${stage + 1}_${index + 1}`, [4, 4, 3, 3])).flat(),
			),
			...layers.flatMap(([name, shape]) => conv(name, shape)),
		]);
		expect(() => recognize({ format: 'npz', tensors, through: [] }, 'f')).toThrow('it is VGG-16 as training begins');
	});

	it('has the rate that its file states', () => {
		const { report } = importCheckpoint(largeFov([], 4), 'l.caffemodel');
		expect(report).toMatchObject({ ratesFrom: 'file', branches: [{ rate: 4 }] });
	});
});

describe.skipIf(!hasMini)('damaged checkpoints', () => {
	it.each([
		'resnet101.caffemodel',
		'resnet101-isht7.legacy.pth',
		'resnet101-kazuto.zip.pth',
		'vgg16-aspp-l.caffemodel',
	])(
		'%s, changed anywhere, gives a model or an error that names it',
		(file) => {
			const whole = miniFile(file);
			const at = fc.oneof(
				fc.nat(whole.length),
				fc.nat(90_000),
				fc.nat(90_000).map((back) => whole.length - back),
			);
			const edit = fc.record({ at, remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
			fc.assert(
				fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
					let bytes: Uint8Array = whole;
					for (const { at: place, remove, insert } of edits) {
						bytes = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
					}
					try {
						importCheckpoint(bytes, 'damaged');
					} catch (error) {
						expect(error).toBeInstanceOf(InspectorError);
						expect((error as InspectorError).message).toContain('(damaged)');
					}
				}),
				{ numRuns: 250 },
			);
		},
		60_000,
	);
});

describe('class sets', () => {
	const palettes = path.resolve('../shared/reference/data/classes_palettes.json');
	it('have the sizes that they are known by', () => {
		const sizes = classSetIds.map((id) => classSet(id).length);
		expect(sizes).toEqual([21, 19, 182, 60, 7]);
	});

	it.skipIf(!hasMini)('are the data sets’', () => {
		const expected = JSON.parse(readFileSync(palettes, 'utf8'));
		expect(classSet('coco-stuff').map(({ name }) => name)).toEqual(expected.cocostuff182.classes);
		expect(classSet('cityscapes').map(({ color }) => color)).toEqual(expected.cityscapes19.palette);
		expect(classSet('person-part').map(({ color }) => color)).toEqual(expected.person_part7.palette);
	});
});
