/**
 * The protobuf wire format: just enough to read and write ONNX (and other) messages without a schema compiler.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** 64-bit integers are numbers where a number holds them exactly. */
export type Int64 = number | bigint;

/** Bytes that are no valid wire format; `position` counts from the start of the whole file. */
export class WireError extends Error {
	override readonly name = 'WireError';

	constructor(
		readonly position: number,
		detail: string,
	) {
		super(`${detail} at byte ${position}`);
	}
}

const depthLimit = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

/**
 * Reads the fields of one message in file order: call {@link next}, then the one reading method that fits `field`.
 * Every method throws {@link WireError} on a wrong wire type or a value that ends behind the message's end.
 * Byte strings are views of the given bytes, never copies.
 */
export class WireReader {
	/** Field number and wire type of the current field. */
	field = 0;
	wireType = 0;
	/** Where the current field's tag starts. */
	fieldStart: number;
	#position: number;
	readonly #view: DataView;

	constructor(
		private readonly source: Uint8Array,
		start = 0,
		private readonly end: number = source.length,
		private readonly depth = 0,
	) {
		this.#position = start;
		this.fieldStart = start;
		this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
	}

	get position(): number {
		return this.#position;
	}

	/** Steps to the next field; false at the message's end. */
	next(): boolean {
		if (this.#position >= this.end) {
			return false;
		}
		this.fieldStart = this.#position;
		const tag = this.#varint();
		if (typeof tag !== 'number' || tag >= 2 ** 32 || tag < 8) {
			throw new WireError(this.fieldStart, 'no valid field number');
		}
		this.field = Math.floor(tag / 8);
		this.wireType = tag % 8;
		return true;
	}

	/** Unsigned 64-bit. */
	uint64(): Int64 {
		this.#expect(WireType.varint);
		return this.#varint();
	}

	/** Signed 64-bit in two's complement (protobuf's int64 and int32). */
	int64(): Int64 {
		this.#expect(WireType.varint);
		return signed(this.#varint());
	}

	/** An integer that has to be a safe number, e.g. an enum or a size. */
	integer(): number {
		const value = this.int64();
		if (typeof value === 'bigint') {
			throw new WireError(this.fieldStart, `integer ${value} out of range`);
		}
		return value;
	}

	float(): number {
		this.#expect(WireType.fixed32);
		return this.#view.getFloat32(this.#advance(4), true);
	}

	double(): number {
		this.#expect(WireType.fixed64);
		return this.#view.getFloat64(this.#advance(8), true);
	}

	bytes(): Uint8Array {
		this.#expect(WireType.bytes);
		const length = this.#length();
		const start = this.#advance(length);
		return this.source.subarray(start, start + length);
	}

	string(): string {
		const bytes = this.bytes();
		try {
			return utf8.decode(bytes);
		} catch {
			throw new WireError(this.fieldStart, 'text that is not UTF-8');
		}
	}

	/** A reader of the embedded message; this reader then stands behind it. */
	message(): WireReader {
		this.#expect(WireType.bytes);
		if (this.depth >= depthLimit) {
			throw new WireError(this.fieldStart, `messages nested deeper than ${depthLimit}`);
		}
		const length = this.#length();
		const start = this.#advance(length);
		return new WireReader(this.source, start, start + length, this.depth + 1);
	}

	/** Appends the integers of a repeated field, packed or not. */
	varints(into: Int64[], isSigned = true): void {
		if (this.wireType === WireType.varint) {
			into.push(isSigned ? this.int64() : this.uint64());
			return;
		}
		const packed = this.message();
		while (packed.#position < packed.end) {
			const value = packed.#varint();
			into.push(isSigned ? signed(value) : value);
		}
	}

	/** The bytes of a repeated fixed-size field (4 or 8 bytes a value), packed or not: a view. */
	fixed(size: 4 | 8): Uint8Array {
		if (this.wireType === WireType.bytes) {
			const bytes = this.bytes();
			if (bytes.length % size !== 0) {
				throw new WireError(this.fieldStart, `${bytes.length} bytes that are no whole ${size}-byte values`);
			}
			return bytes;
		}
		this.#expect(size === 4 ? WireType.fixed32 : WireType.fixed64);
		const start = this.#advance(size);
		return this.source.subarray(start, start + size);
	}

	/** Steps over the current field and returns it with its tag, so that it can be written back. */
	skip(): Uint8Array {
		switch (this.wireType) {
			case WireType.varint:
				this.#varint();
				break;
			case WireType.fixed64:
				this.#advance(8);
				break;
			case WireType.bytes:
				this.#advance(this.#length());
				break;
			case WireType.fixed32:
				this.#advance(4);
				break;
			default:
				throw new WireError(this.fieldStart, `wire type ${this.wireType}, which is not read`);
		}
		return this.source.subarray(this.fieldStart, this.#position);
	}

	/** The bytes from `start` to where this reader stands: a view. */
	span(start: number): Uint8Array {
		return this.source.subarray(start, this.#position);
	}

	#expect(wireType: number): void {
		if (this.wireType !== wireType) {
			throw new WireError(
				this.fieldStart,
				`field ${this.field} with wire type ${this.wireType} instead of ${wireType}`,
			);
		}
	}

	#advance(length: number): number {
		const start = this.#position;
		if (length > this.end - start) {
			throw new WireError(start, `${length} bytes announced where ${this.end - start} are left`);
		}
		this.#position = start + length;
		return start;
	}

	#length(): number {
		const length = this.#varint();
		if (typeof length === 'bigint') {
			throw new WireError(this.fieldStart, `impossible length ${length}`);
		}
		return length;
	}

