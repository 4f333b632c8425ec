/** Profiling with the real worker, onnxruntime's wasm and the bundled model. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { NetworkNode } from '../../../src/core/model';
import { type ProfileNode, profileTree } from '../../../src/core/profile/profileTree';
import type { ProfileProgress, RunProfile } from '../../../src/shared/protocol/profile';
import { atOutputStride } from '../../../src/worker/client/client';
import { installCapture } from '../../../src/worker/engine/capture.web';
import { ensureBuilt, problemOf, sample, type TestClient, testClient } from './support';

let test: TestClient;
const clients: TestClient[] = [];
const newClient = () => {
	const client = testClient();
	clients.push(client);
	return client;
};
const request = (of: TestClient, longestSide = 161) => ({
	picture: { name: 'chelsea.png', bytes: sample('chelsea') },
	model: of.model,
	longestSide,
});

beforeAll(ensureBuilt, 120_000);
afterEach(async () => {
	await Promise.all(clients.splice(0).map(({ client }) => client.dispose()));
});

describe('the profile of a run of the bundled model', () => {
	it('has every stage, the operators by the network’s own names, and their times within the network’s', async () => {
		test = newClient();
		const progress: ProfileProgress[] = [];
		const profile = await test.client.profile(request(test), { onProgress: (told) => progress.push(told) });
		expect(profile.stages.map(({ stage }) => stage)).toEqual(['decode', 'model', 'network', 'upsample']);
		expect(profile.backend).toEqual({ name: 'wasm', threads: 2 });
		expect(profile.pictureSize).toEqual([300, 451]);
		expect(Math.max(...profile.inputSize)).toBe(161);
		expect(profile.passes).toBeGreaterThanOrEqual(1);

		const network = profile.stages.find(({ stage }) => stage === 'network')!.milliseconds;
		const sum = profile.operators.reduce((total, { milliseconds }) => total + milliseconds, 0);
		expect(network).toBe(profile.profiledMilliseconds);
		expect(sum).toBeLessThanOrEqual(network);
		expect(sum).toBeGreaterThan(network / 2);
		const last = profile.operators.at(-1)!;
		expect(last.start + last.milliseconds).toBeLessThanOrEqual(network);
		expect(profile.plainMilliseconds).toBeGreaterThan(0);
		expect(profile.memory?.kind).toBe('wasmHeap');
		// The weights alone are 8.6 MB, and what a wasm of 32 bits can have is 4 GiB.
		expect(profile.memory?.bytes).toBeGreaterThan(8.6e6);
		expect(profile.memory?.bytes).toBeLessThanOrEqual(2 ** 32);

		// Every operator is a layer of the Model tree.
		const { tree } = await test.client.describeModel(test.model);
		const pathsOf = (node: NetworkNode): readonly string[] => [node.path, ...node.children.flatMap(pathsOf)];
		const layers = new Set(tree.flatMap(pathsOf));
		expect(profile.operators.map(({ path }) => path.join('.')).filter((path) => !layers.has(path))).toEqual([]);
		const aspp = profile.operators.filter(({ path }) => path[0] === 'aspp');
		expect(new Set(aspp.map(({ path }) => path[1]))).toEqual(new Set(['6', '12', '18', '24']));
		const [height, width] = aspp[0]!.outputShape!.slice(2);
		expect(aspp.map(({ outputShape }) => outputShape)).toEqual(aspp.map(() => [1, 21, height, width]));
		expect(width).toBe(21);

		const nodes = (node: ProfileNode): readonly ProfileNode[] => [node, ...node.children.flatMap(nodes)];
		const parts = profileTree(profile).children.find(({ name }) => name === 'network')!;
		expect(nodes(parts).filter(({ kind }) => kind === 'operator').length).toBe(profile.operators.length);

		expect(progress[0]).toEqual({ step: 'load', pass: 1 });
		expect(progress.at(-1)).toEqual({ step: 'timed', pass: profile.passes + 1, of: profile.passes + 1 });
	}, 60_000);

	it('leaves the network that is held as it is', async () => {
		test = newClient();
		const before = await test.client.segment(request(test));
		await test.client.profile(request(test));
		const loads = test.loads();
		const after = await test.client.segment(request(test));
		expect(test.loads()).toBe(loads);
		expect(after.tensors.labels).toEqual(before.tensors.labels);
		expect(test.ended()).toBe(0);
	}, 60_000);

	it('is of the network at the output stride wanted', async () => {
		test = newClient();
		const model = atOutputStride(test.model, 16);
		const profile = await test.client.profile({ ...request(test), model });
		const aspp = profile.operators.filter(({ path }) => path[0] === 'aspp');
		expect(new Set(aspp.map(({ path }) => path[1]))).toEqual(new Set(['3', '6', '9', '12']));
		expect(aspp[0]!.outputShape!.at(-1)).toBe(11);
		expect(
			(
				await problemOf(
					test.client.profile({ ...request(test), model: { ...model, load: async () => new Uint8Array(9) } }),
				)
			).code,
		).toBe('model.damaged');
	}, 60_000);

	it('has the operators of each scale', async () => {
		test = newClient();
		const profile = await test.client.profile({ ...request(test), multiScale: 'caffe' });
		const counts = [1, 0.75, 0.5].map((scale) => profile.operators.filter((each) => each.scale === scale).length);
		expect(new Set(counts).size).toBe(1);
		expect(counts[0]).toBeGreaterThan(0);
		const starts = profile.operators.map(({ start }) => start);
		expect(starts).toEqual([...starts].sort((a, b) => a - b));
		expect(starts.at(-1)).toBeLessThan(profile.profiledMilliseconds);
	}, 60_000);

	it('is of the network at the output stride that is wanted', async () => {
		test = newClient();
		const own = await test.client.profile(request(test));
		const coarser = await test.client.profile({ ...request(test), model: atOutputStride(test.model, 16) });
		const gridOf = ({ operators }: RunProfile) =>
			operators.find(({ path: [part] }) => part === 'aspp')?.outputShape?.slice(2);
		expect([gridOf(own), gridOf(coarser)]).toEqual([
			[15, 21],
			[8, 11],
		]);
	}, 60_000);

	it('can be cancelled, and the next request works', async () => {
		test = newClient();
		const controller = new AbortController();
		const onProgress = ({ step }: ProfileProgress) => step === 'timed' && controller.abort();
		const profile = test.client.profile(request(test), { signal: controller.signal, onProgress });
		expect(await problemOf(profile)).toEqual({ code: 'cancelled' });
		const { info } = await test.client.segment(request(test));
		expect(info.classes.length).toBeGreaterThan(0);
	}, 60_000);

	it('fails as segmenting does', async () => {
		test = newClient();
		const picture = { name: 'x.png', bytes: new Uint8Array([1, 2, 3]) };
		expect((await problemOf(test.client.profile({ ...request(test), picture }))).code).toBe('picture.notAPicture');
		const model = { key: 'bad', name: 'bad.onnx', load: async () => new Uint8Array([1, 2, 3]) };
		expect((await problemOf(test.client.profile({ ...request(test), model }))).code).toBe('model.damaged');
	}, 60_000);
});

it('writes nothing of a profile to the terminal', async () => {
	// A process of its own, whose standard output is looked at.
	const { spawn } = await import('node:child_process');
	const script = `
		const { Worker } = require('node:worker_threads');
		const fs = require('node:fs');
		const { root, assets, modelFile } = JSON.parse(process.argv[1]);
		const worker = new Worker(root + '/dist/worker.mjs');
		const call = (id, method, params) => new Promise((resolve, reject) => {
			worker.on('message', (message) => message.id === id && message.kind !== 'progress' &&
				(message.kind === 'result' ? resolve(message.value) : reject(new Error(JSON.stringify(message)))));
			worker.postMessage({ kind: 'request', id, method, params });
		});
		(async () => {
			await call(1, 'setup', { assets, threads: 2 });
			const picture = { name: 'chelsea.png', bytes: fs.readFileSync(root + '/media/samples/chelsea.png') };
			const model = { key: 'm', name: 'm', bytes: fs.readFileSync(modelFile) };
			const profile = await call(2, 'profile', { picture, model, longestSide: 65 });
			process.stderr.write(String(profile.operators.length));
			await worker.terminate();
			process.exit(0);
		})();
	`;
	const { root, assets, modelFile } = await import('./support');
	const child = spawn(process.execPath, ['-e', script, JSON.stringify({ root, assets, modelFile })]);
	let [out, error] = ['', ''];
	child.stdout.on('data', (data) => {
		out += String(data);
	});
	child.stderr.on('data', (data) => {
		error += String(data);
	});
	await new Promise((resolve) => child.on('exit', resolve));
	expect(Number(error)).toBeGreaterThan(10);
	expect(out).toBe('');
}, 60_000);

it('captures in a browser what is logged meanwhile, and that alone', () => {
	const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
	const spied = console.log;
	try {
		const capture = installCapture();
		// emscripten keeps the function that it finds.
		const bound = console.log.bind(console);
		bound('before');
		expect(
			capture(() => {
				bound('[');
				bound('{}', ']');
			}),
		).toBe('[\n{} ]');
		expect(() =>
			capture(() => {
				throw new Error('no');
			}),
		).toThrow('no');
		bound('after');
		expect(log.mock.calls).toEqual([['before'], ['after']]);
	} finally {
		console.log = spied;
		log.mockRestore();
	}
});
