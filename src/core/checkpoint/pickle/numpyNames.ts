/** NumPy's arrays in pickles. Source: numpy's `ndarray.__reduce__` and `dtype.__reduce__`. */
import { arrayFromBytes, type NpyArray } from '../npy';
import { type KnownNames, knownNames } from './names';
import { fromLatin1, integerOf, PyList, type PyObject, PyTuple, type PyValue, sizesOf, textOf } from './values';

/** An array, filled by the state that follows its constructor. */
export class NumpyArray implements PyObject {
	readonly kind = 'numpy.ndarray';
	/** Undefined where its type is not read, or its data are not what its shape tells. */
	array: NpyArray | undefined;
	/** Of an array of Python objects. */
	objects: PyList | undefined;

	/** (version, shape, dtype, Fortran order, data) */
	setState(state: PyValue): void {
		const [, shape, type, fortran, data] = state instanceof PyTuple ? state.items : [];
		this.fill(shape, type, fortran === true, data);
	}

	fill(shape: PyValue | undefined, type: PyValue | undefined, fortran: boolean, data: PyValue | undefined): void {
		this.objects = data instanceof PyList ? data : undefined;
		const sizes = sizesOf(shape);
		const bytes = typeof data === 'string' ? fromLatin1(data) : data;
		if (sizes && type instanceof NumpyType && bytes instanceof Uint8Array) {
			this.array = arrayFromBytes(type.descr, sizes, fortran, bytes);
		}
	}
}

class NumpyType implements PyObject {
	readonly kind = 'numpy.dtype';
	#order = '<';

	constructor(private readonly code: string) {}

	/** Byte order and type, e.g. `<f4`. */
	get descr(): string {
		return /^[<>|=]/.test(this.code) ? this.code : this.#order + this.code;
	}

	/** (version, byte order, …) */
	setState(state: PyValue): void {
		this.#order = textOf(state instanceof PyTuple ? state.items[1] : undefined) ?? '<';
	}
}

export const numpyNames: KnownNames = knownNames({
	'numpy.ndarray': undefined,
	'numpy.dtype': ([code]) => new NumpyType(textOf(code) ?? ''),
	'numpy.core.multiarray._reconstruct': () => new NumpyArray(),
	'numpy.core.numeric._frombuffer': ([data, type, shape, order]) => {
		const array = new NumpyArray();
		array.fill(shape, type, textOf(order) === 'F', data);
		return array;
	},
	'numpy.core.multiarray.scalar': ([type, data]) => {
		const bytes = typeof data === 'string' ? fromLatin1(data) : data;
		const array =
			type instanceof NumpyType && bytes instanceof Uint8Array
				? arrayFromBytes(type.descr, [], false, bytes)
				: undefined;
		const value = array?.data[0];
		return typeof value === 'bigint' ? (integerOf(value) ?? value) : (value ?? null);
	},
});
