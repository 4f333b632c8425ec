import { describe, expect, it } from 'vitest';
import { recognize } from '../../../src/core/checkpoint/families/recognize';
import { FoundCheckpoint } from '../../../src/core/checkpoint/importCheckpoint';
import type { Checkpoint } from '../../../src/core/checkpoint/readCheckpoint';
import { tensorNotes } from '../../../src/core/checkpoint/tensorNotes';
import { randomResNet101 } from '../../../src/core/onnx/networks/randomWeights';
import { describeMemory, describeModel, describeUnusable } from '../../../src/shared/describeModel';
import { describeFindings } from '../../../src/shared/describeTensors';
import { parseClassNames, parseMean, parseRates } from '../../../src/shared/importInput';
import { caffeModelFile, kazutoTensors, torchZipFile } from '../../support/checkpointFiles';

const network = randomResNet101({ branches: 4, classes: 21, width: 1 / 64, seed: 2 });

describe('everything found in a checkpoint', () => {
	it('has facts, then every tensor by what it is for', () => {
		const tensors = kazutoTensors(network);
		tensors.set('base.layer1.conv1.bn.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
		tensors.set('optimizer.momentum', { shape: [3, 4], data: new Float32Array(12) });
		const found = new FoundCheckpoint(torchZipFile(tensors), 'n.pth');
		const sum = { sum: [6, 12] };
		const text = describeFindings('n.pth', { report: found.report(sum), tensors: found.tensors(sum) });
		const lines = text.split('\n');
		expect(lines[0]).toBe('n.pth');
		expect(text).toContain('  Layers named as by  kazuto1011/deeplab-pytorch');
		expect(text).toContain('Not used, for nothing in the network has their names: 1\n  optimizer.momentum  3 x 4\n');
		expect(text).toContain('Left out, of branches that are not added up: 4\n');
		expect(text).toContain('counters of training steps: 1\n  base.layer1.conv1.bn.num_batches_tracked  a number');
		const heading = lines.find((line) => line.startsWith('Tensors of the network: '))!;
		// 528 tensors of the whole network, without weight and bias of two branches.
		expect(heading).toBe('Tensors of the network: 524');
	});

	it('of a .caffemodel names the copies for other scales', () => {
		const found = new FoundCheckpoint(caffeModelFile(network), 'n.caffemodel');
		const text = describeFindings('n', { report: found.report(), tensors: found.tensors() });
		expect(text).toContain('copies for pictures of other sizes');
		expect(text).toContain('  conv1_res075.0 ');
	});

	it('tells heads of training alone and other networks', () => {
		const tensors = new Map<string, { name: string; shape: number[]; data: Float32Array }>();
		const add = (name: string, ...shape: number[]) =>
			tensors.set(name, { name, shape, data: new Float32Array(shape.reduce((product, side) => product * side, 1)) });
		const norm = (name: string, channels: number) => {
			for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
				add(`${name}.${part}`, channels);
			}
		};
		const body = (prefix: string) => {
			add(`${prefix}conv1.weight`, 2, 3, 7, 7);
			norm(`${prefix}bn1`, 2);
			let inputs = 2;
			for (let stage = 1; stage <= 4; stage++) {
				const at = `${prefix}layer${stage}.0`;
				add(`${at}.conv1.weight`, 2, inputs, 1, 1);
				add(`${at}.conv2.weight`, 2, 2, 3, 3);
				add(`${at}.conv3.weight`, 4 * stage, 2, 1, 1);
				add(`${at}.downsample.0.weight`, 4 * stage, inputs, 1, 1);
				norm(`${at}.bn1`, 2);
				norm(`${at}.bn2`, 2);
				norm(`${at}.bn3`, 4 * stage);
				norm(`${at}.downsample.1`, 4 * stage);
				inputs = 4 * stage;
			}
			add(`${prefix}layer6.conv2d_list.0.weight`, 5, 16, 3, 3);
		};
		body('model.');
		body('teacher.model.');
		add('model.layer5.conv2d_list.0.weight', 5, 12, 3, 3);
		const checkpoint: Checkpoint = { format: 'torch.zip', tensors, through: [] };
		const notes = tensorNotes(checkpoint, recognize(checkpoint, 'f'), [true]);
		const use = (name: string) => notes.find((note) => note.name === name)?.use;
		expect(use('model.layer6.conv2d_list.0.weight')).toBe('network');
		expect(use('model.layer5.conv2d_list.0.weight')).toBe('auxiliary');
		expect(use('teacher.model.layer1.0.conv1.weight')).toBe('otherNetwork');
		const off = tensorNotes(checkpoint, recognize(checkpoint, 'f'), [false]);
		expect(off.find(({ name }) => name === 'model.layer6.conv2d_list.0.weight')?.use).toBe('leftOut');
	});
});

describe('a model in one line', () => {
	const summary = {
		name: 'n',
		backbone: 'vgg16',
		outputStride: 16,
		rates: [3, 6],
		classes: 21,
		classSet: 'voc',
		memory: undefined,
	} as const;

	it('says what it is', () => {
		expect(describeModel(summary)).toBe('vgg16, output stride 16 · rates 3, 6 · 21 classes of PASCAL VOC');
		expect(describeModel({ ...summary, classSet: undefined })).toContain('21 classes');
		expect(describeModel({ ...summary, rates: [] })).toBe('vgg16, output stride 16 · 21 classes of PASCAL VOC');
	});

	it('of another tool says that it can be adopted', () => {
		expect(describeUnusable({ code: 'model.foreign', name: 'n' }, 'a/n.onnx')).toBe(
			'of another tool, can be adopted · a/n.onnx',
		);
		expect(describeUnusable({ code: 'model.damaged', name: 'n', detail: '' }, 'n.onnx')).toBe(
			'cannot be used · n.onnx',
		);
	});

	it('gives memory no more digits than the estimate has', () => {
		expect(describeMemory({ bytes: 755_991_276, inputSize: [512, 1024] })).toBe(
			'about 760 MB of memory for 1024 x 512 pixels, estimated',
		);
	});
});

describe('what a user types', () => {
	it.each([
		['6,12,18,24', [6, 12, 18, 24]],
		[' 6 , 12', [6, 12]],
		['12', [12]],
		['', undefined],
		['6,', undefined],
		['6;12', undefined],
		['1.5', undefined],
	])('rates: “%s”', (text, rates) => expect(parseRates(text)).toEqual(rates));

	it.each([
		['104.008, 116.669, 122.675', [104.008, 116.669, 122.675]],
		['0,0,255', [0, 0, 255]],
		['1,2', undefined],
		['1,,3', undefined],
		['1,2,256', undefined],
		['a,b,c', undefined],
	])('a mean: “%s”', (text, mean) => expect(parseMean(text)).toEqual(mean));

	it('names, one a line', () => expect(parseClassNames(' a \r\n\nb c\n')).toEqual(['a', 'b c']));
});
