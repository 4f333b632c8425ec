import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../../../../src/core/checkpoint/npy';
import { decodeNpz } from '../../../../src/core/checkpoint/npz';
import { readCheckpoint } from '../../../../src/core/checkpoint/readCheckpoint';
import type { Tensor } from '../../../../src/core/checkpoint/tensor';
import { ZipArchive } from '../../../../src/core/checkpoint/zip';
import { InspectorError } from '../../../../src/core/problem';
import { dict, floatBytes, global, integer, op, pickled, tensor, text, torchZip, tuple } from './pickles';

const folder = path.resolve('../shared/fixtures/checkpoints');
const mini = path.resolve('../shared/fixtures/mini');
const fixture = (file: string) => readFileSync(path.join(folder, file));
const read = (bytes: Uint8Array) => readCheckpoint(bytes, 'c.pth');

interface Expected {
	readonly shape: number[];
	readonly dtype?: string;
	readonly data: number[];
}

const arrayTypes: Record<string, (values: readonly number[]) => Tensor['data']> = {
	float32: (values) => Float32Array.from(values),
	float16: (values) => Float32Array.from(values),
	float64: (values) => Float64Array.from(values),
	int64: (values) => BigInt64Array.from(values, (value) => BigInt(value)),
};

describe.skipIf(!existsSync(folder))('files that the libraries wrote', () => {
	it.each(['zip.pth', 'legacy.pth'])('%s is read bit for bit', (file) => {
		const expected: Record<string, Expected> = JSON.parse(fixture('expected_sd.json').toString());
		const { tensors, format } = read(fixture(file));
		expect(format).toBe(file === 'zip.pth' ? 'torch.zip' : 'torch.legacy');
		expect([...tensors.keys()]).toEqual(Object.keys(expected));
		for (const [name, { shape, dtype, data }] of Object.entries(expected)) {
			expect(tensors.get(name)).toEqual({ name, shape, data: arrayTypes[dtype!]!(data) });
		}
	});

	it('zip_parameter.pth: a parameter is its tensor', () => {
		const expected: Record<string, number[]> = JSON.parse(fixture('expected_parameter.json').toString());
		expect(read(fixture('zip_parameter.pth')).tensors.get('p')?.data).toEqual(Float32Array.from(expected.p!));
	});

	it('drsleep_like_py3.npy: a dict of dicts of arrays', () => {
		const expected: Record<string, Record<string, Expected>> = JSON.parse(fixture('drsleep_like.json').toString());
		const { tensors, format } = read(fixture('drsleep_like_py3.npy'));
		expect(format).toBe('npy');
		for (const [layer, parts] of Object.entries(expected)) {
			for (const [part, { shape, data }] of Object.entries(parts)) {
				const name = `${layer}/${part}`;
				expect(tensors.get(name)).toEqual({ name, shape, data: Float32Array.from(data) });
			}
		}
		expect(tensors.size).toBe(Object.values(expected).flatMap((parts) => Object.keys(parts)).length);
	});

	it('plain.npz', () => {
		const expected: Record<string, Record<string, Expected>> = JSON.parse(fixture('drsleep_like.json').toString());
		const { tensors, format } = read(fixture('plain.npz'));
		expect(format).toBe('npz');
		expect(tensors.get('a.weight')?.data).toEqual(Float32Array.from(expected.conv1!.weights!.data));
		expect(tensors.get('b')).toEqual({ name: 'b', shape: [2, 3], data: BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n) });
		expect(tensors.get('f')).toEqual({ name: 'f', shape: [2, 3], data: Float64Array.of(0, 1, 2, 3, 4, 5) });
	});

	it.each(['tiny.safetensors', 'tiny_v2.caffemodel'])('%s is known by its content', (file) => {
		expect(read(fixture(file)).format).toBe(path.extname(file).slice(1).replace('caffemodel', 'caffe'));
	});

	it('the same network in four containers', () => {
		const of = (file: string) => read(readFileSync(path.join(mini, file))).tensors;
		const zip = of('resnet101-kazuto.zip.pth');
		const legacy = of('resnet101-kazuto.legacy.pth');
		expect([...zip.keys()]).toEqual([...legacy.keys()]);
		for (const [name, { data, shape }] of zip) {
			expect(legacy.get(name)).toEqual({ name, shape, data });
		}
		const other = of('resnet101-isht7.legacy.pth');
		const caffe = of('resnet101.caffemodel');
		expect(other.get('Scale.layer5.conv2d_list.2.weight')?.data).toEqual(zip.get('base.aspp.c2.weight')?.data);
		expect(caffe.get('fc1_voc12_c2.0')?.data).toEqual(zip.get('base.aspp.c2.weight')?.data);
	});
});

