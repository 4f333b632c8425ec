/** What a pickle's values become here: plain data, and a few classes for what JavaScript has no literal of. */

export type PyValue =
	| null
	| boolean
	| number
	| bigint
	| string
	/** `bytes`, and Python 2's `str`, which may hold either text or data. */
	| Uint8Array
	| PyList
	| PyTuple
	| PyDict
	| PyObject
	| PyGlobal;

export class PyList {
	constructor(readonly items: PyValue[] = []) {}
}

export class PyTuple {
	constructor(readonly items: readonly PyValue[] = []) {}
}

export class PyDict {
	/** Keys that are Python 2 strings are texts; others than texts, numbers and None are compared by identity. */
	readonly entries = new Map<PyValue, PyValue>();

	set(key: PyValue, value: PyValue): void {
		this.entries.set(key instanceof Uint8Array ? latin1(key) : key, value);
	}
}

/** An object that a known constructor made, e.g. a tensor. */
export interface PyObject {
	readonly kind: string;
	/** Takes the state that follows it in the pickle (`__setstate__`); without it the state is dropped. */
	setState?(state: PyValue): void;
}

/** A name that a pickle imports: a function or a class that is known here. */
export class PyGlobal {
	constructor(
		/** Dotted, e.g. `collections.OrderedDict`. */
		readonly name: string,
		/** Undefined for a name that may be mentioned but not called, e.g. a type. */
		readonly call?: (args: readonly PyValue[]) => PyValue,
	) {}
}

/** Text, or Python 2's `str`; undefined for other values. */
export function textOf(value: PyValue | undefined): string | undefined {
	return typeof value === 'string' ? value : value instanceof Uint8Array ? latin1(value) : undefined;
}

/** A whole number that is safe; undefined for other values. */
export function integerOf(value: PyValue | undefined): number | undefined {
	const number = typeof value === 'bigint' ? Number(value) : value;
	return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** The whole numbers of a tuple or list, none negative; undefined for other values. */
export function sizesOf(value: PyValue | undefined): number[] | undefined {
	if (!(value instanceof PyTuple || value instanceof PyList)) {
		return undefined;
	}
	const sizes = value.items.map(integerOf);
	return sizes.every((size) => size !== undefined && size >= 0) ? (sizes as number[]) : undefined;
}

/** Not `TextDecoder`, whose latin1 is windows-1252. */
export function latin1(bytes: Uint8Array): string {
	let text = '';
	for (let start = 0; start < bytes.length; start += 8192) {
		text += String.fromCharCode(...bytes.subarray(start, start + 8192));
	}
	return text;
}

/** The bytes of a text whose characters are all below 256; undefined for others. */
export function fromLatin1(text: string): Uint8Array | undefined {
	const bytes = new Uint8Array(text.length);
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code > 0xff) {
			return undefined;
		}
		bytes[index] = code;
	}
	return bytes;
}
