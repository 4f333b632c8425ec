import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/commandLine.node';
import { toProblem } from '../../../src/core/problem';

const parse = (line: string) => parseCommandLine(line.split(' ').filter((word) => word !== ''));

describe('parseCommandLine', () => {
	it('reads segment with every option, in any order', () => {
		expect(parse('segment --threads 3 a.png --out d b.png --npz --json --model m.onnx --longest-side 321')).toEqual({
			name: 'segment',
			images: ['a.png', 'b.png'],
			out: 'd',
			npz: true,
			json: true,
			model: 'm.onnx',
			threads: 3,
			longestSide: 321,
		});
	});

	it('leaves unsaid what is not said', () => {
		expect(parse('segment a.png --out d')).toMatchObject({
			npz: false,
			json: false,
			model: undefined,
			threads: undefined,
			longestSide: undefined,
		});
		expect(parse('info')).toEqual({ name: 'info', model: undefined, json: false, inputSize: undefined });
		expect(parse('info bundled')).toMatchObject({ model: undefined });
	});

	it('reads info', () => {
		expect(parse('info m.onnx --input-size 321x513 --json')).toEqual({
			name: 'info',
			model: 'm.onnx',
			json: true,
			inputSize: [321, 513],
		});
	});

	it('lets help and version come first', () => {
		expect(parse('segment --help')).toEqual({ name: 'help' });
		expect(parse('--version')).toEqual({ name: 'version' });
	});

	it.each([
		['', 'segment or info'],
		['paint', '“paint”'],
		['segment --out d', 'at least one picture'],
		['segment a.png', '--out DIR'],
		['segment a.png --out d --threads 0', '--threads'],
		['segment a.png --out d --threads two', '“two”'],
		['segment a.png --out d --longest-side 1e9', '--longest-side'],
		['segment a.png --out d --input-size 3x3', '--input-size'],
		['segment a.png --out d --colour', '--colour'],
		['info a.onnx b.onnx', 'one model'],
		['info --out d', '--out'],
		['info --input-size 513', '“513”'],
		['info --input-size 0x8', '“0x8”'],
	])('refuses “%s” and says why', (line, said) => {
		try {
			parse(line);
		} catch (error) {
			const problem = toProblem(error);
			expect(problem.code).toBe('usage');
			expect('detail' in problem && problem.detail).toContain(said);
			return;
		}
		throw new Error('it was taken');
	});
});
