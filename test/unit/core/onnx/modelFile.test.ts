import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../../src/core/onnx/decode';
import { describeNetwork } from '../../../../src/core/onnx/describe';
import { encodeOnnx } from '../../../../src/core/onnx/encode';
import type { AttributeValue, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from '../../../../src/core/onnx/ir';
import { floatsOf, integersOf } from '../../../../src/core/onnx/ir';
import { WireWriter } from '../../../../src/core/onnx/protobuf';
import { InspectorError } from '../../../../src/core/problem';
import { sampleModel } from './sampleModel';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const float = fc.float({ noNaN: true });
const int64 = fc
	.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
	.map((value) => (BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value));
const int = fc.oneof(fc.integer(), int64);

const tensor: fc.Arbitrary<OnnxTensor> = fc
	.record({ name: text, dims: fc.array(fc.nat(3), { maxLength: 3 }), wide: fc.boolean() })
	.map(({ name, dims, wide }) => {
		const count = dims.reduce((product, size) => product * size, 1) * (wide ? 8 : 4);
		return { name, dims, dataType: wide ? 7 : 1, data: Uint8Array.from({ length: count }, (_, index) => index * 37) };
	});

const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
	float.map((value) => ({ kind: 'float', value }) as const),
	int.map((value) => ({ kind: 'int', value }) as const),
	text.map((value) => ({ kind: 'string', value }) as const),
	tensor.map((value) => ({ kind: 'tensor', value }) as const),
	fc.array(float).map((value) => ({ kind: 'floats', value }) as const),
	fc.array(int).map((value) => ({ kind: 'ints', value }) as const),
	fc.array(text).map((value) => ({ kind: 'strings', value }) as const),
);

const node: fc.Arbitrary<Pick<OnnxNode, 'name' | 'operator' | 'attributes'>> = fc.record({
	name: text,
	operator: text,
	attributes: fc
		.dictionary(text, attribute, { maxKeys: 4 })
		.map((entries) => new Map(Object.entries(entries)) as OnnxNode['attributes']),
});

const valueInfo: fc.Arbitrary<Omit<ValueInfo, 'name'>> = fc.record({
	dataType: fc.nat(16),
	shape: fc.array(fc.oneof(fc.nat(), text, fc.constant(null)), { maxLength: 4 }),
});

const model: fc.Arbitrary<OnnxModel> = fc
	.record({
		opset: fc.integer({ min: 1, max: 30 }),
		producer: text,
		name: text,
		metadata: fc.dictionary(
			text.filter((key) => key !== '__proto__'),
			text,
			{ noNullPrototype: true },
		),
		nodes: fc.array(node, { maxLength: 6 }),
		weights: fc.array(tensor, { maxLength: 3 }),
		input: valueInfo,
		output: valueInfo,
		note: text,
	})
	.map(({ nodes, weights, input, output, name, note, ...rest }) => ({
		...rest,
		irVersion: 8,
		graph: {
			name,
			nodes: nodes.map((item, index) => ({ ...item, inputs: [`v${index}`, ''], outputs: [`v${index + 1}`] })),
			initializers: weights.map((item, index) => ({ ...item, name: `w${index}` })),
			inputs: [{ name: 'v0', ...input }],
			outputs: [{ name: `v${nodes.length}`, ...output }],
			extra: [new WireWriter().string(10, note).finish()],
		},
	}));