describe('a torch file', () => {
	const spec = { length: 6, size: [2, 3], stride: [3, 1] };
	const values = floatBytes(0, 1, 2, 3, 4, 5);

	it('may hold its weights in the dicts of training code', () => {
		const state = dict({ 'conv.weight': tensor(spec) });
		for (const [wrapped, through] of [
			[state, []],
			[dict({ epoch: integer(3), state_dict: state, best: op.none }), ['state_dict']],
			[dict({ model: dict({ state_dict: state }), config: dict({}), iteration: integer(9) }), ['model', 'state_dict']],
		] as const) {
			const found = read(torchZip(pickled(wrapped), { 0: values }));
			expect(found.through).toEqual(through);
			expect(found.tensors.get('conv.weight')?.data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
		}
	});

	it('may hold views of one storage', () => {
		const bytes = torchZip(
			pickled(
				dict({
					middle: tensor({ length: 6, size: [2], stride: [1], offset: 2 }),
					transposed: tensor({ length: 6, size: [3, 2], stride: [1, 3] }),
				}),
			),
			{ 0: values },
		);
		const { tensors } = read(bytes);
		expect(tensors.get('middle')?.data).toEqual(Float32Array.of(2, 3));
		expect(tensors.get('transposed')?.data).toEqual(Float32Array.of(0, 3, 1, 4, 2, 5));
	});

	it('may have been written by Python 2, whose texts are bytes', () => {
		const old = (value: string) => [0x55, value.length, ...Buffer.from(value, 'latin1')];
		const id = tuple(old('storage'), global('torch.cuda', 'FloatStorage'), old('0'), old('cuda:0'), integer(2));
		const args = [[...id, ...op.persistentId], integer(0), tuple(integer(2)), tuple(integer(1)), op.newFalse, op.none];
		const rebuilt = [...global('torch._utils', '_rebuild_tensor_v2'), ...tuple(...args), ...op.reduce];
		const state = [...op.emptyDict, ...op.mark, ...old('Scale.conv1.weight'), ...rebuilt, ...op.setItems];
		const { tensors } = read(torchZip(pickled(state), { 0: floatBytes(7, 8) }));
		expect(tensors.get('Scale.conv1.weight')?.data).toEqual(Float32Array.of(7, 8));
	});

	it('may hold NumPy’s numbers and arrays beside its tensors', () => {
		const type = (code: string) => [
			...global('numpy', 'dtype'),
			...tuple(text(code), integer(0), integer(1)),
			...op.reduce,
			...tuple(integer(3), text('<'), op.none, op.none, op.none, integer(-1), integer(-1), integer(0)),
			...op.build,
		];
		const best = [
			...global('numpy._core.multiarray', 'scalar'),
			...tuple(type('f8'), [0x43, 8, ...new Uint8Array(Float64Array.of(0.5).buffer)]),
			...op.reduce,
		];
		const root = dict({ best, state_dict: dict({ 'conv.weight': tensor(spec) }) });
		expect(read(torchZip(pickled(root), { 0: values })).tensors.size).toBe(1);
	});

	it('may be written with compression', () => {
		const bytes = zipSync({ 'a/data.pkl': pickled(dict({ w: tensor(spec) })), 'a/data/0': values }, { level: 9 });
		expect(read(bytes).tensors.get('w')?.data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
	});

	it.each<[string, readonly number[], string]>([
		['os.system', [...global('posix', 'system'), ...tuple(text('true')), ...op.reduce], 'load “posix.system”'],
		['builtins.eval', [...global('builtins', 'eval'), ...tuple(text('1')), ...op.reduce], 'load “builtins.eval”'],
		['a module', dict({ net: global('torch.nn.modules.conv', 'Conv2d') }), 'load “torch.nn.modules.conv.Conv2d”'],
		['getattr by other opcodes', [...text('builtins'), ...text('getattr'), 0x93], 'load “builtins.getattr”'],
		['an old-style instance', [...op.mark, 0x69, ...Buffer.from('os\nsystem\n')], 'load “os.system”'],
	])('that asks for %s is refused by name', (_, pickle, message) => {
		const attempt = () => read(torchZip(pickled(pickle)));
		expect(attempt).toThrow(InspectorError);
		expect(attempt).toThrow(message);
		expect(attempt).toThrow('weights.unsupported (c.pth)');
	});

	it.each<[string, readonly number[], string]>([
		['reaches behind its storage', tensor({ ...spec, size: [3, 3] }), 'tensor “w” reaches to value 9 of 6'],
		['repeats its storage', tensor({ length: 6, size: [2 ** 30], stride: [0] }), 'tensor “w” repeats its 6 values to'],
		['has a storage that is cut', tensor({ ...spec, length: 7 }), 'has 24 bytes instead of 28'],
		['has a storage that is missing', tensor({ ...spec, key: '7' }), 'no “archive/data/7”'],
		[
			'has no storage',
			[...global('torch._utils', '_rebuild_tensor_v2'), ...op.emptyTuple, ...op.reduce],
			'a tensor without',
		],
		[
			'calls a type',
			[...global('torch', 'FloatStorage'), ...op.emptyTuple, ...op.reduce],
			'a call of torch.FloatStorage',
		],
	])('whose tensor %s is damaged', (_, broken, message) => {
		const attempt = () => read(torchZip(pickled(dict({ w: broken })), { 0: values }));
		expect(attempt).toThrow('weights.damaged (c.pth)');
		expect(attempt).toThrow(message);
	});

	it('that asks for much memory by many small tensors is refused', () => {
		const large = 2 ** 20;
		const storage = new Uint8Array(large * 4);
		const many = Object.fromEntries(
			Array.from({ length: 40 }, (_, index) => [
				`w${index}`,
				tensor({ length: large, size: [1024, 1024], stride: [1, 1024] }),
			]),
		);
		expect(() => read(torchZip(pickled(dict(many)), { 0: storage }))).toThrow('more memory than the file can mean');
	});

	it('nested a million deep, or built of references to itself, does no harm', () => {
		const deep = new Uint8Array(1_000_003).fill(0x5d);
		deep.set(op.proto);
		deep[deep.length - 1] = 0x2e;
		expect(() => read(torchZip(deep))).toThrow('holds no dict of tensors');
		const deeper = new Uint8Array(4_000_000).fill(0x5d);
		expect(() => read(torchZip(deeper))).toThrow('more than 2000000 steps');
		// Each dict holds the one before it twice.
		const laughs = Array.from({ length: 60 }, (_, index) => [
			...op.emptyDict,
			...[0x71, index + 1],
			...op.mark,
			...text('state_dict'),
			...[0x68, index],
			...text('model'),
			...[0x68, index],
			...op.setItems,
		]).flat();
		expect(() => read(torchZip(pickled(op.emptyDict, [0x71, 0], laughs)))).toThrow('holds no dict of tensors');
	});
});

describe('an archive', () => {
	const array = encodeNpy({ shape: [4], data: Float32Array.of(1, 2, 3, 4) });

	it('that claims more than it can hold is refused before anything is unpacked', () => {
		const bytes = zipSync({ 'a.npy': new Uint8Array(10_000) }, { level: 9 });
		const view = new DataView(bytes.buffer);
		const directory = bytes.findLastIndex(
			(_, index) => index + 4 <= bytes.length && view.getUint32(index, true) === 0x02014b50,
		);
		view.setUint32(directory + 24, 0xf0000000, true);
		expect(() => read(bytes)).toThrow('claims 4026531840 bytes out of');
	});

	it('unpacks no more than its limit in all', () => {
		const zeros = new Uint8Array(1000);
		const archive = new ZipArchive(zipSync({ a: zeros, b: zeros, c: zeros }, { level: 9 }), 'z.zip', 2500);
		expect(archive.read('a')).toEqual(zeros);
		expect(archive.read('b')).toEqual(zeros);
		expect(() => archive.read('c')).toThrow('weights.unsupported (z.zip): its archive unpacks to more than 2500 bytes');
	});

	it('whose packed content was changed is refused by its checksum', () => {
		const bytes = zipSync({ 'a.npy': array }, { level: 0 });
		expect(Object.keys(decodeNpz(bytes))).toEqual(['a']);
		const packed = zipSync({ 'a.npy': array }, { level: 9 });
		let failed = 0;
		for (let index = 35; index < 35 + 60; index++) {
			const changed = packed.slice();
			changed[index] = changed[index]! ^ 1;
			try {
				decodeNpz(changed);
			} catch (error) {
				expect(error).toBeInstanceOf(InspectorError);
				failed++;
			}
		}
		expect(failed).toBe(60);
	});
});

describe('what is no checkpoint', () => {
	const ascii = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));
	it.each<[string, Uint8Array, string]>([
		['nothing', new Uint8Array(0), 'the file is empty'],
		['a text', ascii('hello'), 'no checkpoint of a kind that is read: .pth'],
		['HDF5', ascii('\x89HDF\r\n\x1a\n'), 'HDF5'],
		[
			'an old tar',
			Uint8Array.from({ length: 512 }, (_, i) => (i >= 257 ? 'ustar'.charCodeAt(i - 257) || 0 : 97)),
			'tar archive',
		],
		['an ONNX model', Uint8Array.of(8, 8, 18, 4), 'an ONNX model, which needs no import'],
		['gzip', Uint8Array.of(0x1f, 0x8b, 8), 'gzip'],
		['another pickle', pickled(dict({})), 'a Python pickle'],
		['a dict without tensors', torchZip(pickled(dict({ epoch: integer(1) }))), 'holds no dict of tensors'],
		['a list', torchZip(pickled(op.emptyList)), 'holds no dict of tensors'],
		['one array', encodeNpy({ shape: [2], data: Float32Array.of(1, 2) }), 'a single array of 2'],
		[
			'a TorchScript program',
			zipSync({ 'a/data.pkl': pickled(op.none), 'a/constants.pkl': pickled(op.none) }),
			'TorchScript',
		],
		['a zip of pictures', zipSync({ 'a.png': new Uint8Array(9) }), 'no data.pkl'],
	])('%s is refused with words', (_, bytes, message) => {
		expect(() => read(bytes)).toThrow(InspectorError);
		expect(() => read(bytes)).toThrow(message);
	});
});

