/** `adopt` and `doctor` of the built dist/cli.mjs, on the bundled model as another tool would have written it. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../../src/cli/comparing/doctor.node';
import type { SegmentReport } from '../../../src/cli/segment/segment.node';
import { decodeLabelPng, encodePalettePng } from '../../../src/core/image/palettePng';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import type { AdoptReport } from '../../../src/core/onnx/discover/adopt';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import { stripped } from '../core/onnx/discover/foreign';
import { ensureBuilt, modelFile, root, shared } from '../worker/support';

const cliScript = path.join(root, 'dist/cli.mjs');
const chelsea = path.join(root, 'media/samples/chelsea.png');
const folder = mkdtempSync(path.join(tmpdir(), 'any-model-'));
const foreignFile = path.join(folder, 'foreign.onnx');

beforeAll(async () => {
	await ensureBuilt();
	const model = decodeOnnx(new Uint8Array(readFileSync(modelFile)), modelFile);
	writeFileSync(foreignFile, encodeOnnx(stripped(model)));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cli(...args: string[]): SpawnSyncReturns<string> {
	return spawnSync(process.execPath, [cliScript, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

const labelsOf = (file: string) => decodeLabelPng(new Uint8Array(readFileSync(file))).labels;

describe('adopt', () => {
	it('is what a model of another tool is sent to, and gives the mask that the model had', () => {
		const refused = cli('segment', chelsea, '--model', foreignFile, '--out', folder);
		expect(refused.status).toBe(1);
		expect(refused.stderr).toContain('is an ONNX model of another tool');
		expect(refused.stderr).toContain('deeplab-inspector adopt');

		const adopted = path.join(folder, 'adopted.onnx');
		const options = ['--mean', '128,128,128', '--std', '128,128,128', '--align-corners', 'true', '--json'];
		const result = cli('adopt', foreignFile, '-o', adopted, '--classes', 'voc', ...options);
		expect(result.stderr).toBe('');
		const { metadata, normalizationFrom } = JSON.parse(result.stdout) as AdoptReport;
		expect(normalizationFrom).toBe('given');
		expect(metadata).toMatchObject({
			linearHead: true,
			outputStride: 8,
			branches: [6, 12, 18, 24].map((rate) => ({ rate, output: `aspp.${rate}` })),
		});
		const runs = [modelFile, adopted].map((model, index) => {
			const out = path.join(folder, `masks-${index}`);
			const run = cli('segment', chelsea, '--model', model, '--out', out, '--longest-side', '257', '--json');
			return (JSON.parse(run.stdout) as SegmentReport).runs[0]!;
		});
		// The padding differs: the bundled model's is no whole number of its mean.
		const [expected, actual] = runs.map(({ mask }) => labelsOf(mask));
		const same = expected!.filter((label, at) => label === actual![at]).length;
		expect(same / expected!.length).toBeGreaterThan(0.999);
		const explained = cli('explain', chelsea, '--model', adopted, '--at', '200,150', '--longest-side', '257');
		expect(explained.stdout).toContain('Class cat');
	}, 120_000);

	it('says in words what it found and what it assumed', () => {
		const result = cli('adopt', foreignFile, '-o', path.join(folder, 'words.onnx'));
		expect(result.status).toBe(0);
		expect(result.stdout).toMatch(/ASPP head +dilation rates 6, 12, 18, 24, one convolution each, summed/);
		expect(result.stdout).toMatch(/Classes +21, as many as in voc/);
		expect(result.stdout).toContain('torchvision’s mean and deviation are assumed');
	});

	it('refuses to overwrite its source, and what is wrong about its options', () => {
		expect(cli('adopt', foreignFile, '-o', foreignFile).stderr).toContain('--out names the model itself');
		const out = path.join(folder, 'none.onnx');
		for (const [option, value, words] of [
			['--normalize', 'none', '--normalize takes caffe, imagenet, symmetric, unit'],
			['--std', '1,0,1', '--std takes numbers above 0'],
			['--pad', '8', '--pad takes what sides are padded to'],
			['--ignore-label', '300', '--ignore-label takes a label'],
		] as const) {
			const result = cli('adopt', foreignFile, '-o', out, option, value);
			expect([result.status, result.stderr]).toEqual([2, expect.stringContaining(words)]);
		}
		expect(existsSync(out)).toBe(false);
	}, 60_000);
});

const voc = path.join(shared, 'voc-val');

describe('doctor', () => {
	it('without ground truth sorts by probability, and writes every mask', () => {
		const out = path.join(folder, 'doctor');
		const result = cli('doctor', 'bundled', chelsea, '--out', out, '--json', '--longest-side', '129');
		expect(result.stderr).toBe('');
		const { choices, sortedBy } = JSON.parse(result.stdout) as DoctorReport;
		expect(sortedBy).toBe('probability');
		expect(choices).toHaveLength(32);
		expect(readdirSync(out)).toHaveLength(32);
		expect(choices.filter(({ own }) => own)).toEqual([
			expect.objectContaining({ channelOrder: 'RGB', normalization: 'symmetric', resize: 'fit', alignCorners: true }),
		]);
		const probabilities = choices.map(({ confidence }) => confidence.probability);
		expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
		expect(labelsOf(choices[0]!.mask!)).toHaveLength(451 * 300);
	}, 120_000);

	it('tells ground truth of another size', () => {
		const truth = path.join(folder, 'truth.png');
		writeFileSync(truth, encodePalettePng(new Uint8Array(6), 3, 2, []));
		const { stderr, status } = cli('doctor', 'bundled', chelsea, '--truth', truth, '--longest-side', '129');
		expect([status, stderr]).toEqual([1, expect.stringContaining('3 x 2 ground truth for a picture of 451 x 300')]);
	}, 60_000);

	it.skipIf(!existsSync(voc))(
		'with ground truth finds how pictures reach a model that does not say it',
		() => {
			const [name] = readFileSync(path.join(voc, 'ImageSets/Segmentation/val.txt'), 'utf8').trim().split(/\s+/);
			const picture = path.join(voc, `JPEGImages/${name}.jpg`);
			const truth = path.join(voc, `SegmentationClass/${name}.png`);
			const result = cli('doctor', foreignFile, picture, '--truth', truth, '--json');
			expect(result.stderr).toBe('');
			const { choices, sortedBy } = JSON.parse(result.stdout) as DoctorReport;
			expect(sortedBy).toBe('agreement');
			expect(choices[0]).toMatchObject({
				channelOrder: 'RGB',
				normalization: 'symmetric',
				resize: 'fit',
				alignCorners: true,
				own: false,
			});
			expect(choices[0]!.agreement!.pixels).toBeGreaterThan(0.9);
		},
		240_000,
	);
});
