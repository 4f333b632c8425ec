import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/commandLine/commandLine.node';
import { defaultCrfParameters } from '../../../src/core/crf/parameters';
import { toProblem } from '../../../src/core/problem';

const parse = (line: string) => parseCommandLine(line.split(' ').filter((word) => word !== ''));

describe('parseCommandLine', () => {
	it('reads segment with every option, in any order', () => {
		expect(
			parse(
				'segment --threads 3 --backend webgpu a.png --out d b.png --npz --profile --json --model m.onnx --longest-side 321',
			),
		).toEqual({
			name: 'segment',
			images: ['a.png', 'b.png'],
			out: 'd',
			npz: true,
			profile: true,
			json: true,
			model: 'm.onnx',
			threads: 3,
			backend: 'webgpu',
			longestSide: 321,
			multiScale: undefined,
			outputStride: undefined,
			crf: undefined,
		});
	});

	it('reads the rule of several scales, Caffe’s where none is said', () => {
		expect(parse('segment --multi-scale a.png --out d')).toMatchObject({ images: ['a.png'], multiScale: 'caffe' });
		expect(parse('segment a.png --out d --multi-scale')).toMatchObject({ multiScale: 'caffe' });
		expect(parse('segment --multi-scale kazuto a.png --out d')).toMatchObject({
			images: ['a.png'],
			multiScale: 'kazuto',
		});
		expect(parse('segment a.png --out d --multi-scale=kazuto')).toMatchObject({ multiScale: 'kazuto' });
		expect(() => parse('segment a.png --out d --multi-scale=all')).toThrow(
			'--multi-scale takes caffe, kazuto, not “all”',
		);
		expect(parse('segment a.png --out d --output-stride 16')).toMatchObject({ outputStride: 16 });
		expect(() => parse('segment a.png --out d --output-stride 4')).toThrow('--output-stride takes 8, 16, 32, not “4”');
		expect(() => parse('info --multi-scale')).toThrow('info has no option --multi-scale');
	});

	it('reads compare-backends', () => {
		expect(parse('compare-backends a.png --model m.onnx --longest-side 321 --multi-scale kazuto --json')).toEqual({
			name: 'compare-backends',
			image: 'a.png',
			model: 'm.onnx',
			threads: undefined,
			longestSide: 321,
			multiScale: 'kazuto',
			json: true,
		});
		expect(() => parse('compare-backends')).toThrow('compare-backends takes one picture');
		expect(() => parse('compare-backends a.png --npz')).toThrow('compare-backends has no option --npz');
	});

	it('reads the backend, by itself the automatic one', () => {
		expect(parse('segment a.png --out d')).toMatchObject({ backend: 'auto' });
		expect(parse('segment a.png --out d --backend wasm')).toMatchObject({ backend: 'wasm' });
		expect(() => parse('segment a.png --out d --backend gpu')).toThrow('--backend takes auto, webgpu, wasm, not “gpu”');
		expect(() => parse('explain a.png --at 1,1 --backend wasm')).toThrow('explain has no option --backend');
	});

	it('leaves unsaid what is not said', () => {
		expect(parse('segment a.png --out d')).toMatchObject({
			npz: false,
			profile: false,
			json: false,
			model: undefined,
			threads: undefined,
			longestSide: undefined,
		});
		expect(parse('info')).toEqual({
			name: 'info',
			model: undefined,
			json: false,
			receptiveFields: false,
			inputSize: undefined,
		});
		expect(parse('info bundled')).toMatchObject({ model: undefined });
	});

	it('reads info', () => {
		expect(parse('info m.onnx --input-size 321x513 --json')).toEqual({
			name: 'info',
			model: 'm.onnx',
			receptiveFields: false,
			json: true,
			inputSize: [321, 513],
		});
	});

	it('reads adopt and doctor', () => {
		expect(
			parse('adopt a.onnx -o b.onnx --classes voc --normalize caffe --channel-order BGR --pad 8k+1 --resize stretch'),
		).toEqual({
			name: 'adopt',
			model: 'a.onnx',
			out: 'b.onnx',
			classes: { kind: 'set', id: 'voc' },
			options: {
				normalization: 'caffe',
				channelOrder: 'BGR',
				pad: { multiple: 8, remainder: 1 },
				resize: 'stretch',
			},
			json: false,
		});
		expect(parse('adopt a.onnx -o b.onnx --pad 32k --mean 1,2,3 --std 4,5,6 --ignore-label 0')).toMatchObject({
			classes: undefined,
			options: { pad: { multiple: 32, remainder: 0 }, mean: [1, 2, 3], std: [4, 5, 6], ignoreLabel: 0 },
		});
		expect(parse('doctor bundled a.png --truth t.png --out d --json')).toEqual({
			name: 'doctor',
			model: undefined,
			image: 'a.png',
			truth: 't.png',
			out: 'd',
			json: true,
		});
		expect(() => parse('adopt a.onnx')).toThrow('adopt needs a file');
		expect(() => parse('doctor a.onnx')).toThrow('a model and a picture');
	});

	it('reads explain at a pixel or a cell', () => {
		expect(parse('explain a.png --at 120,80')).toEqual({
			name: 'explain',
			image: 'a.png',
			place: { kind: 'pixel', x: 120, y: 80 },
			className: undefined,
			model: undefined,
			threads: undefined,
			longestSide: undefined,
			json: false,
		});
		expect(parse('explain --cell 0,31 --class cat --json --model m.onnx --longest-side 300 a.png')).toMatchObject({
			place: { kind: 'cell', row: 0, column: 31 },
			className: 'cat',
			model: 'm.onnx',
			longestSide: 300,
			json: true,
		});
		expect(parse('info --receptive-fields')).toMatchObject({ receptiveFields: true, json: false });
	});

	it('lets help and version come first', () => {
		expect(parse('segment --help')).toEqual({ name: 'help' });
		expect(parse('--version')).toEqual({ name: 'version' });
	});

	it.each([
		['', 'import, new, adopt, doctor or compare-backends'],
		['paint', '“paint”'],
		['segment --out d', 'at least one picture'],
		['segment a.png', '--out DIR'],
		['segment a.png --out d --threads 0', '--threads'],
		['segment a.png --out d --threads two', '“two”'],
		['segment a.png --out d --longest-side 1e9', '--longest-side'],
		['segment a.png --out d --input-size 3x3', '--input-size'],
		['segment a.png --out d --colour', '--colour'],
		['explain --at 1,2', 'one picture'],
		['explain a.png b.png --at 1,2', 'one picture'],
		['explain a.png', 'either --at X,Y'],
		['explain a.png --at 1,2 --cell 3,4', 'either --at X,Y'],
		['explain a.png --at 1', '--at takes X and Y in pixels, such as 120,80, not “1”'],
		['explain a.png --at 1,2.5', '“1,2.5”'],
		['explain a.png --at=-1,2', '“-1,2”'],
		['explain a.png --cell=', '--cell takes a row and a column'],
		['explain a.png --cell 3,4 --class=', '--class takes a class'],
		['explain a.png --cell 3,4 --out d', 'explain has no option --out'],
		['segment a.png --out d --receptive-fields', '--receptive-fields'],
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

describe('parseCommandLine on the CRF', () => {
	const problem = (line: string) => {
		try {
			parse(line);
		} catch (error) {
			return toProblem(error);
		}
		throw new Error('it was taken');
	};

	it('reads segment --crf with preset, changes and resolution', () => {
		expect(parse('segment a.png --out d --crf')).toMatchObject({
			crf: { parameters: defaultCrfParameters, resolution: undefined },
		});
		expect(
			parse('segment a.png --out d --crf --preset kazuto1011 --iterations 3 --exact --crf-resolution network'),
		).toMatchObject({
			crf: {
				parameters: { iterations: 3, bilateralSigmaXy: 67, bilateralSigmaRgb: 3, pruning: 0 },
				resolution: 'network',
			},
		});
	});

	it('reads crf with each kind of unary', () => {
		expect(parse('crf --image i.png --unary u.npy --out q.npy --threads 2')).toEqual({
			name: 'crf',
			image: 'i.png',
			source: { kind: 'unary', file: 'u.npy' },
			parameters: defaultCrfParameters,
			out: 'q.npy',
			mask: undefined,
			threads: 2,
			json: false,
		});
		expect(parse('crf --image i.png --probabilities p.npy --out q.npy --mask m.png')).toMatchObject({
			source: { kind: 'probabilities', file: 'p.npy' },
			mask: 'm.png',
		});
		expect(parse('crf --image i.png --labels l.png --classes 21 --out q.npy')).toMatchObject({
			source: { kind: 'labels', file: 'l.png', classes: 21, probability: 0.7 },
		});
	});

	it.each([
		['segment a.png --out d --iterations 3', /--iterations is an option of the CRF: add --crf/],
		['segment a.png --out d --crf --iterations 2.5', /--iterations takes a whole number from 0 to 100/],
		['segment a.png --out d --crf --spatial-sigma 0', /--spatial-sigma takes a number from 0\.1/],
		['segment a.png --out d --crf --spatial-sigma=', /--spatial-sigma takes a number/],
		['segment a.png --out d --crf --preset best', /--preset takes one of bundled, deeplabv2, .*pydensecrf, not “best”/],
		['segment a.png --out d --crf --normalization all', /--normalization takes one of symmetric/],
		['segment a.png --out d --crf --crf-resolution 513', /--crf-resolution takes one of network, picture/],
		['segment a.png --out d --unary u.npy', /segment has no option --unary/],
		['crf --unary u.npy --out q.npy', /--image/],
		['crf --image i.png --unary u.npy', /--out/],
		['crf --image i.png --out q.npy', /one of --unary/],
		['crf --image i.png --out q.npy --unary u.npy --labels l.png', /one of --unary/],
		['crf --image i.png --out q.npy --labels l.png', /--classes/],
		['crf --image i.png --out q.npy --labels l.png --classes 1', /--classes/],
		['crf --image i.png --out q.npy --labels l.png --classes 2 --gt-prob 1', /--gt-prob/],
		['crf --image i.png --out q.npy --unary u.npy --gt-prob 0.5', /--gt-prob goes with --labels/],
		['crf --image i.png --out q.npy --unary u.npy --npz', /crf has no option --npz/],
		['info --profile', /info has no option --profile/],
		['crf i.png --unary u.npy --out q.npy', /“i\.png”/],
	])('refuses “%s”', (line, message) => {
		const found = problem(line);
		expect(found.code).toBe('usage');
		expect('detail' in found && found.detail).toMatch(message);
	});
});
