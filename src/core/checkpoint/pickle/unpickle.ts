/**
 * Reads Python's pickles as data. Nothing is ever executed: a pickle may name only what its reader knows, and a call
 * is a call of that reader's own function. There is no recursion, and every step consumes bytes of the file.
 * Source of the opcodes: CPython's Lib/pickletools.py, protocols 0 to 5.
 */
import { fromLatin1, latin1, PyDict, PyGlobal, PyList, type PyObject, PyTuple, type PyValue, textOf } from './values';

/** What the names and references in a pickle stand for. */
export interface PickleWorld {
	/** @throws for a name that is not known */
	global(module: string, name: string): PyGlobal;
	/** A reference to something outside of the pickle, e.g. a storage. @throws where it is none that is known */
	persistent(id: PyValue): PyValue;
}

/** Bytes that are no pickle that can be read; `position` counts from the start of the file. */
export class PickleError extends Error {
	override readonly name = 'PickleError';

	constructor(
		readonly position: number,
		detail: string,
	) {
		super(`${detail} at byte ${position}`);
	}
}

/** Opcodes a pickle may have: a checkpoint's has some 20 a tensor, and each may make an object. */
const stepLimit = 2_000_000;

/** Longer integers cost more than they can mean. */
const longLimit = 256;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const empty = new PyTuple();

/** @returns the pickled value and where the pickle ends. @throws PickleError, and what `world` throws */
export function unpickle(bytes: Uint8Array, start: number, world: PickleWorld): { value: PyValue; end: number } {
	return new Unpickler(bytes, start, world).run();
}

class Unpickler {
	#stack: PyValue[] = [];
	readonly #marked: PyValue[][] = [];
	readonly #memo = new Map<number, PyValue>();
	readonly #view: DataView;
	#position: number;
	/** Of the current opcode. */
	#opcodeAt = 0;
	/** Bytes that calls and keys may have copied so far. */
	#copied = 0;
	readonly #copyLimit: number;

