/** The built dist/cli.mjs, run as a user runs it. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SegmentReport } from '../../../src/cli/segment/segment.node';
import { decodeNpz } from '../../../src/core/checkpoint/npz';
import { decodeLabelPng } from '../../../src/core/image/palettePng';
import type { TraceFile } from '../../../src/core/profile/traceFile';
import { ensureBuilt, modelFile, root } from '../worker/support';

const cliScript = path.join(root, 'dist/cli.mjs');
const chelsea = path.join(root, 'media/samples/chelsea.png');
const coffee = path.join(root, 'media/samples/coffee.png');
let folder = '';
let out = '';

beforeAll(ensureBuilt);
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'cli-'));
	out = path.join(folder, 'masks/here');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function cli(...args: string[]): SpawnSyncReturns<string> {
	return spawnSync(process.execPath, [cliScript, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

const read = (file: string) => new Uint8Array(readFileSync(file));
const report = (result: SpawnSyncReturns<string>) => JSON.parse(result.stdout) as SegmentReport;

describe('segment', () => {
	it('writes a mask, says classes, shares, times and where it is', () => {
		const result = cli('segment', chelsea, '--out', out);
		expect(result.stderr).toBe('');
		expect(result.status).toBe(0);
		expect(result.stdout.trim().split('\n')).toEqual([
			expect.stringMatching(
				/chelsea\.png {2}451 x 300 {2}cat 77\.\d %, background 22\.\d % {2}\d+ ms \(decode \d+, model \d+, network \d+, upsample \d+\) {2}→ .*masks\/here\/chelsea\.png$/,
			),
		]);
		const mask = decodeLabelPng(read(path.join(out, 'chelsea.png')));
		expect([mask.width, mask.height]).toEqual([451, 300]);
		expect(new Set(mask.labels)).toEqual(new Set([0, 8]));
		expect(readdirSync(out)).toEqual(['chelsea.png']);
	});

	it('prints JSON alone with --json, and it fits the mask', () => {
		const result = cli('segment', coffee, '--out', out, '--json', '--threads', '1', '--longest-side', '300');
		expect(result.stderr).toBe('');
		const { runs, failures } = report(result);
		expect(failures).toEqual([]);
		const [run] = runs;
		expect(run).toMatchObject({
			image: coffee,
			mask: path.join(out, 'coffee.png'),
			width: 600,
			height: 400,
			input: { width: 305, height: 201 },
			grid: { width: 39, height: 26 },
			backend: { name: 'wasm', threads: 1 },
		});
		expect(Object.keys(run!.timings)).toEqual(['decode', 'model', 'network', 'upsample']);
		const { labels } = decodeLabelPng(read(run!.mask));
		for (const { label, pixels, share } of run!.classes) {
			expect(labels.filter((value) => value === label).length).toBe(pixels);
			expect(share).toBeCloseTo(pixels / 240_000, 12);
		}
	});

	it('runs the same weights at another output stride', () => {
		const result = cli('segment', chelsea, '--out', out, '--json', '--output-stride', '16', '--longest-side', '257');
		expect(result.stderr).toBe('');
		const [run] = report(result).runs;
		expect([run!.input, run!.grid]).toEqual([
			{ width: 257, height: 177 },
			{ width: 17, height: 12 },
		]);
		expect(run!.classes[0]!.name).toBe('cat');
	});

	it('fuses three scales with --multi-scale, and keeps the full scale’s branches', () => {
		const result = cli('segment', '--multi-scale', chelsea, '--out', out, '--json', '--npz', '--longest-side', '257');
		expect(result.stderr).toBe('');
		const [run] = report(result).runs;
		const { rule, scales, shares } = run!.multiScale!;
		expect([rule, scales]).toEqual(['caffe', [1, 0.75, 0.5]]);
		expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
		const arrays = decodeNpz(read(run!.npz!));
		const values = (name: string) => arrays[name]!.data as Float32Array;
		expect([...values('scales')]).toEqual([1, 0.75, 0.5]);
		const won = arrays.winning_scales!;
		expect(won.shape).toEqual([300, 451]);
		for (const [index, share] of shares.entries()) {
			expect((won.data as Uint8Array).filter((value) => value === index).length / won.data.length).toBeCloseTo(
				share,
				9,
			);
		}
		const sum = values('aspp.6').map((value, at) =>
			[12, 18, 24].reduce((total, rate) => total + values(`aspp.${rate}`)[at]!, value),
		);
		const above = values('logits').map((value, at) => value - sum[at]!);
		expect(Math.min(...above)).toBeGreaterThan(-1e-4);
		expect(Math.max(...above)).toBeGreaterThan(0.1);
	});

	it('writes a profile that trace viewers open, of the picture at the size and stride it was segmented at', () => {
		const network = ['--longest-side', '129', '--output-stride', '16'];
		const result = cli('segment', chelsea, '--out', out, '--profile', '--json', ...network);
		expect(result.status).toBe(0);
		const { runs } = JSON.parse(result.stdout) as SegmentReport;
		const file = path.join(out, 'chelsea-profile.json');
		expect(runs[0]!.profile).toBe(file);
		const { traceEvents, profile } = JSON.parse(readFileSync(file, 'utf8')) as TraceFile;
		expect(profile.inputSize).toEqual([runs[0]!.input.height, runs[0]!.input.width]);
		const branch = profile.operators.find(({ path: [part] }) => part === 'aspp');
		expect(branch?.outputShape?.slice(2)).toEqual([runs[0]!.grid.height, runs[0]!.grid.width]);
		const operators = traceEvents.filter((event) => event.ph === 'X' && event.cat === 'operator');
		expect(operators.length).toBe(profile.operators.length);
		expect(operators.length).toBeGreaterThan(50);
		expect(profile.memory?.kind).toBe('wasmHeap');
	}, 120_000);

	it('writes a profile of the output stride that was segmented at', () => {
		const ofStride = ['--output-stride', '16', '--longest-side', '129'];
		const result = cli('segment', chelsea, '--out', out, '--profile', '--json', ...ofStride);
		expect(result.status).toBe(0);
		const { profile } = JSON.parse(readFileSync(path.join(out, 'chelsea-profile.json'), 'utf8')) as TraceFile;
		const branches = profile.operators.flatMap(({ path: [part, rate] }) => (part === 'aspp' ? [rate] : []));
		expect(new Set(branches)).toEqual(new Set(['3', '6', '9', '12']));
	}, 120_000);

	it('writes an .npz whose arrays fit together', () => {
		expect(cli('segment', chelsea, '--out', out, '--npz').status).toBe(0);
		const arrays = decodeNpz(read(path.join(out, 'chelsea.npz')));
		expect(Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]))).toEqual({
			logits: [1, 21, 39, 58],
			'aspp.6': [1, 21, 39, 58],
			'aspp.12': [1, 21, 39, 58],
			'aspp.18': [1, 21, 39, 58],
			'aspp.24': [1, 21, 39, 58],
			features: [1, 256, 39, 58],
			labels: [300, 451],
		});
		expect(arrays.labels!.data).toEqual(decodeLabelPng(read(path.join(out, 'chelsea.png'))).labels);
	});

	const numpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
	it.skipIf(!numpy)('writes an .npz in which numpy finds that the branches sum to the logits', () => {
		expect(cli('segment', chelsea, '--out', out, '--npz').status).toBe(0);
		const script = `
import numpy, sys
z = numpy.load(sys.argv[1])
total = sum(z[f'aspp.{rate}'] for rate in (6, 12, 18, 24))
print(numpy.abs(total - z['logits']).max() < 1e-4, z['labels'].dtype, z['labels'].shape)`;
		const result = spawnSync('python3', ['-c', script, path.join(out, 'chelsea.npz')], { encoding: 'utf8' });
		expect(result.stdout.trim()).toBe('True uint8 (300, 451)');
	});

	it('goes on after bad pictures and tells each', () => {
		const empty = path.join(folder, 'empty.png');
		writeFileSync(empty, '');
		const cut = path.join(folder, 'cut.png');
		writeFileSync(cut, read(chelsea).subarray(0, 60_000));
		const missing = path.join(folder, 'missing.png');
		const result = cli('segment', empty, folder, cut, missing, modelFile, chelsea, '--out', out, '--json');
		expect(result.status).toBe(1);
		const { runs, failures } = report(result);
		expect(runs.map(({ image }) => image)).toEqual([chelsea]);
		expect(failures.map(({ image, code }) => [image, code])).toEqual([
			[empty, 'picture.empty'],
			[folder, 'picture.isFolder'],
			[cut, 'picture.damaged'],
			[missing, 'picture.notFound'],
			[modelFile, 'picture.notAPicture'],
		]);
		expect(result.stderr.trim().split('\n')).toEqual(failures.map(({ message }) => message));
		expect(readdirSync(out)).toEqual(['chelsea.png']);
	});

	it('gives namesakes their own masks and overwrites no picture', () => {
		const here = path.join(folder, 'here');
		mkdirSync(here);
		copyFileSync(chelsea, path.join(here, 'a.png'));
		copyFileSync(chelsea, path.join(folder, 'a.png'));
		const result = cli('segment', path.join(here, 'a.png'), path.join(folder, 'a.png'), '--out', here);
		expect(result.status).toBe(0);
		expect(readdirSync(here).sort()).toEqual(['a-2.png', 'a-3.png', 'a.png']);
		expect(read(path.join(here, 'a.png'))).toEqual(read(chelsea));
	});

	it('tells a bad model once, for every picture in the report', () => {
		const model = path.join(folder, 'bad.onnx');
		writeFileSync(model, read(modelFile).subarray(0, 1_000_000));
		const result = cli('segment', chelsea, coffee, '--out', out, '--model', model, '--json');
		expect(result.status).toBe(1);
		expect(report(result).failures.map(({ code }) => code)).toEqual(['model.damaged', 'model.damaged']);
		expect(result.stderr.trim().split('\n').length).toBe(1);
		const missing = cli('segment', chelsea, '--out', out, '--model', path.join(folder, 'none.onnx'), '--json');
		expect(report(missing).failures.map(({ code }) => code)).toEqual(['model.notFound']);
		expect(readdirSync(out)).toEqual([]);
	});

	it('takes a model file', () => {
		const model = path.join(folder, 'own.onnx');
		copyFileSync(modelFile, model);
		expect(cli('segment', chelsea, '--out', out, '--model', model).status).toBe(0);
	});

	it('tells a folder that cannot be made', () => {
		writeFileSync(path.join(folder, 'file'), '');
		const result = cli('segment', chelsea, '--out', path.join(folder, 'file/masks'));
		expect(result.status).toBe(1);
		expect(result.stderr).toContain('cannot be written');
		expect(result.stdout).toBe('');
	});

	it('tells a mask that cannot be written, and leaves nothing of it', () => {
		mkdirSync(path.join(out, 'chelsea.png'), { recursive: true });
		const result = cli('segment', chelsea, '--out', out);
		expect(result.status).toBe(1);
		expect(result.stderr).toContain('cannot be written');
		expect(readdirSync(out)).toEqual(['chelsea.png']);
	});

	it.each([300, 600, 900, 1300])('ends cleanly when interrupted after %i ms', async (delay) => {
		const pictures = Array.from({ length: 30 }, () => chelsea);
		const child = spawn(process.execPath, [cliScript, 'segment', ...pictures, '--out', out, '--npz'], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		let said = '';
		child.stderr.on('data', (data) => {
			said += data;
		});
		const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
		await new Promise((resolve) => setTimeout(resolve, delay));
		const before = performance.now();
		child.kill('SIGINT');
		const code = await ended;
		expect(performance.now() - before).toBeLessThan(2000);
		// Null: interrupted before the program had begun, which on a busy machine may be.
		if (code !== null) {
			expect(code).toBe(130);
			expect(said.trim()).toMatch(/^Cancelled\./);
		}
		for (const file of existsSync(out) ? readdirSync(out) : []) {
			expect(file).toMatch(/^chelsea(-\d+)?\.(png|npz)$/);
			const bytes = read(path.join(out, file));
			expect(() => (file.endsWith('.png') ? decodeLabelPng(bytes) : decodeNpz(bytes))).not.toThrow();
		}
	});

	it('--crf writes the refined mask, with the network’s own beside it', () => {
		const result = cli('segment', chelsea, '--out', out, '--crf', '--npz', '--json', '--iterations', '4');
		expect(result.stderr).toBe('');
		const { runs } = report(result);
		const { crf, classes, mask } = runs[0]!;
		expect(readdirSync(out).sort()).toEqual(['chelsea-before.png', 'chelsea.npz', 'chelsea.png']);
		const after = decodeLabelPng(read(mask)).labels;
		const before = decodeLabelPng(read(crf!.maskBefore)).labels;
		const differing = after.filter((label, i) => label !== before[i]).length;
		expect(crf!.changedPixels).toBe(differing);
		expect(differing).toBeGreaterThan(100);
		expect(crf!.settings).toMatchObject({ resolution: 'picture', parameters: { iterations: 4 } });
		expect(crf!.steps).toHaveLength(5);
		for (const { label, name, before: had, after: has, gained, lost } of crf!.classes) {
			expect(name).toMatch(/cat|background/);
			expect(has).toBe(after.filter((each) => each === label).length);
			expect(had).toBe(before.filter((each) => each === label).length);
			expect(has - had).toBe(gained - lost);
		}
		expect(classes.map(({ label, pixels }) => [label, pixels])).toEqual(
			crf!.classes.map(({ label, after: has }) => [label, has]),
		);
		const arrays = decodeNpz(read(path.join(out, 'chelsea.npz')), 'chelsea.npz');
		expect(arrays.labels!.data).toEqual(after);
		expect(arrays.labels_before!.data).toEqual(before);
	});

	it('--crf at the network’s resolution writes a mask of the picture’s size, in sentences', () => {
		const result = cli(
			'segment',
			chelsea,
			'--out',
			out,
			'--crf',
			'--crf-resolution',
			'network',
			'--longest-side',
			'257',
		);
		expect(result.stderr).toBe('');
		expect(result.stdout).toMatch(/upsample \d+, crf \d+\) {2}→ .*chelsea\.png, .*chelsea-before\.png\n$/);
		const { width, height } = decodeLabelPng(read(path.join(out, 'chelsea.png')));
		expect([width, height]).toEqual([451, 300]);
	});
});

describe('info', () => {
	it('prints the bundled network with aligned columns', () => {
		const { stdout, stderr, status } = cli('info');
		expect([stderr, status]).toEqual(['', 0]);
		const lines = stdout.trimEnd().split('\n');
		const head = lines.findIndex((line) => line.startsWith('Layer'));
		expect(lines.slice(0, head).join('\n')).toContain('2,137,524');
		const end = lines[head]!.indexOf('Parameters') + 'Parameters'.length;
		for (const line of lines.slice(head + 1)) {
			expect(line.slice(end, end + 2).trim()).toBe('');
		}
		expect(stdout).toMatch(/ 24 +Conv +3x3 +1x1 +24x24 +21x65x65 +48,405 +875x875/);
	});

	it('prints JSON for another input size', () => {
		const network = JSON.parse(cli('info', 'bundled', '--json', '--input-size', '321x241').stdout);
		expect(network).toMatchObject({ inputSize: [321, 241], parameters: 2_137_524 });
		expect(network.tree.at(-1).outputShape).toEqual([21, 41, 31]);
	});

	it('tells what is no model', () => {
		expect(cli('info', chelsea)).toMatchObject({ status: 1, stdout: '' });
		expect(cli('info', path.join(folder, 'none.onnx')).stderr).toContain('There is no model');
	});
});

describe('the program', () => {
	it('prints help and its version', () => {
		expect(cli('--help').stdout).toContain('deeplab-inspector segment IMAGE… --out DIR');
		const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
		expect(cli('--version').stdout.trim()).toBe(version);
	});

	it('tells wrong usage with code 2', () => {
		const result = cli('segment', chelsea);
		expect(result).toMatchObject({ status: 2, stdout: '' });
		expect(result.stderr).toContain('--out DIR');
	});
});
