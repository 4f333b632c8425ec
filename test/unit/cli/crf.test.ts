/** The command `crf` of the built dist/cli.mjs against pydensecrf's tensors in ../shared. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CrfReport } from '../../../src/cli/crf/crf.node';
import { decodeNpy, encodeNpy, type NpyArray } from '../../../src/core/checkpoint/npy';
import { decodeLabelPng, encodePalettePng, encodeRgbPng } from '../../../src/core/image/palettePng';
import { ensureBuilt, root, shared } from '../worker/support';

const cliScript = path.join(root, 'dist/cli.mjs');
const goldens = path.join(shared, 'crf/golden/small');
let folder = '';

beforeAll(ensureBuilt);
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'crf-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);
const write = (name: string, bytes: Uint8Array) => {
	writeFileSync(at(name), bytes);
	return at(name);
};
const read = (name: string) => decodeNpy(new Uint8Array(readFileSync(at(name))));
const golden = (name: string) => decodeNpy(new Uint8Array(readFileSync(path.join(goldens, `${name}.npy`))));

function cli(...args: string[]): SpawnSyncReturns<string> {
	return spawnSync(process.execPath, [cliScript, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

function largestDifference(a: NpyArray['data'], b: NpyArray['data']): number {
	let largest = 0;
	for (let i = 0; i < b.length; i++) {
		const difference = Math.abs(Number(a[i]) - Number(b[i]));
		largest = Number.isNaN(difference) ? Number.NaN : Math.max(largest, difference);
	}
	return largest;
}

/** A 6 x 4 picture, and the probabilities of 3 classes. */
function small() {
	const rgb = Uint8Array.from({ length: 72 }, (_, i) => (i * 37) % 256);
	const scores = Float32Array.from({ length: 72 }, (_, i) => ((i * 29) % 17) / 4);
	return { image: write('image.png', encodeRgbPng(rgb, 6, 4)), scores };
}