	#varint(): Int64 {
		const start = this.#position;
		let low = 0;
		let high = 0n;
		for (let index = 0; index < 10; index++) {
			if (this.#position >= this.end) {
				throw new WireError(start, 'a number without an end');
			}
			const byte = this.source[this.#position++]!;
			// Seven groups of seven bits fit a number exactly; the rest goes into a bigint.
			if (index < 7) {
				low += (byte & 0x7f) * 2 ** (7 * index);
			} else {
				high |= BigInt(byte & 0x7f) << BigInt(7 * (index - 7));
			}
			if (byte < 0x80) {
				return narrow(BigInt.asUintN(64, (high << 49n) | BigInt(low)), low, high);
			}
		}
		throw new WireError(start, 'a number longer than 10 bytes');
	}
}

function narrow(value: bigint, low: number, high: bigint): Int64 {
	return high === 0n ? low : value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function signed(value: Int64): Int64 {
	if (typeof value === 'number') {
		return value;
	}
	const wrapped = BigInt.asIntN(64, value);
	return wrapped >= BigInt(Number.MIN_SAFE_INTEGER) && wrapped <= BigInt(Number.MAX_SAFE_INTEGER)
		? Number(wrapped)
		: wrapped;
}

/** Writes the fields of one message. Byte strings are kept as they are and copied once, by {@link finish}. */
export class WireWriter {
	readonly #chunks: Uint8Array[] = [];
	#length = 0;

	/** Size so far, in bytes. */
	get length(): number {
		return this.#length;
	}

	/** A 32- or 64-bit integer, signed or not. */
	int(field: number, value: Int64): this {
		this.#tag(field, WireType.varint);
		this.#varint(value);
		return this;
	}

	float(field: number, value: number): this {
		this.#tag(field, WireType.fixed32);
		this.#append(fromFloats([value]));
		return this;
	}

	bytes(field: number, value: Uint8Array): this {
		this.#tag(field, WireType.bytes);
		this.#varint(value.length);
		this.#append(value);
		return this;
	}

	string(field: number, value: string): this {
		return this.bytes(field, toUtf8.encode(value));
	}

	message(field: number, message: WireWriter): this {
		this.#tag(field, WireType.bytes);
		this.#varint(message.#length);
		for (const chunk of message.#chunks) {
			this.#append(chunk);
		}
		return this;
	}

	/** A packed repeated integer field. */
	ints(field: number, values: readonly Int64[]): this {
		const packed = new WireWriter();
		for (const value of values) {
			packed.#varint(value);
		}
		return this.message(field, packed);
	}

	/** A packed repeated float32 field. */
	floats(field: number, values: readonly number[]): this {
		return this.bytes(field, fromFloats(values));
	}

	/** Whole fields with their tags, as {@link WireReader.skip} returned them. */
	raw(fields: readonly Uint8Array[]): this {
		for (const field of fields) {
			this.#append(field);
		}
		return this;
	}

	finish(): Uint8Array {
		const out = new Uint8Array(this.#length);
		let position = 0;
		for (const chunk of this.#chunks) {
			out.set(chunk, position);
			position += chunk.length;
		}
		return out;
	}

	#tag(field: number, wireType: number): void {
		this.#varint(field * 8 + wireType);
	}

	#varint(value: Int64): void {
		const bytes: number[] = [];
		if (typeof value === 'number' && value >= 0) {
			let rest = value;
			while (rest >= 0x80) {
				bytes.push((rest % 0x80) + 0x80);
				rest = Math.floor(rest / 0x80);
			}
			bytes.push(rest);
		} else {
			let rest = BigInt.asUintN(64, BigInt(value));
			while (rest >= 0x80n) {
				bytes.push(Number(rest & 0x7fn) + 0x80);
				rest >>= 7n;
			}
			bytes.push(Number(rest));
		}
		this.#append(Uint8Array.from(bytes));
	}

	#append(chunk: Uint8Array): void {
		this.#chunks.push(chunk);
		this.#length += chunk.length;
	}
}

function fromFloats(values: readonly number[]): Uint8Array {
	const view = new DataView(new ArrayBuffer(values.length * 4));
	for (const [index, value] of values.entries()) {
		view.setFloat32(index * 4, value, true);
	}
	return new Uint8Array(view.buffer);
}