describe('an ONNX file', () => {
	it('gives back the model that was written', () => {
		fc.assert(
			fc.property(model, (written) => {
				const bytes = encodeOnnx(written);
				const read = decodeOnnx(bytes, 'x.onnx');
				expect(read).toEqual(written);
				expect(Buffer.compare(encodeOnnx(read), bytes)).toBe(0);
			}),
			{ numRuns: 300 },
		);
	});

	it('holds tensor data that are not copied', () => {
		const bytes = encodeOnnx(sampleModel());
		const { graph } = decodeOnnx(bytes, 'x.onnx');
		expect(graph.initializers.length).toBeGreaterThan(0);
		expect(graph.initializers.every((item) => item.data.buffer === bytes.buffer)).toBe(true);
	});

	it('gives the same floats at any alignment, from a Buffer too', () => {
		const whole = sampleModel();
		const expected = whole.graph.initializers.map((item) => [...floatsOf(item)!]);
		const bytes = encodeOnnx(whole);
		for (let shift = 0; shift < 4; shift++) {
			const shifted = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
			const { graph } = decodeOnnx(shifted, 'x.onnx');
			expect(graph.initializers.map((item) => [...floatsOf(item)!])).toEqual(expected);
		}
	});

	it('keeps subgraphs, other operator sets and unknown fields when it is written again', () => {
		const subgraph = new WireWriter().string(1, 'body').message(6, new WireWriter().string(2, 'inner')).int(20, 5);
		const node = new WireWriter().string(2, 'y').string(4, 'Loop').message(5, subgraph).string(6, 'a note');
		const bytes = new WireWriter()
			.int(1, 8)
			.message(7, new WireWriter().message(1, node).message(12, new WireWriter().string(1, 'y')))
			.message(8, new WireWriter().string(1, '').int(2, 13))
			.message(8, new WireWriter().string(1, 'com.microsoft').int(2, 1))
			.string(77, 'of the future')
			.finish();
		const read = decodeOnnx(bytes, 'x.onnx');
		expect(read.opset).toBe(13);
		expect(read.graph.nodes[0]!.attributes.get('body')?.kind).toBe('raw');
		expect(Buffer.from(encodeOnnx(read)).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
	});
});

describe('a tensor', () => {
	const read = (fields: WireWriter) => {
		const graph = new WireWriter().message(5, fields.string(8, 't'));
		return decodeOnnx(new WireWriter().message(7, graph).finish(), 'x.onnx').graph.initializers[0]!;
	};
	const of = (dataType: number, ...dims: number[]) => new WireWriter().ints(1, dims).int(2, dataType);

	it('may keep its values in typed fields', () => {
		expect([...floatsOf(read(of(1, 3).floats(4, [1, -2, 0.5])))!]).toEqual([1, -2, 0.5]);
		expect([...floatsOf(read(of(1, 2).float(4, 1).float(4, 7)))!]).toEqual([1, 7]);
		expect(integersOf(read(of(7, 2).ints(7, [-5, 2 ** 40])))).toEqual([-5, 2 ** 40]);
		expect(integersOf(read(of(7, 2).int(7, 3).int(7, 4)))).toEqual([3, 4]);
		expect(integersOf(read(of(6, 2).ints(5, [-1, 9])))).toEqual([-1, 9]);
		expect([...read(of(2, 3).ints(5, [0, 128, 255])).data]).toEqual([0, 128, 255]);
		expect([...read(of(10, 1).ints(5, [0x3c00])).data]).toEqual([0x00, 0x3c]);
	});

	it.each([
		['too few values', of(1, 3).floats(4, [1, 2]), 'tensor “t” of 3 with 8 bytes instead of 12'],
		['5 TB claimed', of(1, 1_000_000, 1_000_000), 'with 0 bytes instead of 4000000000000'],
		['a negative size', of(1, -1), 'a dimension of -1'],
		['integers for floats', of(1, 1).ints(7, [1]), 'of type 1 with integers'],
		['a thousand dimensions', of(1, ...Array<number>(1000).fill(1)), '1000 dimensions'],
	])('with %s is damaged', (_, fields, detail) => {
		expect(() => read(fields)).toThrow(`model.damaged (x.onnx): `);
		expect(() => read(fields)).toThrow(detail);
	});

	it('in another file is not supported, and what to do is said', () => {
		const external = of(1, 3).int(14, 1);
		expect(() => read(external)).toThrow(/model\.unsupported.*“t”.*single file/);
	});
});

describe('a damaged file', () => {
	const damaged = (bytes: Uint8Array) => {
		try {
			decodeOnnx(bytes, 'x.onnx');
		} catch (error) {
			return error instanceof InspectorError && error.problem.code === 'model.damaged' ? error.message : error;
		}
		return 'nothing wrong';
	};

	it('is told by what is wrong with it', () => {
		expect(damaged(new Uint8Array(0))).toContain('no graph');
		expect(damaged(new TextEncoder().encode('<!doctype html>'))).toContain('at byte');
		const { graph, ...rest } = sampleModel();
		const twice = { ...rest, graph: { ...graph, nodes: [...graph.nodes, ...graph.nodes] } };
		expect(damaged(encodeOnnx(twice))).toContain('“stem.conv”) makes “stem.conv”, which exists already');
		const headless = { ...rest, graph: { ...graph, nodes: graph.nodes.slice(1) } };
		expect(damaged(encodeOnnx(headless))).toContain('takes “stem.conv”, which nothing before it makes');
		const endless = { ...rest, graph: { ...graph, nodes: graph.nodes.slice(0, -1) } };
		expect(damaged(encodeOnnx(endless))).toContain('output “logits” is made by no node');
	});

	it('is told at every length it may be cut to', () => {
		const bytes = encodeOnnx(sampleModel());
		const graphEnd = Buffer.from(bytes).indexOf(Buffer.from('deeplab.formatVersion')) - 20;
		for (let length = 0; length < graphEnd; length++) {
			expect(damaged(bytes.subarray(0, length))).toMatch(/at byte|no graph/);
		}
	});
});

/** Only our own errors, and within a second of processor time: whatever the bytes are. */
function survives(bytes: Uint8Array): void {
	const start = process.cpuUsage();
	try {
		describeNetwork(decodeOnnx(bytes, 'x.onnx'), bytes.length, 'x.onnx');
	} catch (error) {
		if (!(error instanceof InspectorError)) {
			throw error;
		}
	}
	const { user, system } = process.cpuUsage(start);
	expect(user + system).toBeLessThan(1_000_000);
}

describe('the reader under fuzz', () => {
	const whole = encodeOnnx(sampleModel());

	it('takes any bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => survives(bytes)),
			{ numRuns: 3000 },
		);
	});

	it('takes a file with any bytes changed, cut out or put in', () => {
		const edit = fc.record({
			at: fc.nat(whole.length - 1),
			remove: fc.nat(4),
			insert: fc.uint8Array({ maxLength: 4 }),
		});
		fc.assert(
			fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
				let bytes: Buffer = Buffer.from(whole);
				for (const { at, remove, insert } of edits) {
					bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
				}
				survives(Uint8Array.from(bytes));
			}),
			{ numRuns: 3000 },
		);
	});

	it('takes a file with any bits flipped', () => {
		const flip = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }));
		fc.assert(
			fc.property(fc.array(flip, { minLength: 1, maxLength: 3 }), (flips) => {
				const bytes = whole.slice();
				for (const [at, bits] of flips) {
					bytes[at]! ^= bits;
				}
				survives(bytes);
			}),
			{ numRuns: 3000 },
		);
	});

	it('takes a graph of many equal names without slowing down', () => {
		const { graph, ...rest } = sampleModel();
		const chain = Array.from({ length: 20_000 }, (_, index) => ({
			name: 'same.name',
			operator: 'Softmax',
			inputs: [index === 0 ? 'input' : `v${index - 1}`],
			outputs: [`v${index}`],
			attributes: new Map(),
		}));
		survives(encodeOnnx({ ...rest, graph: { ...graph, nodes: [...graph.nodes, ...chain] } }));
	});
});
