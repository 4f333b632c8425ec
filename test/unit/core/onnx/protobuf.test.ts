import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError, WireReader, WireWriter } from '../../../../src/core/onnx/protobuf';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const reader = (text: string) => {
	const found = new WireReader(Uint8Array.from(Buffer.from(text, 'hex')));
	found.next();
	return found;
};

describe('the wire format', () => {
	// From the encoding guide of protobuf.dev.
	it('writes the documented examples', () => {
		expect(hex(new WireWriter().int(1, 150).finish())).toBe('089601');
		expect(hex(new WireWriter().string(2, 'testing').finish())).toBe('120774657374696e67');
		expect(hex(new WireWriter().message(3, new WireWriter().int(1, 150)).finish())).toBe('1a03089601');
		expect(hex(new WireWriter().int(1, -2).finish())).toBe('08feffffffffffffffff01');
		expect(hex(new WireWriter().ints(6, [3, 270, 86942]).finish())).toBe('3206038e029ea705');
		expect(hex(new WireWriter().float(1, 1).finish())).toBe('0d0000803f');
	});

	it('reads the documented examples', () => {
		expect(reader('089601').int64()).toBe(150);
		expect(reader('120774657374696e67').string()).toBe('testing');
		expect(reader('08feffffffffffffffff01').int64()).toBe(-2);
		expect(reader('08feffffffffffffffff01').uint64()).toBe(2n ** 64n - 2n);
		expect(reader('09000000000000f03f').double()).toBe(1);
		const values: (number | bigint)[] = [];
		reader('3206038e029ea705').varints(values);
		expect(values).toEqual([3, 270, 86942]);
	});

	it('reads back every 64-bit integer', () => {
		fc.assert(
			fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
				expect(BigInt(reader(hex(new WireWriter().int(1, value).finish())).int64())).toBe(value);
			}),
		);
		for (const value of [2 ** 49 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -1, 0]) {
			expect(reader(hex(new WireWriter().int(1, value).finish())).int64()).toBe(value);
		}
	});

	it.each([
		['0896', 'a number without an end at byte 1', (found: WireReader) => found.int64()],
		['08ffffffffffffffffffff01', 'longer than 10 bytes at byte 1', (found: WireReader) => found.int64()],
		['120774', '7 bytes announced where 1 are left at byte 2', (found: WireReader) => found.bytes()],
		['0d0000', '4 bytes announced where 2 are left at byte 1', (found: WireReader) => found.float()],
		['0d0000803f', 'wire type 5 instead of 2 at byte 0', (found: WireReader) => found.bytes()],
		['1201ff', 'not UTF-8 at byte 0', (found: WireReader) => found.string()],
		['0b', 'wire type 3, which is not read at byte 0', (found: WireReader) => found.skip()],
		['3203010203', 'no whole 4-byte values at byte 0', (found: WireReader) => found.fixed(4)],
	])('says where %s is wrong', (bytes, message, read) => {
		expect(() => read(reader(bytes))).toThrow(WireError);
		expect(() => read(reader(bytes))).toThrow(message);
	});

	it('counts positions from the start of the file within messages', () => {
		const inner = reader('1a03089680').message();
		inner.next();
		expect(() => inner.int64()).toThrow('at byte 3');
	});

	it('lets nothing reach past the end of its own message', () => {
		const inner = reader('1a020a050000000000').message();
		inner.next();
		expect(() => inner.bytes()).toThrow('5 bytes announced where 0 are left at byte 4');
	});

	it('stops at messages nested without end', () => {
		let bytes = new Uint8Array(0);
		for (let depth = 0; depth < 200; depth++) {
			bytes = new WireWriter().bytes(1, bytes).finish() as Uint8Array<ArrayBuffer>;
		}
		const descend = (found: WireReader): void => {
			if (found.next()) {
				descend(found.message());
			}
		};
		expect(() => descend(new WireReader(bytes))).toThrow('nested deeper than 64');
	});
});
