/** `import` as a user runs it, with the small networks. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { readMetadata } from '../../../src/core/onnx/metadata';
import { hasMini, miniFile } from '../core/onnx/networks/mini';
import { ensureBuilt, root } from '../worker/support';

let folder = '';
const at = (name: string) => path.join(folder, name);
const run = (...args: string[]) =>
	spawnSync(process.execPath, [path.join(root, 'dist/cli.mjs'), ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });

describe.skipIf(!hasMini)('import', () => {
	beforeAll(ensureBuilt);
	beforeEach(() => {
		folder = mkdtempSync(path.join(tmpdir(), 'import-'));
		writeFileSync(at('net.pth'), miniFile('resnet101-kazuto.zip.pth'));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	it('says what it found, writes a model, and segment takes it', () => {
		const result = run('import', at('net.pth'), '-o', at('net.onnx'));
		expect(result.stderr).toBe('');
		expect(result.status).toBe(0);
		const lines = result.stdout.trimEnd().split('\n');
		expect(lines.slice(0, -1)).toEqual([
			'  File                PyTorch checkpoint',
			'  Layers named as by  kazuto1011/deeplab-pytorch',
			'  Backbone            resnet101, output stride 8',
			'  Dilation rates      6, 12, 18, 24 (the paper’s; the file does not say)',
			'  Branches            one convolution each',
			'  Classes             21, by their number those of PASCAL VOC',
			'  Input               BGR, mean 104.008, 116.669, 122.675; logits resized with align_corners false',
			expect.stringMatching(/^ {2}Numbers read {8}2\d\d,\d{3}$/),
		]);
		expect(lines.at(-1)).toMatch(/^→ .*net\.onnx {2}[\d,]+ bytes$/);
		expect(readdirSync(folder).sort()).toEqual(['net.onnx', 'net.pth']);
		const segmented = run(
			...['segment', path.join(root, 'media/samples/coffee.png'), '--model', at('net.onnx'), '--out', at('masks')],
			...['--longest-side', '97'],
		);
		expect(segmented.stderr).toBe('');
		expect(segmented.status).toBe(0);
		expect(run('info', at('net.onnx')).stdout).toContain('resnet101, output stride 8');
	});

	it('takes names of classes from a file, and what else is said', () => {
		writeFileSync(at('names.txt'), Array.from({ length: 21 }, (_, label) => ` thing ${label}\r\n`).join(''));
		const result = run(
			'import',
			at('net.pth'),
			'-o',
			at('n.onnx'),
			'--classes',
			at('names.txt'),
			'--sum',
			'6,12',
			'--json',
			'--output-stride',
			'16',
		);
		expect(result.stderr).toBe('');
		expect(JSON.parse(result.stdout)).toMatchObject({ format: 'torch.zip', family: 'kazuto', out: at('n.onnx') });
		const metadata = readMetadata(decodeOnnx(new Uint8Array(readFileSync(at('n.onnx'))), 'n'), 'n');
		expect(metadata.classes[20]!.name).toBe('thing 20');
		expect(metadata.branches.map(({ rate }) => rate)).toEqual([3, 6]);
		expect(metadata.outputStride).toBe(16);
	});

	it.each<[string, () => string[], number, string]>([
		['a file that is not there', () => ['none.pth', '-o', 'a.onnx'], 1, 'There is no checkpoint at “none.pth”'],
		['a picture', () => ['picture.png', '-o', 'a.onnx'], 1, '“picture.png” cannot be imported: it is no checkpoint'],
		['half a file', () => ['half.pth', '-o', 'a.onnx'], 1, '“half.pth” are damaged'],
		['itself as output', () => ['net.pth', '-o', './net.pth'], 2, '--out names the checkpoint itself'],
		['no such classes', () => ['net.pth', '-o', 'a.onnx', '--classes', 'voc21'], 2, '“voc21” is no file'],
		['classes that do not fit', () => ['net.pth', '-o', 'a.onnx', '--classes', 'cityscapes'], 1, 'head has 21 classes'],
	])('%s: one message, nothing written', (_, args, status, message) => {
		writeFileSync(at('picture.png'), readFileSync(path.join(root, 'media/samples/coffee.png')));
		writeFileSync(at('half.pth'), miniFile('resnet101-kazuto.zip.pth').subarray(0, 500_000));
		const before = readdirSync(folder);
		const result = spawnSync(process.execPath, [path.join(root, 'dist/cli.mjs'), 'import', ...args()], {
			encoding: 'utf8',
			cwd: folder,
		});
		expect(result.stderr).toContain(message);
		expect(result.status).toBe(status);
		expect(readdirSync(folder)).toEqual(before);
	});

	it('tells a place that cannot be written to', () => {
		const result = run('import', at('net.pth'), '-o', at('no/such/folder/a.onnx'));
		expect(result.status).toBe(1);
		expect(result.stderr).toContain('cannot be written');
	});
});
