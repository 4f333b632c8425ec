/** NumPy's archives of arrays: a zip of `.npy` files. */
import { unzipSync, type Zippable, zipSync } from 'fflate';
import { InspectorError } from '../problem';
import { decodeNpy, encodeNpy, type NpyArray } from './npy';

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
 * @throws InspectorError `weights.damaged`
 */
export function decodeNpz(bytes: Uint8Array, name = 'arrays.npz'): Record<string, NpyArray> {
	let files: Record<string, Uint8Array>;
	try {
		files = unzipSync(bytes, { filter: (file) => file.name.endsWith('.npy') });
	} catch (error) {
		const detail = `not a readable zip archive: ${error instanceof Error ? error.message : String(error)}`;
		throw new InspectorError({ code: 'weights.damaged', name, detail }, { cause: error });
	}
	return Object.fromEntries(
		Object.entries(files).map(([file, data]) => [file.slice(0, -4), decodeNpy(data, `${name}: ${file}`)]),
	);
}
