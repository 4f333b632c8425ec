import type * as vscode from 'vscode';
import { decodeNpy, encodeNpy } from '../../core/checkpoint/npy';
import { nextTurn } from '../inspector/displayRaster';
import { type CrfFindings, type CrfRecord, decodeCrfRecord, encodeCrfRecord } from './crfRecord';

/** A run's CRF as it is kept: what was found, and the last iteration's mask, all at the picture's size. */
export interface KeptCrf extends CrfFindings {
	readonly labels: Uint8Array;
	/** 0…255 of log(classes). */
	readonly entropyBefore: Uint8Array;
	readonly entropyAfter: Uint8Array;
}

/** What reading and writing needs of the editor. */
export interface CrfFileSystem {
	readonly fs: Pick<vscode.FileSystem, 'readFile' | 'writeFile' | 'delete' | 'rename'>;
	readonly joinPath: (base: vscode.Uri, ...parts: string[]) => vscode.Uri;
}

const recordName = 'crf.json';
const labelsName = 'crf-labels.npy';
const entropyName = 'crf-entropy.npy';

/**
 * Keeps a CRF in its run's folder, in the place of the one before. The record is what makes it count: it goes first
 * and comes last, so that at no moment it stands beside another one's mask.
 * @param size height and width of the picture
 * @returns the record written
 * @throws what the file system throws; then none is kept
 */
export async function writeCrf(
	{ fs, joinPath }: CrfFileSystem,
	folder: vscode.Uri,
	crf: KeptCrf,
	size: readonly [height: number, width: number],
): Promise<CrfRecord> {
	const { labels, entropyBefore, entropyAfter, ...findings } = crf;
	const entropy = new Uint8Array(entropyBefore.length * 2);
	entropy.set(entropyBefore);
	entropy.set(entropyAfter, entropyBefore.length);
	const files: [string, Uint8Array][] = [];
	for (const [name, shape, data] of [
		[labelsName, size, labels],
		[entropyName, [2, ...size], entropy],
	] as const) {
		await nextTurn();
		files.push([name, encodeNpy({ shape, data })]);
	}
	const record: CrfRecord = {
		version: 1,
		bytes: files.reduce((sum, [, { byteLength }]) => sum + byteLength, 0),
		...findings,
	};
	files.push([recordName, encodeCrfRecord(record)]);
	const part = (name: string) => joinPath(folder, `${name}.part`);
	try {
		for (const [name, bytes] of files) {
			await fs.writeFile(part(name), bytes);
		}
		await remove(fs, joinPath(folder, recordName));
		for (const [name] of files) {
			await fs.rename(part(name), joinPath(folder, name), { overwrite: true });
		}
	} catch (error) {
		await Promise.all(files.map(([name]) => remove(fs, part(name))));
		throw error;
	}
	return record;
}

/** @throws Error where there is none (as the file system has it), or it is damaged */
export async function readCrfRecord({ fs, joinPath }: CrfFileSystem, folder: vscode.Uri): Promise<CrfRecord> {
	return decodeCrfRecord(await fs.readFile(joinPath(folder, recordName)));
}

/**
 * @param size height and width of the picture
 * @throws Error that says what is wrong
 */
export async function readCrf(
	{ fs, joinPath }: CrfFileSystem,
	folder: vscode.Uri,
	record: CrfRecord,
	size: readonly [height: number, width: number],
): Promise<KeptCrf> {
	const bytesOf = async (name: string, shape: readonly number[]) => {
		const array = decodeNpy(await fs.readFile(joinPath(folder, name)), name);
		if (array.shape.join() !== shape.join() || !(array.data instanceof Uint8Array)) {
			throw new Error(`${name} does not hold ${shape.join(' x ')} bytes`);
		}
		return array.data;
	};
	const [labels, entropy] = await Promise.all([bytesOf(labelsName, size), bytesOf(entropyName, [2, ...size])]);
	const { version: _version, bytes: _bytes, ...findings } = record;
	const pixels = entropy.length / 2;
	return {
		...findings,
		labels,
		entropyBefore: entropy.slice(0, pixels),
		entropyAfter: entropy.slice(pixels),
	};
}

async function remove(fs: CrfFileSystem['fs'], file: vscode.Uri): Promise<void> {
	try {
		await fs.delete(file, { useTrash: false });
	} catch {
		// It is not there.
	}
}
