/** NumPy's array files (numpy.lib.format, versions 1 to 3). */
import { InspectorError } from '../problem';

export type NpyData =
	| Int8Array
	| Uint8Array
	| Int16Array
	| Uint16Array
	| Int32Array
	| Uint32Array
	| BigInt64Array
	| BigUint64Array
	| Float32Array
	| Float64Array;

export interface NpyArray {
	readonly shape: readonly number[];
	/** In C order: the last index runs fastest. */
	readonly data: NpyData;
}

/** Writes an array as `numpy.save` does: version 1, C order, header padded so that data starts at a multiple of 64. */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array {
	const size = shape.reduce((product, side) => product * side, 1);
	if (size !== data.length) {
		throw new RangeError(`shape ${shape.join('x')} does not fit ${data.length} values`);
	}
	const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
	const dict = `{'descr': '${descrOf(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
	const headerLength = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
	const header = `${dict.padEnd(headerLength - 1)}\n`;
	const bytes = new Uint8Array(10 + headerLength + data.byteLength);
	bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, headerLength & 0xff, headerLength >> 8]);
	for (let i = 0; i < headerLength; i++) {
		bytes[10 + i] = header.charCodeAt(i);
	}
	bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + headerLength);
	return bytes;
}

/**
 * Reads an array of numbers; half floats become float32, booleans bytes, Fortran order C order.
 * @param name for messages
 * @throws InspectorError `weights.damaged`
 */
export function decodeNpy(bytes: Uint8Array, name = 'array.npy'): NpyArray {
	const fail = (detail: string) => new InspectorError({ code: 'weights.damaged', name, detail });
	if (bytes.length < 10 || ![0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59].every((byte, i) => bytes[i] === byte)) {
		throw fail('not a NumPy array file');
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const version = bytes[6]!;
	if (version < 1 || version > 3 || bytes.length < 12) {
		throw fail(`an array file of version ${version}, or cut`);
	}
	const start = version === 1 ? 10 : 12;
	const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
	if (end > bytes.length) {
		throw fail('the header is cut');
	}
	const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
	const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
	const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
	const tuple = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
	if (fortran === undefined || tuple === undefined) {
		throw fail('the header cannot be read');
	}
	if (descr === '|O' || descr === 'O') {
		throw fail('it holds Python objects, not numbers');
	}
	const kind = descr === undefined ? undefined : kindOf(descr);
	if (!kind) {
		throw fail(`values of type ${descr ?? 'record'} are not read`);
	}
	const shape = tuple
		.split(',')
		.map((side) => side.trim())
		.filter((side) => side !== '')
		.map(Number);
	const size = shape.reduce((product, side) => product * side, 1);
	if (!Number.isSafeInteger(size) || end + size * kind.bytes > bytes.length) {
		throw fail(`the data is cut: ${shape.join('x')} values of ${kind.bytes} bytes are told`);
	}
	const data = readValues(kind, bytes.subarray(end, end + size * kind.bytes));
	return { shape, data: fortran === 'True' ? toCOrder(data, shape) : data };
}

/**
 * An array from its raw bytes, as a pickled array has them.
 * @param descr NumPy's name of the element type, e.g. `<f4`
 * @param fortran whether the first index runs fastest
 * @returns undefined where the type is not read or the bytes are not as many as the shape tells
 */
export function arrayFromBytes(
	descr: string,
	shape: readonly number[],
	fortran: boolean,
	bytes: Uint8Array,
): NpyArray | undefined {
	const kind = kindOf(descr);
	const size = shape.reduce((product, side) => product * side, 1);
	if (!kind || size * kind.bytes !== bytes.length) {
		return undefined;
	}
	const data = readValues(kind, bytes);
	return { shape, data: fortran ? toCOrder(data, shape) : data };
}

interface Kind {
	readonly bytes: number;
	read(buffer: ArrayBuffer): NpyData;
}

/** Undefined for a type that is not read: big-endian numbers, texts, records. */
function kindOf(descr: string): Kind | undefined {
	return kinds.get(descr.replace(/^[<|=]/, ''));
}

function readValues(kind: Kind, bytes: Uint8Array): NpyData {
	// A copy: data in an archive may start at an odd place, and typed arrays may not. Not by `slice`, which
	// on Node's Buffer gives a view of the whole pool.
	return kind.read(new Uint8Array(bytes).buffer);
}

const kinds: ReadonlyMap<string, Kind> = new Map([
	['b1', { bytes: 1, read: (buffer: ArrayBuffer): NpyData => new Uint8Array(buffer) }],
	['u1', { bytes: 1, read: (buffer: ArrayBuffer): NpyData => new Uint8Array(buffer) }],
	['i1', { bytes: 1, read: (buffer: ArrayBuffer): NpyData => new Int8Array(buffer) }],
	['u2', { bytes: 2, read: (buffer: ArrayBuffer): NpyData => new Uint16Array(buffer) }],
	['i2', { bytes: 2, read: (buffer: ArrayBuffer): NpyData => new Int16Array(buffer) }],
	['u4', { bytes: 4, read: (buffer: ArrayBuffer): NpyData => new Uint32Array(buffer) }],
	['i4', { bytes: 4, read: (buffer: ArrayBuffer): NpyData => new Int32Array(buffer) }],
	['u8', { bytes: 8, read: (buffer: ArrayBuffer): NpyData => new BigUint64Array(buffer) }],
	['i8', { bytes: 8, read: (buffer: ArrayBuffer): NpyData => new BigInt64Array(buffer) }],
	['f2', { bytes: 2, read: (buffer: ArrayBuffer): NpyData => halfToSingle(new Uint16Array(buffer)) }],
	['f4', { bytes: 4, read: (buffer: ArrayBuffer): NpyData => new Float32Array(buffer) }],
	['f8', { bytes: 8, read: (buffer: ArrayBuffer): NpyData => new Float64Array(buffer) }],
]);

function descrOf(data: NpyData): string {
	const kind = data instanceof Float32Array || data instanceof Float64Array ? 'f' : isUnsigned(data) ? 'u' : 'i';
	return `${data.BYTES_PER_ELEMENT === 1 ? '|' : '<'}${kind}${data.BYTES_PER_ELEMENT}`;
}

function isUnsigned(data: NpyData): boolean {
	return (
		data instanceof Uint8Array ||
		data instanceof Uint16Array ||
		data instanceof Uint32Array ||
		data instanceof BigUint64Array
	);
}

/** IEEE 754 binary16 to binary32; exact. */
function halfToSingle(halves: Uint16Array): Float32Array {
	return Float32Array.from(halves, (bits) => {
		const sign = bits & 0x8000 ? -1 : 1;
		const exponent = (bits >> 10) & 0x1f;
		const fraction = bits & 0x3ff;
		if (exponent === 0x1f) {
			return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
		}
		return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
	});
}

/** The same array with its last index running fastest. */
function toCOrder(data: NpyData, shape: readonly number[]): NpyData {
	const out = data.slice();
	const index = new Array<number>(shape.length).fill(0);
	const strides: number[] = [];
	shape.reduce((product, side) => {
		strides.push(product);
		return product * side;
	}, 1);
	let from = 0;
	for (let to = 0; to < data.length; to++) {
		out[to] = data[from]!;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			index[axis]!++;
			from += strides[axis]!;
			if (index[axis]! < shape[axis]!) {
				break;
			}
			from -= strides[axis]! * shape[axis]!;
			index[axis] = 0;
		}
	}
	return out;
}
