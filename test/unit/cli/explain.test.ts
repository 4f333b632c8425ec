/** `explain` and `info --receptive-fields` of the built dist/cli.mjs, run as a user runs it. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplainReport } from '../../../src/cli/explain/explain.node';
import { nearNames } from '../../../src/cli/text/nearNames';
import { decodeNpz } from '../../../src/core/checkpoint/npz';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import { networkWithHead } from '../core/aspp/networkWithHead';
import { ensureBuilt, root } from '../worker/support';

const cliScript = path.join(root, 'dist/cli.mjs');
const chelsea = path.join(root, 'media/samples/chelsea.png');
const folder = mkdtempSync(path.join(tmpdir(), 'explain-'));

beforeAll(ensureBuilt);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cli(...args: string[]): SpawnSyncReturns<string> {
	return spawnSync(process.execPath, [cliScript, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

function explained(...args: string[]): ExplainReport {
	const { stdout, stderr, status } = cli('explain', chelsea, '--json', ...args);
	expect([stderr, status]).toEqual(['', 0]);
	return JSON.parse(stdout) as ExplainReport;
}

/** A network file with a head that is not linear, and one of two branches that are. */
function ownModel(chain: boolean): string {
	const file = path.join(folder, `chain-${chain}.onnx`);
	writeFileSync(file, encodeOnnx(networkWithHead({ rates: [2, 30], chain }).model));
	return file;
}

