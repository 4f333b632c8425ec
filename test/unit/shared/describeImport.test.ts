import { describe, expect, it } from 'vitest';
import type { ImportReport } from '../../../src/core/checkpoint/importCheckpoint';
import { caffePreprocessing } from '../../../src/core/onnx/networks/aspp';
import { describeImport } from '../../../src/shared/describeImport';

const noise = { mean: 0, standardDeviation: 0.01, kurtosis: 3 };

const plain: ImportReport = {
	format: 'caffe',
	family: 'caffe',
	backbone: 'vgg16',
	through: [],
	prefix: '',
	otherPrefixes: [],
	heads: { main: ['fc6'], auxiliary: [] },
	branches: [{ rate: 12, summed: true, untrained: undefined }],
	ratesFrom: 'file',
	outputStride: 8,
	modelRates: [12],
	pool5a: true,
	linearHead: false,
	classes: 21,
	classSet: 'voc',
	classesFrom: 'count',
	preprocessing: caffePreprocessing,
	parameters: 20_505_429,
	left: [],
	suggestedSum: undefined,
};

describe('what is said of a checkpoint', () => {
	it('are the facts, and nothing where there is nothing to note', () => {
		const { facts, notes } = describeImport(plain);
		expect(Object.fromEntries(facts)).toEqual({
			File: 'Caffe model',
			'Layers named as by': 'DeepLabv2’s own release',
			Backbone: 'vgg16, output stride 8',
			'Dilation rates': '12 (from the file)',
			Branches: 'fc6, fc7 and fc8 each',
			Classes: '21, by their number those of PASCAL VOC',
			Input: 'BGR, mean 104.008, 116.669, 122.675; logits resized with align_corners true',
			'Numbers read': '20,505,429',
		});
		expect(notes).toEqual([]);
	});

	it.each<[string, Partial<ImportReport>, string]>([
		['wrappers', { through: ['model', 'state_dict'] }, 'The weights were under “model”, “state_dict”.'],
		[
			'several networks',
			{ prefix: 'model.', otherPrefixes: ['ema.'] },
			'The file holds several networks; the one named “model.” was taken, not “ema.”.',
		],
		['two heads', { heads: { main: ['layer5', 'layer6'], auxiliary: [] } }, 'heads layer5, layer6 are added'],
		[
			'a head of training',
			{ heads: { main: ['layer6'], auxiliary: ['layer5'] } },
			'The head layer5 is of training alone',
		],
		[
			'untrained branches',
			{
				branches: [
					{ rate: 6, summed: true, untrained: undefined },
					{ rate: 18, summed: true, untrained: noise },
				],
				suggestedSum: [6],
			},
			'The branches with rate 18 look as if they had never been trained. Several code bases add up only the others; if yours is one, import with the sum 6.',
		],
		[
			'branches left out',
			{ branches: [{ rate: 18, summed: false, untrained: undefined }] },
			'The branches with rate 18 were left out, as was asked for.',
		],
		[
			'another output stride',
			{ outputStride: 16, modelRates: [6] },
			'At output stride 16 the taps stay where they are in the picture with the dilation rates 6.',
		],
		['stray tensors', { left: ['a', 'b'] }, 'Tensors that have no part in the network: “a”, “b”.'],
		[
			'many of them',
			{ left: ['a', 'b', 'c', 'd'] },
			'4 tensors have no part in the network: “a”, “b”, “c” and others.',
		],
	])('%s are noted', (_, change, sentence) => {
		expect(describeImport({ ...plain, ...change }).notes).toEqual([expect.stringContaining(sentence)]);
	});

	it('rates that had to be rounded are named', () => {
		const branches = [6, 12, 18, 24].map((rate) => ({ rate, summed: rate > 6, untrained: undefined }));
		const { notes } = describeImport({ ...plain, outputStride: 32, modelRates: [3, 5, 6], branches });
		expect(notes).toContain('The rates 18 do not divide and were rounded: those taps move.');
	});

	it.each<[Partial<ImportReport>, string]>([
		[{ classesFrom: 'given', classSet: 'cityscapes', classes: 19 }, '19, those of Cityscapes'],
		[{ classesFrom: 'given', classSet: undefined }, '21, named as given'],
		[{ classesFrom: 'numbers', classSet: undefined, classes: 33 }, '33, numbered'],
	])('classes: %j', (change, words) => {
		expect(new Map(describeImport({ ...plain, ...change }).facts).get('Classes')).toContain(words);
	});
});
