/** `new` as a user runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { readMetadata } from '../../../src/core/onnx/metadata';
import { ensureBuilt, root } from '../worker/support';

let folder = '';
const at = (name: string) => path.join(folder, name);
const run = (...args: string[]) =>
	spawnSync(process.execPath, [path.join(root, 'dist/cli.mjs'), ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
const metadataOf = (name: string) => readMetadata(decodeOnnx(new Uint8Array(readFileSync(at(name))), name), name);

describe('new', () => {
	beforeAll(ensureBuilt);
	beforeEach(() => {
		folder = mkdtempSync(path.join(tmpdir(), 'new-'));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	it('writes a network that segments', () => {
		const result = run('new', '--width', '1/16', '--seed', '4', '-o', at('a.onnx'));
		expect(result.stderr).toBe('');
		expect(result.stdout).toMatch(/^→ .*a\.onnx {2}[\d,]+ bytes\n$/);
		expect(metadataOf('a.onnx')).toMatchObject({ backbone: 'resnet101', outputStride: 8, linearHead: true });
		expect(metadataOf('a.onnx').classes[15]!.name).toBe('person');
		const picture = path.join(root, 'media/samples/coffee.png');
		const masks = ['--out', at('masks'), '--longest-side', '97'];
		const segmented = run('segment', picture, '--model', at('a.onnx'), ...masks);
		expect(segmented.stderr).toBe('');
		expect(segmented.status).toBe(0);
		run('new', '--width', '0.0625', '--seed', '4', '-o', at('b.onnx'));
		expect(readFileSync(at('b.onnx')).equals(readFileSync(at('a.onnx')))).toBe(true);
	});

	it('takes what it is told', () => {
		const what = ['--backbone', 'vgg16', '--head', 'largefov', '--classes', '5', '--width', '1/32'];
		run('new', ...what, '--output-stride', '16', '--name', 'mine', '-o', at('v.onnx'));
		expect(metadataOf('v.onnx')).toMatchObject({
			name: 'mine',
			backbone: 'vgg16',
			outputStride: 16,
			linearHead: false,
			branches: [{ rate: 6 }],
		});
	});

	it.each([
		[['--backbone', 'resnet50'], 2, '--backbone takes resnet101, vgg16, not “resnet50”.'],
		[['--head', 'aspp'], 2, '--head takes aspp-l, aspp-s, largefov'],
		[['--classes', '1'], 2, '--classes takes a whole number from 2 to 256'],
		[['--width', '2'], 2, '--width takes a share'],
		[['--width', '1/0'], 2, '--width takes a share'],
		[['--seed', '-1'], 2, '--seed'],
		[['--sum', '6'], 2, 'new has no option --sum.'],
		[['extra'], 2, '“extra” has none'],
		[['--head', 'aspp-s', '--output-stride', '32', '--width', '1/64'], 1, 'of which two are the same'],
	])('%j: one message, nothing written', (args, status, message) => {
		const result = run('new', ...args, '-o', at('n.onnx'));
		expect(result.stderr).toContain(message);
		expect(result.status).toBe(status);
		expect(readdirSync(folder)).toEqual([]);
	});
});
