import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/commandLine/commandLine.node';
import { toProblem } from '../../../src/core/problem';

const parse = (...words: string[]) => parseCommandLine(words);
const nothing = {
	name: undefined,
	rates: undefined,
	sum: undefined,
	alignCorners: undefined,
	mean: undefined,
	channelOrder: undefined,
	keepBatchNorm: false,
	pool5a: undefined,
};

describe('import on the command line', () => {
	it('leaves unsaid what is not said', () => {
		expect(parse('import', 'a.pth', '-o', 'a.onnx')).toEqual({
			name: 'import',
			checkpoint: 'a.pth',
			out: 'a.onnx',
			classes: undefined,
			overrides: nothing,
			json: false,
		});
	});

	it('reads every option', () => {
		const options = ['--name', 'mine', '--classes', 'cityscapes', '--rates', '2,4,8,12', '--sum', '2,4', '--json'];
		const more = ['--align-corners', 'false', '--mean', '104,117.5,123', '--channel-order', 'RGB', '--pool5a', 'yes'];
		expect(parse('import', ...options, ...more, '--keep-batch-norm', 'a.pth', '--out', 'a.onnx')).toEqual({
			name: 'import',
			checkpoint: 'a.pth',
			out: 'a.onnx',
			classes: { kind: 'set', id: 'cityscapes' },
			overrides: {
				name: 'mine',
				rates: [2, 4, 8, 12],
				sum: [2, 4],
				alignCorners: false,
				mean: [104, 117.5, 123],
				channelOrder: 'RGB',
				keepBatchNorm: true,
				pool5a: true,
			},
			json: true,
		});
		expect(parse('import', 'a.pth', '-o', 'a.onnx', '--classes', 'names.txt')).toMatchObject({
			classes: { kind: 'file', file: 'names.txt' },
		});
	});

	it.each([
		[['-o', 'a.onnx'], 'import takes one checkpoint'],
		[['a.pth', 'b.pth', '-o', 'a.onnx'], 'import takes one checkpoint'],
		[['a.pth'], '--out MODEL.onnx'],
		[['a.pth', '-o', 'a.onnx', '--rates', '6;12'], '--rates takes dilation rates'],
		[['a.pth', '-o', 'a.onnx', '--sum', ''], '--sum takes dilation rates'],
		[['a.pth', '-o', 'a.onnx', '--mean', '1,2'], '--mean takes three numbers'],
		[['a.pth', '-o', 'a.onnx', '--mean', '1,2,300'], 'not “1,2,300”'],
		[['a.pth', '-o', 'a.onnx', '--align-corners', 'maybe'], '--align-corners takes true or false'],
		[['a.pth', '-o', 'a.onnx', '--channel-order', 'GRB'], 'RGB or BGR'],
		[['a.pth', '-o', 'a.onnx', '--threads', '2'], 'import has no option --threads'],
	])('refuses %j', (words, message) => {
		try {
			parse('import', ...words);
		} catch (error) {
			const problem = toProblem(error);
			expect(problem).toMatchObject({ code: 'usage', detail: expect.stringContaining(message) });
			return;
		}
		throw new Error('nothing failed');
	});
});
