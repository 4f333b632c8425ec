import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCaffeModel } from '../../../../src/core/checkpoint/caffe';
import { fromCaffeBlobs } from '../../../../src/core/checkpoint/layerTensors';
import { WireWriter } from '../../../../src/core/onnx/protobuf';
import { InspectorError } from '../../../../src/core/problem';

/** `BlobProto` with its values in one piece. */
function blob(shape: readonly number[], values: readonly number[]): WireWriter {
	return new WireWriter().floats(5, values).message(7, new WireWriter().ints(1, shape));
}

function layer(name: string, ...blobs: WireWriter[]): WireWriter {
	const message = new WireWriter().string(1, name).string(2, 'Convolution');
	for (const each of blobs) {
		message.message(7, each);
	}
	return message;
}

const net = (...layers: WireWriter[]) =>
	layers.reduce((message, each) => message.message(100, each), new WireWriter().string(1, 'net')).finish();

const read = (bytes: Uint8Array) => readCaffeModel(bytes, 'm.caffemodel');
const listed = (bytes: Uint8Array) =>
	[...read(bytes).values()].map(({ name, shape, data }) => [name, shape, Array.from(data, Number)]);

describe('a .caffemodel', () => {
	it('has the blobs of every layer by layer and index', () => {
		const bytes = net(layer('data'), layer('a/b', blob([2, 1, 1, 1], [1, 2]), blob([2], [3, 4])));
		expect(listed(bytes)).toEqual([
			['a/b.0', [2, 1, 1, 1], [1, 2]],
			['a/b.1', [2], [3, 4]],
		]);
	});

	it('may be of the older kind, with four sizes, an unpacked value each, and doubles', () => {
		const unpacked = new WireWriter().int(1, 1).int(2, 1).int(3, 1).int(4, 3);
		for (const value of [1, 2.5, -3]) {
			unpacked.float(5, value);
		}
		const doubles = new WireWriter()
			.int(1, 1)
			.int(2, 1)
			.int(3, 1)
			.int(4, 1)
			.bytes(8, new Uint8Array(Float64Array.of(0.1).buffer));
		const old = new WireWriter().string(4, 'conv').int(5, 4).message(6, unpacked).message(6, doubles);
		expect(listed(new WireWriter().message(2, old).finish())).toEqual([
			['conv.0', [1, 1, 1, 3], [1, 2.5, -3]],
			['conv.1', [1, 1, 1, 1], [0.1]],
		]);
	});

	it('takes the later of two layers of a name, as Caffe does', () => {
		expect(listed(net(layer('a', blob([1], [1])), layer('a', blob([1], [2]))))).toEqual([['a.0', [1], [2]]]);
	});

	it.each<[string, Uint8Array, string]>([
		['without weights', net(layer('data')), 'weights.unsupported (m.caffemodel): it has no layer with weights'],
		['that is empty', new Uint8Array(0), 'it has no layer with weights'],
		['with values missing', net(layer('a', blob([2, 2], [1]))), 'blob 0 of layer “a” is 2x2 with 1 values'],
		['with an impossible size', net(layer('a', blob([-1], [1]))), 'layer “a”: a blob with the size -1'],
		['that is a text', new TextEncoder().encode('layer { name: "conv1" }'), 'the file is cut or no .caffemodel'],
	])('%s is refused', (_, bytes, message) => {
		expect(() => read(bytes)).toThrow(message);
	});

	it('that is cut anywhere or changed gives its layers or an error that says so', () => {
		const whole = net(layer('a', blob([2, 2], [1, 2, 3, 4])), layer('b', blob([1], [5])));
		const attempt = (bytes: Uint8Array) => {
			try {
				read(bytes);
			} catch (error) {
				expect(error).toBeInstanceOf(InspectorError);
			}
		};
		for (let length = 0; length < whole.length; length++) {
			attempt(whole.subarray(0, length));
		}
		fc.assert(
			fc.property(fc.nat(whole.length - 1), fc.nat(255), (index, value) => {
				const changed = whole.slice();
				changed[index] = value;
				attempt(changed);
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('Caffe’s layers under common names', () => {
	const named = (bytes: Uint8Array) =>
		Object.fromEntries([...fromCaffeBlobs(read(bytes))].map(([name, { data }]) => [name, [...data].map(Number)]));

	it('divide the statistics by their factor, and give the batch norm its scale', () => {
		const bytes = net(
			layer('conv1', blob([1, 1, 1, 1], [9]), blob([1], [8])),
			layer('bn_conv1', blob([1], [4]), blob([1], [6]), blob([1], [2])),
			layer('scale_conv1', blob([1], [7]), blob([1], [5])),
		);
		expect(named(bytes)).toEqual({
			'conv1.weight': [9],
			'conv1.bias': [8],
			'bn_conv1.running_mean': [2],
			'bn_conv1.running_var': [3],
			'bn_conv1.weight': [7],
			'bn_conv1.bias': [5],
		});
	});

	it('take statistics of factor 0 as 0', () => {
		const bytes = net(layer('bn', blob([1], [4]), blob([1], [6]), blob([1], [0])));
		expect(named(bytes)).toEqual({ 'bn.running_mean': [0], 'bn.running_var': [0] });
	});

	it('leave out the copies for other scales', () => {
		const bytes = net(
			layer('conv1', blob([1], [1])),
			layer('conv1_res05', blob([1], [1])),
			layer('fc1_voc12_c0_res075', blob([1], [1])),
		);
		expect(named(bytes)).toEqual({ 'conv1.weight': [1] });
	});
});

const folder = path.resolve('../shared/fixtures/checkpoints');
describe.skipIf(!existsSync(folder))('a file of the real library', () => {
	it('is read value by value', () => {
		const expected: Record<string, { shape: number[]; data: number[] }[]> = JSON.parse(
			readFileSync(path.join(folder, 'tiny_v2.json'), 'utf8'),
		);
		const tensors = read(readFileSync(path.join(folder, 'tiny_v2.caffemodel')));
		expect(tensors.size).toBe(Object.values(expected).flat().length);
		for (const [name, blobs] of Object.entries(expected)) {
			for (const [index, { shape, data }] of blobs.entries()) {
				const tensor = tensors.get(`${name}.${index}`);
				expect(tensor?.shape).toEqual(shape);
				expect(tensor?.data).toEqual(Float32Array.from(data));
			}
		}
	});
});