describe('explain', () => {
	it('gives shares that add up to the network’s logit at the cell', () => {
		const out = path.join(folder, 'masks');
		expect(cli('segment', chelsea, '--out', out, '--npz').status).toBe(0);
		const arrays = decodeNpz(new Uint8Array(readFileSync(path.join(out, 'chelsea.npz'))));
		const value = (name: string, label: number) => Number(arrays[name]!.data[(label * 39 + 19) * 58 + 28]);
		for (const label of [8, 15]) {
			const report = explained('--cell', '19,28', '--class', String(label));
			expect(report).toMatchObject({
				cell: { row: 19, column: 28 },
				grid: { width: 58, height: 39 },
				class: { label, name: label === 8 ? 'cat' : 'person' },
				winner: { label: 8, name: 'cat' },
			});
			expect(report.winner.logit).toBeCloseTo(value('logits', 8), 5);
			expect(Math.abs(report.logit - value('logits', label))).toBeLessThan(1e-4 * Math.abs(value('logits', 8)));
			expect(report.branches.map(({ rate }) => rate)).toEqual([6, 12, 18, 24]);
			for (const { rate, bias, share, taps, padding } of report.branches) {
				expect(Math.abs(share - value(`aspp.${rate}`, label))).toBeLessThan(1e-4 * Math.abs(value('logits', 8)));
				expect(taps!.reduce((sum, tap) => sum + tap, bias!)).toBeCloseTo(share, 10);
				const outside = (tap: number) => {
					const [row, column] = [19 + (Math.floor(tap / 3) - 1) * rate, 28 + ((tap % 3) - 1) * rate];
					return row < 0 || row > 38 || column < 0 || column > 57;
				};
				expect(padding).toEqual(Array.from({ length: 9 }, (_, tap) => outside(tap)));
				expect(taps!.every((tap, index) => !padding[index] || tap === 0)).toBe(true);
			}
			expect(report.logit).toBeCloseTo(
				report.branches.reduce((sum, { share }) => sum + share, 0),
				10,
			);
			expect(report.receptiveFields.map(({ rate, size }) => [rate, ...size])).toEqual(
				[6, 12, 18, 24].map((rate) => [rate, 491 + 16 * rate, 491 + 16 * rate]),
			);
		}
	});

	it('takes a pixel’s nearest cell and, of itself, the winner there', () => {
		const report = explained('--at', '224,152');
		// At the picture's own size a cell is 8 pixels: 224 = 28 * 8, 152 = 19 * 8.
		expect(report).toMatchObject({ cell: { row: 19, column: 28 }, pixel: { x: 224, y: 152 }, class: { name: 'cat' } });
		const { box, outside, shareOfPicture } = report.receptiveFields[0]!;
		expect([box.right - box.left, box.bottom - box.top]).toEqual([587, 587]);
		expect((box.left + box.right) / 2).toBe(224.5);
		expect(outside).toBeCloseTo(1 - (451 * 300) / 587 ** 2, 10);
		expect(shareOfPicture).toBe(1);
	});

	it('prints aligned tables', () => {
		const { stdout, stderr, status } = cli('explain', chelsea, '--at', '10,10', '--class', 'Background');
		expect([stderr, status]).toEqual(['', 0]);
		const lines = stdout.trimEnd().split('\n');
		expect(lines[0]).toContain('pixel 10, 10: row 1, column 1 of the 39 x 58 logit grid');
		expect(lines[1]).toMatch(/^Class background, logit -?\d+\.\d{4}/);
		const start = lines.findIndex((line) => line.startsWith('Rate'));
		const table = lines.slice(start, start + 6);
		expect(table[0]).toMatch(/^Rate +Bias +↖ +↑ +↗ +← +· +→ +↙ +↓ +↘ +Share$/);
		expect(table[4]).toMatch(/^ +24 +\S+ +pad +pad +pad +pad +\S+ +\S+ +pad +\S+ +\S+ +\S+$/);
		expect(table[5]).toMatch(/^ *Sum +-?\d/);
		expect(new Set(table.map((line) => line.length)).size).toBe(1);
		const shares = table.slice(1).map((line) => Number(line.trim().split(/ +/).at(-1)));
		expect(shares.slice(0, 4).reduce((sum, share) => sum + share, 0)).toBeCloseTo(shares[4]!, 3);
		expect(stdout).toContain('Receptive field');
	});

	it('explains a head that is not linear by its branches alone', () => {
		const report = explained('--cell', '3,4', '--model', ownModel(true), '--class', '2', '--longest-side', '64');
		expect(report.branches.map(({ rate, bias, taps }) => [rate, bias, taps])).toEqual([
			[2, null, null],
			[30, null, null],
		]);
		expect(report.logit).toBeCloseTo(report.branches[0]!.share + report.branches[1]!.share, 10);
		const linear = explained('--cell', '3,4', '--model', ownModel(false), '--longest-side', '64');
		expect(linear.branches.every(({ taps }) => taps?.length === 9)).toBe(true);
		const { stdout } = cli('explain', chelsea, '--cell', '3,4', '--model', ownModel(true), '--longest-side', '64');
		expect(stdout).toMatch(/\n *Rate +Share\n/);
	});

	it.each([
		[['--at', '451,3'], 'has 451 x 300 pixels: --at takes X from 0 to 450 and Y from 0 to 299'],
		[['--cell', '39,0'], 'has 39 rows and 58 columns: --cell takes ROW from 0 to 38 and COL from 0 to 57'],
		[['--cell', '1,1', '--class', 'catt'], 'There is no class “catt”. Did you mean cat?'],
		[['--cell', '1,1', '--class', 'zebra'], 'There is no class “zebra”. The model has background, aeroplane'],
		[['--cell', '1,1', '--class', '21'], 'classes 0 to 20; there is no class 21'],
		[['--at', '1,1', '--cell', '1,1'], 'either --at X,Y'],
	])('says what is wrong with %j', (args, said) => {
		const { stdout, stderr, status } = cli('explain', chelsea, ...args);
		expect([stdout, status]).toEqual(['', 2]);
		expect(stderr).toContain(said);
	});

	it('says what is wrong with the picture or the model', () => {
		const missing = cli('explain', path.join(folder, 'none.png'), '--at', '1,1');
		expect(missing).toMatchObject({ status: 1, stdout: '' });
		expect(missing.stderr).toContain('There is no picture');
		const file = path.join(folder, 'headless.onnx');
		const { model } = networkWithHead({ rates: [2, 4] });
		const nodes = model.graph.nodes.map((node) =>
			node.name === 'aspp.1' ? { ...node, operator: 'Add', inputs: ['aspp.0', 'aspp.0'] } : node,
		);
		writeFileSync(file, encodeOnnx({ ...model, graph: { ...model.graph, nodes } }));
		const headless = cli('explain', chelsea, '--at', '1,1', '--model', file);
		expect(headless).toMatchObject({ status: 1, stdout: '' });
		expect(headless.stderr).toContain('branch “aspp.1” is no chain of layers');
	});
});