	constructor(
		private readonly bytes: Uint8Array,
		start: number,
		private readonly world: PickleWorld,
	) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.#position = start;
		this.#copyLimit = 4 * bytes.length + 2 ** 24;
	}

	run(): { value: PyValue; end: number } {
		for (let step = 0; ; step++) {
			this.#opcodeAt = this.#position;
			if (step >= stepLimit) {
				throw this.#error(`more than ${stepLimit} steps, which no checkpoint needs,`);
			}
			const opcode = this.#byte();
			if (opcode === 0x2e) {
				return { value: this.#pop(), end: this.#position };
			}
			if (!(this.#constant(opcode) || this.#memory(opcode) || this.#collection(opcode) || this.#object(opcode))) {
				throw this.#error(`opcode 0x${opcode.toString(16).padStart(2, '0')}, which is not read`);
			}
		}
	}

	/** Numbers, texts and bytes. */
	#constant(opcode: number): boolean {
		switch (opcode) {
			case 0x4e: // NONE
				return this.#push(null);
			case 0x88: // NEWTRUE
				return this.#push(true);
			case 0x89: // NEWFALSE
				return this.#push(false);
			case 0x49: // INT
				return this.#push(this.#decimal(this.#line()));
			case 0x4c: // LONG
				return this.#push(this.#decimal(this.#line().replace(/L$/, '')));
			case 0x46: // FLOAT
				return this.#push(Number(this.#line()));
			case 0x4a: // BININT
				return this.#push(this.#view.getInt32(this.#take(4), true));
			case 0x4b: // BININT1
				return this.#push(this.#byte());
			case 0x4d: // BININT2
				return this.#push(this.#view.getUint16(this.#take(2), true));
			case 0x8a: // LONG1
				return this.#push(this.#long(this.#byte()));
			case 0x8b: // LONG4
				return this.#push(this.#long(this.#view.getInt32(this.#take(4), true)));
			case 0x47: // BINFLOAT
				return this.#push(this.#view.getFloat64(this.#take(8), false));
			case 0x53: // STRING
				return this.#push(this.#quoted(this.#line()));
			case 0x54: // BINSTRING
				return this.#push(this.#span(this.#view.getInt32(this.#take(4), true)));
			case 0x55: // SHORT_BINSTRING
			case 0x43: // SHORT_BINBYTES
				return this.#push(this.#span(this.#byte()));
			case 0x42: // BINBYTES
				return this.#push(this.#span(this.#uint32()));
			case 0x8e: // BINBYTES8
			case 0x96: // BYTEARRAY8
				return this.#push(this.#span(this.#uint64()));
			case 0x56: // UNICODE
				return this.#push(this.#line());
			case 0x58: // BINUNICODE
				return this.#push(utf8.decode(this.#span(this.#uint32())));
			case 0x8c: // SHORT_BINUNICODE
				return this.#push(utf8.decode(this.#span(this.#byte())));
			case 0x8d: // BINUNICODE8
				return this.#push(utf8.decode(this.#span(this.#uint64())));
			default:
				return false;
		}
	}

	/** The stack and the memo. */
	#memory(opcode: number): boolean {
		switch (opcode) {
			case 0x80: {
				const protocol = this.#byte();
				if (protocol > 5) {
					throw this.#error(`pickle protocol ${protocol}; read are 0 to 5`);
				}
				return true;
			}
			case 0x95: // FRAME: a hint of the length, of no use here
				this.#take(8);
				return true;
			case 0x28: // MARK
				this.#marked.push(this.#stack);
				this.#stack = [];
				return true;
			case 0x30: // POP
				if (this.#stack.length === 0) {
					this.#sinceMark();
				} else {
					this.#pop();
				}
				return true;
			case 0x31: // POP_MARK
				this.#sinceMark();
				return true;
			case 0x32: // DUP
				return this.#push(this.#top());
			case 0x70: // PUT
				return this.#remember(Number(this.#line()));
			case 0x71: // BINPUT
				return this.#remember(this.#byte());
			case 0x72: // LONG_BINPUT
				return this.#remember(this.#uint32());
			case 0x94: // MEMOIZE
				return this.#remember(this.#memo.size);
			case 0x67: // GET
				return this.#recall(Number(this.#line()));
			case 0x68: // BINGET
				return this.#recall(this.#byte());
			case 0x6a: // LONG_BINGET
				return this.#recall(this.#uint32());
			default:
				return false;
		}
	}

	/** Lists, tuples, dicts and sets; a set is a list here. */
	#collection(opcode: number): boolean {
		switch (opcode) {
			case 0x29: // EMPTY_TUPLE
				return this.#push(empty);
			case 0x85: // TUPLE1
			case 0x86: // TUPLE2
			case 0x87: // TUPLE3
				return this.#push(new PyTuple(this.#popMany(opcode - 0x84)));
			case 0x74: // TUPLE
				return this.#push(new PyTuple(this.#sinceMark()));
			case 0x5d: // EMPTY_LIST
			case 0x8f: // EMPTY_SET
				return this.#push(new PyList());
			case 0x6c: // LIST
			case 0x91: // FROZENSET
				return this.#push(new PyList(this.#sinceMark()));
			case 0x61: // APPEND
				return this.#append([this.#pop()]);
			case 0x65: // APPENDS
			case 0x90: // ADDITEMS
				return this.#append(this.#sinceMark());
			case 0x7d: // EMPTY_DICT
				return this.#push(new PyDict());
			case 0x64: {
				const items = this.#sinceMark();
				this.#push(new PyDict());
				return this.#setItems(items);
			}
			case 0x73: // SETITEM
				return this.#setItems(this.#popMany(2));
			case 0x75: // SETITEMS
				return this.#setItems(this.#sinceMark());
			default:
				return false;
		}
	}

	/** Names, calls and references: all by way of the world. */
	#object(opcode: number): boolean {
		switch (opcode) {
			case 0x63: {
				const module = this.#line();
				return this.#push(this.world.global(module, this.#line()));
			}
			case 0x93: {
				const [module, name] = this.#popMany(2).map(textOf);
				if (module === undefined || name === undefined) {
					throw this.#error('an import whose name is no text');
				}
				return this.#push(this.world.global(module, name));
			}
			case 0x52: // REDUCE
			case 0x81: {
				const [callee, args] = this.#popMany(2);
				return this.#push(this.#call(callee, args));
			}
			case 0x92: {
				const [callee, args] = this.#popMany(3);
				return this.#push(this.#call(callee, args));
			}
			case 0x69: {
				const module = this.#line();
				const name = this.#line();
				return this.#push(this.#call(this.world.global(module, name), new PyTuple(this.#sinceMark())));
			}
			case 0x6f: {
				const [callee, ...args] = this.#sinceMark();
				return this.#push(this.#call(callee, new PyTuple(args)));
			}
			case 0x62: {
				const state = this.#pop();
				const object = this.#top();
				if (isObject(object)) {
					this.#account(state, 2);
					object.setState?.(state);
				}
				return true;
			}
			case 0x50: // PERSID
				return this.#push(this.world.persistent(this.#line()));
			case 0x51: {
				const id = this.#pop();
				this.#account(id, 1);
				return this.#push(this.world.persistent(id));
			}
			default:
				return false;
		}
	}

	#call(callee: PyValue | undefined, args: PyValue | undefined): PyValue {
		if (!(callee instanceof PyGlobal && args instanceof PyTuple)) {
			throw this.#error('a call of something that is no function');
		}
		if (!callee.call) {
			throw this.#error(`a call of ${callee.name}, which is not read`);
		}
		// A dict is made of pairs in a list in the arguments.
		this.#account(args, 3);
		try {
			return callee.call(args.items);
		} catch (error) {
			throw error instanceof RangeError ? this.#error(`${callee.name}: ${error.message}`) : error;
		}
	}

	/**
	 * Counts what is about to be copied: a value from the memo costs the file a few bytes each time, but may be large.
	 *
	 * @param depth Lists within lists that are looked into.
	 * @throws PickleError beyond the limit
	 */
	#account(value: PyValue, depth: number): void {
		this.#copied += shallowBytes(value);
		if (this.#copied > this.#copyLimit) {
			throw this.#error('copies of its values would take more memory than the file can mean,');
		}
		if (depth > 0 && (value instanceof PyTuple || value instanceof PyList)) {
			for (const item of value.items) {
				this.#account(item, depth - 1);
			}
		}
	}

	#append(items: readonly PyValue[]): boolean {
		const list = this.#top();
		if (!(list instanceof PyList)) {
			throw this.#error('items for something that is no list');
		}
		for (const item of items) {
			list.items.push(item);
		}
		return true;
	}

	#setItems(items: readonly PyValue[]): boolean {
		const dict = this.#top();
		if (!(dict instanceof PyDict) || items.length % 2 !== 0) {
			throw this.#error('items for something that is no dict');
		}
		for (let index = 0; index < items.length; index += 2) {
			const key = items[index]!;
			if (key instanceof Uint8Array) {
				this.#account(key, 0);
			}
			dict.set(key, items[index + 1]!);
		}
		return true;
	}

	#push(value: PyValue): true {
		this.#stack.push(value);
		return true;
	}

	#pop(): PyValue {
		const value = this.#stack.pop();
		if (value === undefined) {
			throw this.#error('a value is wanted where there is none');
		}
		return value;
	}

	#popMany(count: number): PyValue[] {
		if (this.#stack.length < count) {
			throw this.#error(`${count} values are wanted where there are ${this.#stack.length}`);
		}
		return this.#stack.splice(-count);
	}

	#top(): PyValue {
		const value = this.#stack.at(-1);
		if (value === undefined) {
			throw this.#error('a value is wanted where there is none');
		}
		return value;
	}

	#sinceMark(): PyValue[] {
		const items = this.#stack;
		const before = this.#marked.pop();
		if (!before) {
			throw this.#error('a mark is wanted where there is none');
		}
		this.#stack = before;
		return items;
	}

	#remember(index: number): true {
		this.#memo.set(index, this.#top());
		return true;
	}

	#recall(index: number): true {
		const value = this.#memo.get(index);
		if (value === undefined) {
			throw this.#error(`value ${index}, which was not remembered`);
		}
		return this.#push(value);
	}

	#take(length: number): number {
		const start = this.#position;
		if (length < 0 || length > this.bytes.length - start) {
			throw this.#error(`${length} bytes announced where ${this.bytes.length - start} are left`);
		}
		this.#position = start + length;
		return start;
	}

	#span(length: number): Uint8Array {
		const start = this.#take(length);
		return this.bytes.subarray(start, start + length);
	}

	#byte(): number {
		if (this.#position >= this.bytes.length) {
			throw this.#error('the pickle has no end');
		}
		return this.bytes[this.#position++]!;
	}

	#uint32(): number {
		return this.#view.getUint32(this.#take(4), true);
	}

	#uint64(): number {
		return Number(this.#view.getBigUint64(this.#take(8), true));
	}

	/** To the next line feed, which is dropped. */
	#line(): string {
		const end = this.bytes.indexOf(0x0a, this.#position);
		if (end === -1) {
			throw this.#error('a line has no end');
		}
		const line = this.#span(end - this.#position);
		this.#position++;
		return latin1(line);
	}

	#decimal(text: string): PyValue {
		// Protocol 0 writes False and True as 00 and 01.
		if (text === '00' || text === '01') {
			return text === '01';
		}
		if (!/^[-+]?\d{1,600}$/.test(text)) {
			throw this.#error('a number that is none');
		}
		const value = Number(text);
		return Number.isSafeInteger(value) ? value : BigInt(text);
	}

	/** Little-endian two's complement. */
	#long(length: number): PyValue {
		if (length > longLimit) {
			throw this.#error(`an integer of ${length} bytes`);
		}
		const bytes = this.#span(length);
		let value = 0n;
		for (let index = length - 1; index >= 0; index--) {
			value = (value << 8n) | BigInt(bytes[index]!);
		}
		value = BigInt.asIntN(8 * length, value);
		const number = Number(value);
		return Number.isSafeInteger(number) ? number : value;
	}

	/** Python 2's `repr` of a string, of which escapes of single bytes are read. */
	#quoted(line: string): PyValue {
		const quote = line[0];
		if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote) {
			throw this.#error('a text without quotes');
		}
		const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
		const text = line
			.slice(1, -1)
			.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code: string) =>
				code.length === 3 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? code),
			);
		return fromLatin1(text) ?? text;
	}

	#error(detail: string): PickleError {
		return new PickleError(this.#opcodeAt, detail);
	}
}

function isObject(value: PyValue): value is PyObject {
	return typeof value === 'object' && value !== null && 'kind' in value;
}

/** Of a value itself, without what a list or dict refers to. */
function shallowBytes(value: PyValue): number {
	if (value instanceof PyTuple || value instanceof PyList) {
		return 8 * value.items.length;
	}
	if (value instanceof PyDict) {
		return 32 * value.entries.size;
	}
	return value instanceof Uint8Array || typeof value === 'string' ? value.length : 0;
}
