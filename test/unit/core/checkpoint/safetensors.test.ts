import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../../src/core/checkpoint/safetensors';
import { widenBfloat16, widenFloat16 } from '../../../../src/core/checkpoint/tensor';
import { InspectorError } from '../../../../src/core/problem';

/** A file of this header, as JSON or as text, and this many bytes of data (0, 1, 2 …). */
function file(header: unknown, dataLength = 0): Uint8Array {
	const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(text.length));
	return Uint8Array.from(
		Buffer.concat([length, text, Buffer.from(Array.from({ length: dataLength }, (_, i) => i & 255))]),
	);
}

const tensor = (dtype: unknown, shape: unknown, ...offsets: unknown[]) => ({ dtype, shape, data_offsets: offsets });

const fixture = path.resolve('../shared/fixtures/checkpoints');

describe.skipIf(!existsSync(fixture))('a file of the safetensors library', () => {
	it('has the tensors that were written', () => {
		const tensors = decodeSafetensors(readFileSync(path.join(fixture, 'tiny.safetensors')), 'tiny.safetensors');
		const expected = JSON.parse(readFileSync(path.join(fixture, 'drsleep_like.json'), 'utf8')).conv1.weights;
		expect([...tensors.keys()]).toEqual(['layer1.conv1.conv.weight', 'half', 'bf']);
		const weight = tensors.get('layer1.conv1.conv.weight')!;
		expect(weight.shape).toEqual(expected.shape);
		expect(Array.from(weight.data as Float32Array)).toEqual(expected.data);
		expect(tensors.get('half')).toEqual({ name: 'half', shape: [3], data: Float32Array.of(0, 1, 2) });
		expect(tensors.get('bf')).toEqual({ name: 'bf', shape: [2], data: Float32Array.of(1, -2) });
	});
});

describe('types', () => {
	it.each([
		['F64', 8, Float64Array],
		['F32', 4, Float32Array],
		['I64', 8, BigInt64Array],
		['U64', 8, BigUint64Array],
		['I32', 4, Int32Array],
		['U32', 4, Uint32Array],
		['I16', 2, Int16Array],
		['U16', 2, Uint16Array],
		['I8', 1, Int8Array],
		['U8', 1, Uint8Array],
		['BOOL', 1, Uint8Array],
	])('%s is read little-endian at any alignment', (dtype, size, type) => {
		const values = Uint8Array.from({ length: size * 3 }, (_, index) => index + 1);
		for (let shift = 0; shift < 8; shift++) {
			const name = 'x'.repeat(shift + 1);
			const header = { pad: tensor('U8', [1], 0, 1), [name]: tensor(dtype, [3], 1, 1 + size * 3) };
			const bytes = file(header, 1 + size * 3);
			// Slicing a Buffer copies nothing, unlike slicing other arrays.
			for (const given of [bytes, Buffer.from(bytes)]) {
				const read = decodeSafetensors(given, 'f').get(name)!;
				expect(read.data.constructor).toBe(type);
				expect(read.data).toEqual(new type(values.buffer));
			}
		}
	});

	it('widens half precision as IEEE 754 has it', () => {
		const bits = Uint16Array.of(0, 0x8000, 0x3c00, 0x3555, 1, 0x03ff, 0x0400, 0x7bff, 0xfc00, 0x7e00);
		expect([...widenFloat16(bits)]).toEqual([
			...[0, -0, 1, 0.333251953125, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504],
			...[Number.NEGATIVE_INFINITY, Number.NaN],
		]);
		expect([...widenBfloat16(Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x4049))]).toEqual([1, -2, Infinity, 3.140625]);
	});

	it('float32 is a view of the file where it is aligned', () => {
		const header = `{"a":${JSON.stringify(tensor('F32', [2], 0, 8))}}`;
		const bytes = file(header.padEnd(Math.ceil(header.length / 8) * 8), 8);
		expect(decodeSafetensors(bytes, 'f').get('a')!.data.buffer).toBe(bytes.buffer);
	});

	it('takes scalars, empty tensors, odd names and no tensor at all', () => {
		const header = `{"__metadata__":{"a":"b"},"__proto__":${JSON.stringify(tensor('F32', [], 0, 4))},"e":${JSON.stringify(tensor('F32', [0, 5], 4, 4))}}`;
		const tensors = decodeSafetensors(file(header, 4), 'f');
		expect([...tensors.keys()]).toEqual(['__proto__', 'e']);
		expect(tensors.get('__proto__')!.data).toHaveLength(1);
		expect(tensors.get('e')!.data).toHaveLength(0);
		expect(decodeSafetensors(file({}), 'f').size).toBe(0);
	});
});

