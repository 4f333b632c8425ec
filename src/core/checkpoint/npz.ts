/** NumPy's archives of arrays: a zip of `.npy` files. */
import { type Zippable, zipSync } from 'fflate';
import { InspectorError } from '../problem';
import { decodeNpy, encodeNpy, type NpyArray } from './npy';
import { ZipArchive } from './zip';

/** Writes arrays as `numpy.savez` does, without compression. */
export function encodeNpz(entries: Readonly<Record<string, NpyArray>>): Uint8Array {
	const files: Zippable = {};
	for (const [key, array] of Object.entries(entries)) {
		files[`${key}.npy`] = encodeNpy(array);
	}
	return zipSync(files, { level: 0 });
}

/**
 * Reads `numpy.savez` and `numpy.savez_compressed`; keys come without `.npy`.
 * @param name for messages
 * @throws InspectorError `weights.damaged`, `weights.unsupported`
 */
export function decodeNpz(bytes: Uint8Array, name = 'arrays.npz'): Record<string, NpyArray> {
	const archive = new ZipArchive(bytes, name);
	const paths = archive.paths.filter((path) => path.endsWith('.npy'));
	if (paths.length === 0) {
		throw new InspectorError({ code: 'weights.unsupported', name, detail: 'it is a zip archive without arrays' });
	}
	return Object.fromEntries(
		paths.map((path) => [path.slice(0, -4), decodeNpy(archive.read(path), `${name}: ${path}`)]),
	);
}
