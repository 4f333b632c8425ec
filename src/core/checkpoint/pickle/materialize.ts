/** From a tensor's reference into a storage to its values. */
import { InspectorError } from '../../problem';
import type { Tensor, TensorData } from '../tensor';
import type { TorchStorage, TorchTensor } from './torchNames';

/**
 * Makes tensors out of references. Storages are views of the file where they can be; what has to be copied (other
 * strides, half precision) is limited, so that a small file cannot ask for much memory.
 */
export class Materializer {
	readonly #storages = new Map<string, TensorData>();
	#copied = 0;
	readonly #limit: number;

	/**
	 * @param bytesOf The bytes of a whole storage; throws where it is missing or cut.
	 * @param size The file's, in bytes.
	 * @param file The checkpoint's name, for errors.
	 */
	constructor(
		private readonly bytesOf: (storage: TorchStorage) => Uint8Array,
		size: number,
		private readonly file: string,
	) {
		this.#limit = 4 * size + 2 ** 24;
	}

	/** @throws InspectorError `weights.damaged` naming the tensor */
	tensor(name: string, { storage, offset, size, stride }: TorchTensor): Tensor {
		const values = this.#storage(name, storage);
		const start = storage.offset + offset;
		const count = size.reduce((product, side) => product * side, 1);
		const last = size.reduce((sum, side, axis) => sum + (side - 1) * stride[axis]!, start);
		if (count > 0 && last >= values.length) {
			throw this.#damaged(`tensor “${name}” reaches to value ${last + 1} of ${values.length} in its storage`);
		}
		if (count > values.length) {
			throw this.#damaged(`tensor “${name}” repeats its ${values.length} values to ${count}, which is not read`);
		}
		if (isContiguous(size, stride)) {
			return { name, shape: size, data: values.subarray(start, start + count) };
		}
		this.#account(name, count * values.BYTES_PER_ELEMENT);
		return { name, shape: size, data: gather(values, start, size, stride, count) };
	}

	#storage(name: string, storage: TorchStorage): TensorData {
		const key = `${storage.type.name}:${storage.key}`;
		const known = this.#storages.get(key);
		if (known) {
			return known;
		}
		const bytes = this.bytesOf(storage);
		const expected = storage.length * storage.type.size;
		if (bytes.length < expected) {
			throw this.#damaged(
				`the storage of tensor “${name}” has ${bytes.length} bytes instead of ${expected}; the file is cut`,
			);
		}
		// Alignment may make a copy, half precision doubles the size.
		this.#account(name, 2 * expected);
		const values = storage.type.read(bytes.subarray(0, expected));
		this.#storages.set(key, values);
		return values;
	}

	#account(name: string, bytes: number): void {
		this.#copied += bytes;
		if (this.#copied > this.#limit) {
			throw this.#damaged(`tensor “${name}” and those before it would take more memory than the file can mean`);
		}
	}

	#damaged(detail: string): InspectorError {
		return new InspectorError({ code: 'weights.damaged', name: this.file, detail });
	}
}

function isContiguous(size: readonly number[], stride: readonly number[]): boolean {
	let expected = 1;
	for (let axis = size.length - 1; axis >= 0; axis--) {
		if (size[axis] !== 1 && stride[axis] !== expected) {
			return size.includes(0);
		}
		expected *= size[axis]!;
	}
	return true;
}

function gather(
	values: TensorData,
	start: number,
	size: readonly number[],
	stride: readonly number[],
	count: number,
): TensorData {
	const out = values.slice(0, count);
	const index = new Array<number>(size.length).fill(0);
	let from = start;
	for (let to = 0; to < count; to++) {
		out[to] = values[from]!;
		for (let axis = size.length - 1; axis >= 0; axis--) {
			index[axis]!++;
			from += stride[axis]!;
			if (index[axis]! < size[axis]!) {
				break;
			}
			from -= stride[axis]! * size[axis]!;
			index[axis] = 0;
		}
	}
	return out;
}
