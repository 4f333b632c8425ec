/** PyTorch's tensors in pickles. Source: torch/_utils.py and torch/serialization.py. */
import { type ElementType, elementTypes } from '../elementTypes';
import { type KnownNames, knownNames } from './names';
import { integerOf, PyGlobal, type PyObject, PyTuple, type PyValue, sizesOf, textOf } from './values';

/** A storage by reference: its bytes are elsewhere in the file. */
export class TorchStorage implements PyObject {
	readonly kind = 'torch.Storage';

	constructor(
		readonly type: ElementType,
		readonly key: string,
		/** Values of the whole storage. */
		readonly length: number,
		/** Where this one starts in it, in values. */
		readonly offset: number,
	) {}
}

export class TorchTensor implements PyObject {
	readonly kind = 'torch.Tensor';

	constructor(
		readonly storage: TorchStorage,
		/** In values. */
		readonly offset: number,
		readonly size: readonly number[],
		/** In values, a dimension. */
		readonly stride: readonly number[],
	) {}
}

const storageTypes: Readonly<Record<string, string>> = {
	FloatStorage: 'F32',
	DoubleStorage: 'F64',
	HalfStorage: 'F16',
	BFloat16Storage: 'BF16',
	CharStorage: 'I8',
	ByteStorage: 'U8',
	BoolStorage: 'BOOL',
	ShortStorage: 'I16',
	IntStorage: 'I32',
	LongStorage: 'I64',
};

export const torchNames: KnownNames = new Map([
	...knownNames({
		'torch._utils._rebuild_tensor': rebuildTensor,
		'torch._utils._rebuild_tensor_v2': rebuildTensor,
		'torch._utils._rebuild_parameter': ([tensor]) => {
			if (!(tensor instanceof TorchTensor)) {
				throw new RangeError('a parameter without a tensor');
			}
			return tensor;
		},
		'torch.Size': ([sizes]) => (sizes instanceof PyTuple ? sizes : new PyTuple()),
		'torch.device': ([device]) => textOf(device) ?? null,
	}),
	...Object.keys(storageTypes).flatMap((name) =>
		[`torch.${name}`, `torch.cuda.${name}`].map((full): [string, PyGlobal] => [full, new PyGlobal(full)]),
	),
]);

/**
 * The storage a persistent id refers to: ('storage', class, key, location, length), in old files with a view:
 * None or (key, offset, length).
 * @returns undefined for an id that is none
 */
export function storageOf(id: PyValue): TorchStorage | undefined {
	const [tag, storage, key, , length, view] = id instanceof PyTuple ? id.items : [];
	const name = storage instanceof PyGlobal ? storage.name.split('.').at(-1)! : '';
	const type = elementTypes.get(storageTypes[name] ?? '');
	const values = integerOf(length);
	const text = textOf(key);
	const offset = view instanceof PyTuple ? integerOf(view.items[1]) : 0;
	if (textOf(tag) !== 'storage' || !type || text === undefined || values === undefined || offset === undefined) {
		return undefined;
	}
	return values >= 0 && offset >= 0 ? new TorchStorage(type, text, values, offset) : undefined;
}

/** (storage, offset, size, stride, …) */
function rebuildTensor([storage, offset, size, stride]: readonly PyValue[]): TorchTensor {
	const start = integerOf(offset);
	const sizes = sizesOf(size);
	const strides = sizesOf(stride);
	if (!(storage instanceof TorchStorage) || start === undefined || start < 0 || !sizes || !strides) {
		throw new RangeError('a tensor without storage, size or stride');
	}
	if (sizes.length !== strides.length || sizes.length > 16) {
		throw new RangeError(`a tensor of ${sizes.length} sizes and ${strides.length} strides`);
	}
	return new TorchTensor(storage, start, sizes, strides);
}