describe('crf on scores from elsewhere', () => {
	it('writes Q of the scores’ shape, and the mask that is its largest', () => {
		const { image, scores } = small();
		const unary = write('u.npy', encodeNpy({ shape: [3, 4, 6], data: scores }));
		const result = cli('crf', '--image', image, '--unary', unary, '--out', at('q.npy'), '--mask', at('m.png'));
		expect(result.stderr).toBe('');
		expect(result.status).toBe(0);
		expect(result.stdout).toMatch(
			/6 x 4 {2}3 classes {2}10 iterations changed \d+ pixels {2}\d+ ms .*q\.npy, .*m\.png\n$/,
		);
		const q = read('q.npy');
		expect(q.shape).toEqual([3, 4, 6]);
		expect(q.data).toBeInstanceOf(Float32Array);
		const { labels } = decodeLabelPng(new Uint8Array(readFileSync(at('m.png'))));
		for (let i = 0; i < 24; i++) {
			const values = [0, 1, 2].map((label) => Number(q.data[label * 24 + i]));
			expect(values[0]! + values[1]! + values[2]!).toBeCloseTo(1, 5);
			expect(values[labels[i]!]).toBe(Math.max(...values));
		}
		expect(readdirSync(folder).sort()).toEqual(['image.png', 'm.png', 'q.npy', 'u.npy']);
	});

	it('takes float64, Fortran order and classes x pixels for the same', () => {
		const { image, scores } = small();
		const run = (name: string, bytes: Uint8Array) => {
			const args = ['--image', image, '--unary', write(`${name}-u.npy`, bytes), '--out', at(`${name}.npy`)];
			expect(cli('crf', ...args).stderr).toBe('');
			return read(`${name}.npy`).data;
		};
		const expected = run('plain', encodeNpy({ shape: [3, 4, 6], data: scores }));
		expect(run('flat', encodeNpy({ shape: [3, 24], data: scores }))).toEqual(expected);
		expect(run('double', encodeNpy({ shape: [3, 4, 6], data: Float64Array.from(scores) }))).toEqual(expected);
		const transposed = Float32Array.from({ length: 72 }, (_, i) => {
			const [label, y, x] = [i % 3, Math.floor(i / 3) % 4, Math.floor(i / 12)];
			return scores[label * 24 + y * 6 + x]!;
		});
		const fortran = Buffer.from(encodeNpy({ shape: [3, 4, 6], data: transposed }));
		fortran.write("'fortran_order': True, ", fortran.indexOf("'fortran_order'"));
		expect(run('fortran', fortran)).toEqual(expected);
	});

	it('takes probabilities, and labels with their probability', () => {
		const { image } = small();
		const labels = Uint8Array.from({ length: 24 }, (_, i) => (i === 5 ? 255 : i % 3));
		const palette = write('labels.png', encodePalettePng(labels, 6, 4, []));
		const common = ['crf', '--image', image, '--iterations', '0', '--out', at('q.npy')];
		expect(cli(...common, '--labels', palette, '--classes', '3', '--gt-prob', '0.6').stderr).toBe('');
		const fromLabels = read('q.npy').data;
		expect(fromLabels[4 + 24]).toBeCloseTo(0.6, 5);
		expect(fromLabels[4]).toBeCloseTo(0.2, 5);
		expect(fromLabels[5]).toBeCloseTo(1 / 3, 5);
		const probabilities = write(
			'p.npy',
			encodeNpy({ shape: [3, 4, 6], data: new Float32Array(fromLabels as Float32Array) }),
		);
		expect(cli(...common, '--probabilities', probabilities).stderr).toBe('');
		expect(largestDifference(read('q.npy').data, fromLabels)).toBeLessThan(1e-5);
	});

	it('prints JSON with every iteration', () => {
		const { image, scores } = small();
		const unary = write('u.npy', encodeNpy({ shape: [3, 4, 6], data: scores }));
		const options = [
			'--preset',
			'pydensecrf',
			'--spatial-sigma',
			'2.5',
			'--exact',
			'--normalization',
			'before',
			'--json',
		];
		const report = JSON.parse(
			cli('crf', '--image', image, '--unary', unary, '--out', at('q.npy'), ...options).stdout,
		) as CrfReport;
		expect(report.parameters).toEqual({
			iterations: 5,
			bilateralWeight: 10,
			bilateralSigmaXy: 80,
			bilateralSigmaRgb: 13,
			spatialWeight: 3,
			spatialSigma: 2.5,
			normalization: 'before',
			pruning: 0,
		});
		expect(report.steps.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5]);
		expect(report.steps[0]!.changedPixels).toBe(0);
	});

	it.each<[string, (write: () => string) => string[], RegExp]>([
		['a missing file', () => ['--unary', 'none.npy'], /none\.npy.*no such file/],
		['no array', (image) => ['--unary', image()], /image\.png.*no intact NumPy array/],
	])('of %s says so and writes nothing', (_, source, message) => {
		const { image } = small();
		const result = cli('crf', '--image', image, ...source(() => image), '--out', at('q.npy'));
		expect(result.status).toBe(1);
		expect(result.stderr).toMatch(message);
		expect(existsSync(at('q.npy'))).toBe(false);
	});

	it.each<[string, NpyArray, RegExp]>([
		[
			'another size',
			{ shape: [3, 6, 4], data: new Float32Array(72) },
			/3 x 6 x 4, but the picture is 4 high and 6 wide/,
		],
		['whole numbers', { shape: [3, 4, 6], data: new Int32Array(72) }, /whole numbers/],
		['NaN', { shape: [3, 4, 6], data: new Float32Array(72).fill(Number.NaN) }, /not finite/],
	])('of %s says so and writes nothing', (_, array, message) => {
		const { image } = small();
		const unary = write('u.npy', encodeNpy(array));
		const result = cli('crf', '--image', image, '--unary', unary, '--out', at('q.npy'));
		expect(result.status).toBe(1);
		expect(result.stderr).toMatch(message);
		expect(existsSync(at('q.npy'))).toBe(false);
	});

	it('loads nothing of the network', () => {
		const text = readFileSync(cliScript, 'utf8');
		expect(text).not.toMatch(/ort-wasm|onnxruntime-web\/dist/);
	});
});

describe.skipIf(!existsSync(goldens))('crf against pydensecrf', () => {
	const optionsA = ['--preset', 'pydensecrf'];
	const optionsB = ['--preset', 'kazuto1011'];
	const cases = ['a', 'b', 'c', 'e'].flatMap((name) => [
		...[0, 1, 2, 5, 10].map((n) => [name, `A_Q${n}`, [...optionsA, '--iterations', `${n}`]] as const),
		...[1, 5, 10].map(
			(n) => [name, `B_Q${n}`, [...optionsB, '--spatial-weight', '3', '--iterations', `${n}`]] as const,
		),
		...(['no', 'before', 'after'] as const).map(
			(kind) => [name, `A_${kind}_Q5`, [...optionsA, '--normalization', kind === 'no' ? 'none' : kind]] as const,
		),
	]);

	it.each(cases)('%s: %s within 2e-5', (name, wanted, options) => {
		const image = golden(`${name}_image`);
		const [height, width] = image.shape as [number, number];
		const picture = write('image.png', encodeRgbPng(image.data as Uint8Array, width, height));
		const unary = path.join(goldens, `${name}_unary.npy`);
		const result = cli('crf', '--image', picture, '--unary', unary, '--out', at('q.npy'), ...options);
		expect(result.stderr).toBe('');
		const expected = golden(`${name}_${wanted}`);
		expect(read('q.npy').data).toHaveLength(expected.data.length);
		expect(largestDifference(read('q.npy').data, expected.data)).toBeLessThan(2e-5);
	});
});