describe('info --receptive-fields', () => {
	it('prints every layer’s field, stride and offset, aligned', () => {
		const { stdout, stderr, status } = cli('info', '--receptive-fields');
		expect([stderr, status]).toEqual(['', 0]);
		const lines = stdout.trimEnd().split('\n');
		expect(lines[0]).toMatch(/^Layer +Operator +Receptive field +Stride +Offset$/);
		expect(lines[1]).toMatch(/^backbone\.stem\.conv +Conv +3x3 +2x2 +-1, -1$/);
		expect(stdout).toMatch(/\naspp\.24 +Conv +875x875 +8x8 +-437, -437\n/);
		expect(new Set(lines.map((line) => line.length)).size).toBe(1);
	});

	it('prints JSON, with null where there is no fixed window', () => {
		const { layers } = JSON.parse(cli('info', '--receptive-fields', '--json').stdout);
		expect(layers.at(-1)).toEqual({
			layer: 'logits',
			operator: 'Sum',
			receptiveField: { size: [875, 875], stride: [8, 8], offset: [-437, -437] },
		});
		const { model } = networkWithHead({ rates: [2] });
		const nodes = model.graph.nodes.map((node) =>
			node.name === 'stem.relu' ? { ...node, operator: 'InstanceNormalization' } : node,
		);
		const file = path.join(folder, 'open.onnx');
		writeFileSync(file, encodeOnnx({ ...model, graph: { ...model.graph, nodes } }));
		const open = JSON.parse(cli('info', file, '--receptive-fields', '--json').stdout);
		expect(open.layers.map(({ receptiveField }: { receptiveField: unknown }) => receptiveField === null)).toEqual([
			false,
			true,
			true,
			true,
		]);
		expect(cli('info', file, '--receptive-fields').stdout).toMatch(/\nstem\.relu +InstanceNormalization +none\n/);
	});

	it('info tells the findings of the health check', () => {
		expect(cli('info').stdout).toContain('Health check: nothing odd was found');
		const file = path.join(folder, 'two.onnx');
		writeFileSync(file, encodeOnnx(networkWithHead({ rates: [6, 5], summed: [0] }).model));
		const { stdout } = cli('info', file);
		expect(stdout).toMatch(/\nHealth check\n {2}error +aspp\.1: The branch with rate 5 is not part of the logits/);
		expect(stdout).toMatch(/\n {2}note +Dilation rates that DeepLabv2’s paper does not use: 5\.\n/);
		expect(JSON.parse(cli('info', file, '--json').stdout).findings).toMatchObject([
			{ code: 'branch.notSummed', branch: 5 },
			{ code: 'head.unusualRates', rates: [5] },
		]);
	});
});

it('near names are those a letter or a part away', () => {
	const names = ['background', 'cat', 'cow', 'car', 'diningtable', 'tvmonitor'];
	expect(nearNames('catt', names)).toEqual(['cat']);
	expect(nearNames('Table', names)).toEqual(['diningtable']);
	expect(nearNames('cas', names)).toEqual(['cat', 'car']);
	expect(nearNames('tvmoniter', names)).toEqual(['tvmonitor']);
	expect(nearNames('zebra', names)).toEqual([]);
	expect(nearNames('', names)).toEqual([]);
});
