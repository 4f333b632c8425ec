/** `compare-backends` with a WASM that says it is WebGPU; and the real program, which may have no WebGPU. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompareBackendsCommand } from '../../../src/cli/commandLine/commands';
import { compareBackends } from '../../../src/cli/comparing/compareBackends.node';
import { InferenceClient } from '../../../src/worker/client/client';
import { inProcessWorker } from '../worker/inProcessWorker';
import { ensureBuilt, modelFile, problemOf, root } from '../worker/support';
import { type Fault, fakeAdapter, PretendedWebGpu } from '../worker/wrongEngine';

beforeAll(ensureBuilt);

const chelsea = path.join(root, 'media/samples/chelsea.png');
const command: CompareBackendsCommand = {
	name: 'compare-backends',
	image: chelsea,
	model: modelFile,
	threads: undefined,
	longestSide: 129,
	multiScale: undefined,
	json: false,
};

async function run(faults: readonly Fault[], more: Partial<CompareBackendsCommand> = {}) {
	const worker = inProcessWorker((track) => new PretendedWebGpu(faults, track));
	const lines: string[] = [];
	const terminal = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
	const client = new InferenceClient({ ...worker, startWorker: worker.start, idleMilliseconds: () => 1e9 });
	const code = await compareBackends({ ...command, ...more }, terminal, new AbortController().signal, client);
	return { code, text: lines.join('\n'), client };
}

describe('compare-backends', () => {
	it('ends with 0 where they agree', async () => {
		const { code, text, client } = await run([]);
		expect(code).toBe(0);
		expect(text).toMatch(/^WebGPU +agrees with WASM$/m);
		expect(text).toMatch(/^Largest difference +(0|\de-\d+) of the largest logit \(limit 0.001\)$/m);
		expect(text).toMatch(/^Pixels of the same class +100 % \(limit 99.9 %\)$/m);
		expect(text).toMatch(/^Adapter +Acme One$/m);
		expect(text).not.toContain('First layer');
		expect(client.running).toBe(false);
	});

	it('ends with 1 and names the layer where they do not', async () => {
		const { code, text } = await run([{ value: 'aspp.12', factor: 1.5 }]);
		expect(code).toBe(1);
		expect(text).toMatch(/^WebGPU +differs from WASM$/m);
		expect(text).toMatch(/^First layer that differs +aspp\.12 \(Conv\): 0\.5, what it reads /m);
	});

	it('prints JSON', async () => {
		const { code, text } = await run([{ value: 'aspp.12', factor: Number.NaN }], { json: true });
		expect(code).toBe(1);
		expect(JSON.parse(text)).toMatchObject({
			image: chelsea,
			model: modelFile,
			agrees: false,
			largestDifference: null,
			adapter: fakeAdapter,
			firstDiffering: { layer: 'aspp.12', operator: 'Conv', difference: null },
		});
	});

	it('tells a picture that is not there', async () => {
		expect(await problemOf(run([], { image: '/nowhere.png' }))).toMatchObject({ code: 'picture.notFound' });
	});
});

it('the program refuses more than one picture', () => {
	const { status, stderr } = spawnSync('node', [path.join(root, 'dist/cli.mjs'), 'compare-backends', 'a', 'b'], {
		encoding: 'utf8',
	});
	expect(status).toBe(2);
	expect(stderr).toContain('compare-backends takes one picture.');
});
