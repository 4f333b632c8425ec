import type * as vscode from 'vscode';
import { decodeNpy, encodeNpy } from '../../core/checkpoint/npy';
import type { OutputStride } from '../../core/onnx/networks/outputStride';
import type { RunInfo } from '../../core/run';
import type { StridePair } from '../../shared/protocol/strides';
import { nextTurn } from '../inspector/displayRaster';
import { decodeStrideRecord, encodeStrideRecord, type StrideFindings, type StrideRecord } from './strideRecord';

/** A mask at another output stride than the run's own. */
export interface KeptStride extends StrideFindings {
	/** One label a picture pixel. */
	readonly labels: Uint8Array;
}

/** A run's comparison of output strides as it is kept. What differs is told by the masks. */
export interface KeptStrides {
	/** Undefined: the comparison was closed; its masks serve the next one. */
	readonly pair: StridePair | undefined;
	readonly strides: readonly KeptStride[];
}

/** What reading and writing needs of the editor. */
export interface StrideFileSystem {
	readonly fs: Pick<vscode.FileSystem, 'readFile' | 'readDirectory' | 'writeFile' | 'delete' | 'rename'>;
	readonly joinPath: (base: vscode.Uri, ...parts: string[]) => vscode.Uri;
}

const recordName = 'strides.json';

function maskName(stride: OutputStride): string {
	return `stride-${stride}.npy`;
}

/**
 * Keeps a comparison in its run's folder, in the place of the one before. The record is what makes it count: where masks
 * change it goes first and comes last, so that at no moment it stands beside another one's mask.
 * @param written masks that are in the folder already; those that are written are added
 * @returns the record written
 * @throws what the file system throws; then none is kept, or the one before
 */
export async function writeStrides(
	{ fs, joinPath }: StrideFileSystem,
	folder: vscode.Uri,
	{ pair, strides }: KeptStrides,
	{ geometry }: RunInfo,
	written: WeakSet<Uint8Array>,
): Promise<StrideRecord> {
	// Writing would make a folder anew that has been deleted meanwhile.
	await fs.readDirectory(folder);
	const shape = [geometry.pictureHeight, geometry.pictureWidth];
	const files: [string, Uint8Array][] = [];
	let weight = 0;
	for (const { stride, labels } of strides) {
		await nextTurn();
		const file = encodeNpy({ shape, data: labels });
		weight += file.byteLength;
		if (!written.has(labels)) {
			files.push([maskName(stride), file]);
		}
	}
	const record: StrideRecord = {
		version: 1,
		bytes: weight,
		pair: pair ?? null,
		strides: strides.map(({ labels: _, ...findings }) => findings),
	};
	const hasMasks = files.length > 0;
	files.push([recordName, encodeStrideRecord(record)]);
	const part = (name: string) => joinPath(folder, `${name}.part`);
	try {
		for (const [name, bytes] of files) {
			await fs.writeFile(part(name), bytes);
		}
		if (hasMasks) {
			await remove(fs, joinPath(folder, recordName));
		}
		for (const [name] of files) {
			await fs.rename(part(name), joinPath(folder, name), { overwrite: true });
		}
	} catch (error) {
		await Promise.all(files.map(([name]) => remove(fs, part(name))));
		throw error;
	}
	for (const { labels } of strides) {
		written.add(labels);
	}
	return record;
}

/**
 * @returns undefined where none is kept
 * @throws Error that says what is wrong with it
 */
export async function readStrideRecord(
	{ fs, joinPath }: StrideFileSystem,
	folder: vscode.Uri,
	{ model }: RunInfo,
): Promise<StrideRecord | undefined> {
	const names = (await fs.readDirectory(folder)).map(([name]) => name);
	return names.includes(recordName)
		? decodeStrideRecord(await fs.readFile(joinPath(folder, recordName)), model.outputStride)
		: undefined;
}

/** @throws Error that says what is wrong */
export async function readStrides(
	{ fs, joinPath }: StrideFileSystem,
	folder: vscode.Uri,
	record: StrideRecord,
	{ geometry, model }: RunInfo,
): Promise<KeptStrides> {
	const shape = [geometry.pictureHeight, geometry.pictureWidth];
	const strides = await Promise.all(
		record.strides.map(async (findings): Promise<KeptStride> => {
			const name = maskName(findings.stride);
			const { shape: found, data } = decodeNpy(await fs.readFile(joinPath(folder, name)), name);
			if (found.join() !== shape.join() || !(data instanceof Uint8Array)) {
				throw new Error(`${name} does not hold ${shape.join(' x ')} bytes`);
			}
			if (data.some((label) => label >= model.classes.length)) {
				throw new Error(`${name} has a label that is no class of the model`);
			}
			return { ...findings, labels: data };
		}),
	);
	return { pair: record.pair ?? undefined, strides };
}

async function remove(fs: StrideFileSystem['fs'], file: vscode.Uri): Promise<void> {
	try {
		await fs.delete(file, { useTrash: false });
	} catch {
		// It is not there.
	}
}
