/** Reads a checkpoint of any kind that is known here; the kind is told by its content, never by its name. */
import { InspectorError } from '../problem';
import { type CaffeNet, readCaffeNet } from './caffe';
import { decodeNpy } from './npy';
import { decodeNpz } from './npz';
import { collectionNames, findName } from './pickle/names';
import { NumpyArray, numpyNames } from './pickle/numpyNames';
import { findStateDict } from './pickle/stateDict';
import { type PickleWorld, unpickle } from './pickle/unpickle';
import { decodeSafetensors } from './safetensors';
import type { Tensor } from './tensor';
import { isTorchLegacy, reading, readTorchLegacy, readTorchZip } from './torch';
import { ZipArchive } from './zip';

export type CheckpointFormat = 'caffe' | 'torch.zip' | 'torch.legacy' | 'safetensors' | 'npz' | 'npy';

export interface Checkpoint {
	readonly format: CheckpointFormat;
	/** By their names in the file; those of a `.caffemodel` as `readCaffeModel` has them. */
	readonly tensors: ReadonlyMap<string, Tensor>;
	/** Keys of the dicts that lead to the tensors, e.g. `state_dict`. */
	readonly through: readonly string[];
	/** What a `.caffemodel` says besides its weights. */
	readonly caffe?: Pick<CaffeNet, 'layers' | 'dilations'>;
}

/**
 * @param bytes The whole file. Tensors are views of it where they can be.
 * @param name The file's name, for errors.
 * @throws InspectorError `weights.damaged` with the place, `weights.unsupported` for a file of another kind
 */
export function readCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
	// A plain array also where it is a subclass, e.g. Node's Buffer, whose `slice` does not copy.
	const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const format = sniff(plain, name);
	switch (format) {
		case 'torch.zip':
		case 'npz': {
			const archive = new ZipArchive(plain, name);
			return archive.paths.some((path) => path.endsWith('.npy')) && !archive.paths.some(isPickle)
				? { format: 'npz', tensors: namedArrays(plain, name), through: [] }
				: { format: 'torch.zip', ...readTorchZip(archive, name, plain.length) };
		}
		case 'torch.legacy':
			return { format, ...readTorchLegacy(plain, name) };
		case 'npy':
			return { format, ...readPickledNpy(plain, name) };
		case 'safetensors':
			return { format, tensors: decodeSafetensors(plain, name), through: [] };
		case 'caffe': {
			const { tensors, layers, dilations } = readCaffeNet(plain, name);
			return { format, tensors, through: [], caffe: { layers, dilations } };
		}
		default: {
			const unknown: never = format;
			throw new Error(`unknown format ${String(unknown)}`);
		}
	}
}

const kinds = '.pth, .pt, .caffemodel, .safetensors, .npz and .npy';

/** The first bytes of each kind. Caffe's have no mark of their own and come last. */
function sniff(bytes: Uint8Array, name: string): CheckpointFormat {
	const starts = (text: string, at = 0) =>
		[...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
	const unsupported = (detail: string) => new InspectorError({ code: 'weights.unsupported', name, detail });
	if (bytes.length === 0) {
		throw new InspectorError({ code: 'weights.damaged', name, detail: 'the file is empty' });
	}
	if (starts('PK\x03\x04') || starts('PK\x05\x06')) {
		return 'torch.zip';
	}
	if (starts('\x93NUMPY')) {
		return 'npy';
	}
	if (starts('\x89HDF')) {
		throw unsupported('it is an HDF5 file. Save it as .caffemodel, .npz or .safetensors');
	}
	if (starts('ustar', 257) || starts('sys_info\0')) {
		throw unsupported(
			'it is a tar archive, as torch before 0.1.10 wrote them. Load it in Python with a torch that reads it, and save it again: torch.save(torch.load(path), path)',
		);
	}
	if (starts('\x1f\x8b')) {
		throw unsupported('it is packed with gzip. Unpack it first');
	}
	// ModelProto begins with its IR version, a small number.
	if (bytes[0] === 0x08 && bytes[1]! < 0x20) {
		throw unsupported('it looks like an ONNX model, which needs no import');
	}
	if (bytes[0] === 0x80) {
		if (isTorchLegacy(bytes)) {
			return 'torch.legacy';
		}
		throw unsupported(`it is a Python pickle, but not one that torch wrote. Read are ${kinds}`);
	}
	if (bytes[8] === 0x7b && bytes.length > 8) {
		return 'safetensors';
	}
	// NetParameter's fields: name, V1 layers, layer.
	if (bytes[0] === 0x0a || bytes[0] === 0x12 || (bytes[0] === 0xa2 && bytes[1] === 0x06)) {
		return 'caffe';
	}
	throw unsupported(`it is no checkpoint of a kind that is read: ${kinds}`);
}

function isPickle(path: string): boolean {
	return path === 'data.pkl' || path.endsWith('/data.pkl');
}

function namedArrays(bytes: Uint8Array, name: string): Map<string, Tensor> {
	return new Map(Object.entries(decodeNpz(bytes, name)).map(([key, array]) => [key, { name: key, ...array }]));
}

/** A `.npy` that holds one Python object: a dict of arrays, or of dicts of them. */
function readPickledNpy(bytes: Uint8Array, name: string): Omit<Checkpoint, 'format'> {
	const start = objectStart(bytes, name);
	const world: PickleWorld = {
		global: (module, item) => findName([collectionNames, numpyNames], module, item, name),
		persistent: () => {
			throw new InspectorError({ code: 'weights.damaged', name, detail: 'its pickle refers to something outside' });
		},
	};
	const { value } = reading(name, 'its pickle', () => unpickle(bytes, start, world));
	const root = value instanceof NumpyArray ? (value.objects?.items[0] ?? null) : value;
	const { entries, through } = findStateDict(root, name);
	const tensors = new Map<string, Tensor>();
	for (const [key, item] of entries) {
		if (item instanceof NumpyArray && item.array) {
			tensors.set(key, { name: key, ...item.array });
		}
	}
	return { tensors, through };
}

/** Where the pickle of a `.npy` file of Python objects starts. */
function objectStart(bytes: Uint8Array, name: string): number {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const isFirst = bytes[6] === 1;
	const start = isFirst ? 10 : 12;
	const length = bytes.length < start ? 0 : isFirst ? view.getUint16(8, true) : view.getUint32(8, true);
	const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
	if (!/'descr'\s*:\s*'\|?O'/.test(header)) {
		// An array of numbers, or no sound file; the reader of arrays tells which.
		const { shape } = decodeNpy(bytes, name);
		const detail = `it is a single array of ${shape.join('x') || 'one value'}, not the weights of a network`;
		throw new InspectorError({ code: 'weights.unsupported', name, detail });
	}
	return start + length;
}
