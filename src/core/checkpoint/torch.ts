/** Reads what `torch.save` writes, without running any of it. Source: torch/serialization.py. */
import { InspectorError } from '../problem';
import { Materializer } from './pickle/materialize';
import { collectionNames, findName } from './pickle/names';
import { numpyNames } from './pickle/numpyNames';
import { findStateDict } from './pickle/stateDict';
import { storageOf, type TorchStorage, TorchTensor, torchNames } from './pickle/torchNames';
import { PickleError, type PickleWorld, unpickle } from './pickle/unpickle';
import { PyList, type PyValue, textOf } from './pickle/values';
import type { Tensor } from './tensor';
import type { ZipArchive } from './zip';

export interface PickledTensors {
	readonly tensors: Map<string, Tensor>;
	/** Keys of the dicts that lead to them. */
	readonly through: readonly string[];
}

/** The number that files of torch before 1.6 begin with, pickled. */
const magicNumber = 0x1950a86a20f9469cfc6cn;

/**
 * A `.pth` or `.pt` file of torch 1.6 and later: a zip archive with the pickle and a file a storage.
 *
 * @param file The checkpoint's name, for errors.
 * @param size The checkpoint's size in bytes.
 * @throws InspectorError `weights.damaged`, `weights.unsupported`
 */
export function readTorchZip(archive: ZipArchive, file: string, size: number): PickledTensors {
	const pickle = archive.paths.find((path) => path === 'data.pkl' || path.endsWith('/data.pkl'));
	if (pickle === undefined) {
		throw problem('weights.damaged', file, 'its archive has no data.pkl');
	}
	const folder = pickle.slice(0, -'data.pkl'.length);
	if (archive.has(`${folder}constants.pkl`)) {
		const detail =
			'it is a TorchScript program. In Python, save the weights alone: torch.save(torch.jit.load(path).state_dict(), path)';
		throw problem('weights.unsupported', file, detail);
	}
	const order = `${folder}byteorder`;
	if (archive.has(order) && !new TextDecoder().decode(archive.read(order)).startsWith('little')) {
		throw problem('weights.unsupported', file, 'its numbers are big-endian');
	}
	const { value } = reading(file, `“${pickle}” in its archive`, () =>
		unpickle(archive.read(pickle), 0, torchWorld(file)),
	);
	return collect(value, file, size, (storage) => archive.read(`${folder}data/${storage.key}`));
}

/** Whether the bytes begin as torch before 1.6 wrote them. */
export function isTorchLegacy(bytes: Uint8Array): boolean {
	try {
		return unpickle(bytes, 0, emptyWorld).value === magicNumber;
	} catch {
		return false;
	}
}

/**
 * A `.pth` or `.pt` file of torch before 1.6: five pickles (magic number, version, system, the object, storage keys),
 * then each storage's length and values.
 *
 * @param file The checkpoint's name, for errors.
 * @throws InspectorError `weights.damaged`, `weights.unsupported`
 */
export function readTorchLegacy(bytes: Uint8Array, file: string): PickledTensors {
	let position = 0;
	const next = (part: string, world: PickleWorld): PyValue => {
		const { value, end } = reading(file, part, () => unpickle(bytes, position, world));
		position = end;
		return value;
	};
	next('its first number', emptyWorld);
	const version = next('its version', emptyWorld);
	if (version !== 1001) {
		throw problem('weights.unsupported', file, `it has torch’s file version ${String(version)} instead of 1001`);
	}
	next('its description of the system', emptyWorld);
	/** Bytes a value of each storage that a tensor refers to. */
	const sizes = new Map<string, number>();
	const object = next(
		'its pickle',
		torchWorld(file, (storage) => sizes.set(storage.key, storage.type.size)),
	);
	const keys = next('its list of storages', emptyWorld);
	const storages = splitStorages(bytes, position, keys, sizes, file);
	return collect(object, file, bytes.length, (storage) => {
		const found = storages.get(storage.key);
		if (!found) {
			throw problem('weights.damaged', file, `storage “${storage.key}” is not in it`);
		}
		return found;
	});
}

/** The bytes of each storage: an int64 with its number of values, then the values. */
function splitStorages(
	bytes: Uint8Array,
	start: number,
	keys: PyValue,
	sizes: ReadonlyMap<string, number>,
	file: string,
): Map<string, Uint8Array> {
	const names = keys instanceof PyList ? keys.items.map(textOf) : [undefined];
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const storages = new Map<string, Uint8Array>();
	let position = start;
	for (const key of names) {
		const size = sizes.get(key ?? '');
		if (key === undefined || size === undefined) {
			throw problem('weights.damaged', file, `its list of storages has one that no tensor uses, at byte ${position}`);
		}
		if (position + 8 > bytes.length) {
			throw problem('weights.damaged', file, `it is cut at byte ${bytes.length}, before storage “${key}”`);
		}
		const end = position + 8 + Number(view.getBigUint64(position, true)) * size;
		if (end > bytes.length) {
			throw problem('weights.damaged', file, `storage “${key}” ends at byte ${end} of ${bytes.length}`);
		}
		storages.set(key, bytes.subarray(position + 8, end));
		position = end;
	}
	return storages;
}

function collect(
	object: PyValue,
	file: string,
	size: number,
	bytesOf: (storage: TorchStorage) => Uint8Array,
): PickledTensors {
	const { entries, through } = findStateDict(object, file);
	const materializer = new Materializer(bytesOf, size, file);
	const tensors = new Map<string, Tensor>();
	for (const [name, value] of entries) {
		if (value instanceof TorchTensor) {
			tensors.set(name, materializer.tensor(name, value));
		} else if (value.array) {
			tensors.set(name, { name, ...value.array });
		}
	}
	return { tensors, through };
}

/** The names that a checkpoint's pickle may use, and the references to its storages. */
export function torchWorld(file: string, seen?: (storage: TorchStorage) => void): PickleWorld {
	return {
		global: (module, name) => findName([torchNames, collectionNames, numpyNames], module, name, file),
		persistent(id) {
			const storage = storageOf(id);
			if (!storage) {
				throw problem('weights.damaged', file, 'its pickle refers to something that is no storage read here');
			}
			seen?.(storage);
			return storage;
		},
	};
}

/** Of pickles that hold nothing but numbers, texts and lists. */
const emptyWorld: PickleWorld = {
	global: (module, name) => {
		throw new PickleError(0, `the name ${module}.${name} where none belongs`);
	},
	persistent: () => {
		throw new PickleError(0, 'a reference where none belongs');
	},
};

/** Words a pickle's errors with the file's name and the part of it. */
export function reading<Result>(file: string, part: string, read: () => Result): Result {
	try {
		return read();
	} catch (error) {
		if (error instanceof PickleError) {
			throw problem('weights.damaged', file, `${part}: ${error.message}`, error);
		}
		throw error;
	}
}

function problem(
	code: 'weights.damaged' | 'weights.unsupported',
	name: string,
	detail: string,
	cause?: unknown,
): InspectorError {
	return new InspectorError({ code, name, detail }, { cause });
}