describe('a damaged file', () => {
	const huge = file({ a: tensor('F32', [1], 0, 4) }, 4);
	new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
	const giant = 5 * 1024 ** 3;

	it.each<[string, Uint8Array, string]>([
		['empty', new Uint8Array(0), '0 bytes, too short'],
		['a header past its end', huge, 'a header of 9223372036854776000 bytes announced'],
		['no JSON', file('{"a":'), 'the header is not JSON'],
		['a list', file('[]'), 'not a JSON object'],
		['no UTF-8', file('{"a":1}').map((byte, index) => (index === 10 ? 0xff : byte)), 'the header is not JSON'],
		['an entry that is none', file({ a: 4 }), 'the entry of tensor “a” is not'],
		['an unknown type', file({ a: tensor('F4', [1], 0, 4) }, 4), 'tensor “a” has type "F4"; read are F32'],
		['a negative size', file({ a: tensor('F32', [-1], 0, 4) }, 4), 'tensor “a” has shape [-1]'],
		['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), 'tensor “a” has shape missing'],
		['offsets in reverse', file({ a: tensor('F32', [1], 4, 0) }, 4), 'tensor “a” has data_offsets [4,0]'],
		['a shape that does not fit', file({ a: tensor('F16', [3], 0, 4) }, 4), 'of F16 3 has 4 bytes instead of 6'],
		['5 GB claimed', file({ a: tensor('U8', [giant], 0, giant) }, 4), `ends at byte ${giant} of 4 bytes of data`],
		['an endless shape', file({ a: tensor('U8', Array(40).fill(1e9), 0, 4) }, 4), 'has 4 bytes instead of'],
		[
			'overlapping tensors',
			file({ a: tensor('F32', [1], 0, 4), b: tensor('F32', [1], 2, 6) }, 6),
			'tensor “b” starts at byte 2 of the data instead of 4',
		],
		['a hole', file({ a: tensor('F32', [1], 4, 8) }, 8), 'tensor “a” starts at byte 4 of the data instead of 0'],
		['more than its tensors', file({ a: tensor('F32', [1], 0, 4) }, 9), '5 bytes behind the last tensor'],
	])('is refused: %s', (_, bytes, detail) => {
		expect(() => decodeSafetensors(bytes, 'w.safetensors')).toThrow(`weights.damaged (w.safetensors): `);
		expect(() => decodeSafetensors(bytes, 'w.safetensors')).toThrow(detail);
	});

	it('is refused at every length it may be cut to', () => {
		const whole = file({ a: tensor('F32', [2], 0, 8), b: tensor('I64', [1], 8, 16) }, 16);
		expect(decodeSafetensors(whole, 'f').size).toBe(2);
		for (let length = 0; length < whole.length; length++) {
			expect(() => decodeSafetensors(whole.subarray(0, length), 'f')).toThrow(InspectorError);
		}
	});
});

describe('the reader under fuzz', () => {
	const survives = (bytes: Uint8Array) => {
		const start = process.cpuUsage();
		try {
			let total = 0;
			for (const read of decodeSafetensors(bytes, 'f').values()) {
				total += read.data.byteLength;
			}
			// Widening doubles at most; nothing may be held twice.
			expect(total).toBeLessThanOrEqual(2 * bytes.length);
		} catch (error) {
			if (!(error instanceof InspectorError)) {
				throw error;
			}
		}
		const { user, system } = process.cpuUsage(start);
		expect(user + system).toBeLessThan(1_000_000);
	};

	it('takes any bytes behind any header length', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(120), (bytes, length) => {
				survives(bytes);
				survives(Uint8Array.from([length, 0, 0, 0, 0, 0, 0, 0, ...bytes]));
			}),
			{ numRuns: 2000 },
		);
	});

	it('takes any JSON for a header', () => {
		const odd = fc.oneof(fc.jsonValue(), fc.integer({ min: -8, max: 16 }), fc.constantFrom(2 ** 53, 5e9, 1e308));
		const entry = fc.record({
			dtype: fc.oneof({ weight: 8, arbitrary: fc.constantFrom('F32', 'F16', 'U8', 'BF16') }, odd),
			shape: fc.oneof({ weight: 4, arbitrary: fc.array(fc.oneof(fc.nat(4), odd), { maxLength: 3 }) }, odd),
			data_offsets: fc.oneof({ weight: 4, arbitrary: fc.tuple(fc.nat(8), fc.nat(16)) }, odd),
		});
		fc.assert(
			fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), entry)), fc.nat(24), (header, length) =>
				survives(file(header, length)),
			),
			{ numRuns: 2000 },
		);
	});

	it('takes a file with any bytes changed', () => {
		const whole = file({ a: tensor('F16', [2, 2], 0, 8), b: tensor('I64', [1], 8, 16) }, 16);
		const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
		fc.assert(
			fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
				const bytes = whole.slice();
				for (const [at, value] of changes) {
					bytes[at] = value;
				}
				survives(bytes);
			}),
			{ numRuns: 3000 },
		);
	});

	it('takes a header nested without end', () => {
		survives(file('['.repeat(200_000)));
		survives(file(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`));
	});
});
