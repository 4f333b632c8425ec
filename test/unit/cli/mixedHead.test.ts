/** `explain`, `info` and `adopt` of the built dist/cli.mjs, on a model whose branches later layers mix. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplainReport } from '../../../src/cli/explain/explain.node';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import { adoptedMixed, mixedNetwork, withBranchZeroed } from '../core/aspp/mixed';
import { ensureBuilt, root } from '../worker/support';

const cliScript = path.join(root, 'dist/cli.mjs');
const chelsea = path.join(root, 'media/samples/chelsea.png');
const folder = mkdtempSync(path.join(tmpdir(), 'mixed-head-'));
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
	await ensureBuilt();
	writeFileSync(file('foreign.onnx'), encodeOnnx(mixedNetwork()));
	for (const decoder of [false, true]) {
		const { model } = adoptedMixed({ decoder });
		writeFileSync(file(`v3-${decoder}.onnx`), encodeOnnx(model));
		writeFileSync(file(`v3-${decoder}-zeroed.onnx`), encodeOnnx(withBranchZeroed(model, '/aspp.6/Conv')));
	}
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cli(...args: string[]): SpawnSyncReturns<string> {
	return spawnSync(process.execPath, [cliScript, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

describe.each([
	['a DeepLabv3', false],
	['a DeepLabv3+, whose decoder has a finer grid', true],
])('explain of %s', (_, decoder) => {
	const explain = (model: string, ...options: string[]): ExplainReport => {
		const place = ['--at', '120,90', '--longest-side', '97', '--json'];
		const result = cli('explain', chelsea, '--model', file(model), ...place, ...options);
		expect(result.stderr).toBe('');
		return JSON.parse(result.stdout) as ExplainReport;
	};

	it('has the logit without each branch, as the network with zeroed weights has it', () => {
		const report = explain(`v3-${decoder}.onnx`);
		expect(report.branches).toEqual([]);
		expect(report.mixed!.map(({ name, kind }) => [name, kind])).toEqual([
			['1×1', 'pointwise'],
			['rate 3', 'dilated'],
			['rate 6', 'dilated'],
			['image pooling', 'pooling'],
		]);
		const zeroed = explain(`v3-${decoder}-zeroed.onnx`, '--class', String(report.class.label));
		const { logitWithout, change, padding } = report.mixed![2]!;
		expect(logitWithout).toBeCloseTo(zeroed.logit, 3);
		expect(change).toBeCloseTo(zeroed.logit - report.logit, 3);
		expect(padding).toHaveLength(9);
		expect(report.receptiveFields.map(({ rate }) => rate)).toEqual([3, 6]);
		// A branch whose map is zero already changes nothing.
		expect(zeroed.mixed![2]).toMatchObject({ norm: 0 });
		expect(zeroed.mixed![2]!.change).toBeCloseTo(0, 4);
	}, 60_000);
});

describe('in words', () => {
	it('explain gives no shares, and says that the changes do not add up', () => {
		const { stdout, stderr } = cli('explain', chelsea, '--model', file('v3-false.onnx'), '--cell', '3,4');
		expect(stderr).toBe('');
		expect(stdout).toContain('none has a share of the logit');
		expect(stdout).toMatch(/^image pooling +[\d.]+/m);
		expect(stdout).toContain('The changes do not add up to the logit.');
		expect(stdout).not.toMatch(/Share|Bias/);
	}, 60_000);

	it('info says how the branches meet, and finds nothing missing', () => {
		const { stdout } = cli('info', file('v3-false.onnx'));
		expect(stdout).toMatch(/Dilation rates +3, 6, mixed by later layers: no shares of a logit/);
		expect(stdout).not.toContain('no ASPP head');
	});

	it('adopt says what the views show of it', () => {
		const { stdout } = cli('adopt', file('foreign.onnx'), '-o', file('adopted.onnx'));
		expect(stdout).toMatch(/dilation rates 3, 6, mixed by later layers/);
		expect(stdout).toContain('the logit without each');
	});
});