describe.skipIf(!existsSync(folder))('damaged files', () => {
	const files = [
		'zip.pth',
		'legacy.pth',
		'drsleep_like_py3.npy',
		'plain.npz',
		'tiny.safetensors',
		'tiny_v2.caffemodel',
	];
	const attempt = (bytes: Uint8Array): string => {
		try {
			read(bytes);
			return 'read';
		} catch (error) {
			if (!(error instanceof InspectorError)) {
				throw error;
			}
			expect(error.problem).toMatchObject({ name: expect.stringMatching(/^c\.pth/) });
			return error.problem.code;
		}
	};

	it.each(files)(
		'%s, cut anywhere, is told',
		(file) => {
			const whole = fixture(file);
			let passed = 0;
			for (let length = 0; length < whole.length; length += length < 3000 ? 1 : 7) {
				passed += attempt(whole.subarray(0, length)) === 'read' ? 1 : 0;
			}
			// Only Caffe's format has no end of its own: cut between two layers it is a sound shorter file.
			expect(passed).toBeLessThanOrEqual(file === 'tiny_v2.caffemodel' ? 30 : 0);
		},
		30_000,
	);

	it.each(files)(
		'%s, with bytes changed, cut out or put in, gives tensors or an error',
		(file) => {
			const whole = fixture(file);
			const edit = fc.record({
				at: fc.nat(whole.length),
				remove: fc.nat(8),
				insert: fc.uint8Array({ maxLength: 8 }),
			});
			fc.assert(
				fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
					let bytes: Uint8Array = whole;
					for (const { at, remove, insert } of edits) {
						bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
					}
					attempt(bytes);
				}),
				{ numRuns: 600 },
			);
		},
		60_000,
	);
});
