import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../src/extension/runs/runRecord';
import { makeRun } from './support';

const { info } = makeRun('a');
const decoded = (backend: unknown) =>
	decodeRecord(
		encodeRecord({
			version: 1,
			info: { ...info, backend: backend as typeof info.backend },
			bytes: 1,
			displayStep: 1,
			displayWidth: 5,
			displayHeight: 4,
		}),
		'a',
	).info.backend;

const adapter = { vendor: 'acme', architecture: 'one', device: '', description: '' };

test.each([
	{ name: 'wasm', threads: 2 },
	{ name: 'webgpu', threads: 1 },
	{ name: 'webgpu', threads: 1, adapter },
])('a run on %j is read as it was kept', (backend) => {
	expect(decoded(backend)).toEqual(backend);
});

test.each([
	[{ name: 'cuda', threads: 1 }, /backend cuda is not known/],
	[{ name: 'wasm' }, /threads/],
	[{ name: 'webgpu', threads: 1, adapter: { ...adapter, vendor: undefined } }, /adapter\.vendor/],
	[{ name: 'webgpu', threads: 1, adapter: null }, /adapter/],
])('a run on %j, which no page can name, is refused', (backend, message) => {
	expect(() => decoded(backend)).toThrow(message);
});
