/**
 * The folder of one kept run: `run.json`, `thumbnail.png` and a `.npy` file a tensor, so that what is shown is read
 * without the rest and numpy opens it.
 */
import type * as vscode from 'vscode';
import { decodeNpy, encodeNpy, type NpyArray } from '../../core/checkpoint/npy';
import { InspectorError } from '../../core/problem';
import type { Run, RunInfo, RunTensors } from '../../core/run';
import { type DisplayRaster, nextTurn } from '../inspector/displayRaster';
import { decodeRecord, encodeRecord, type RunRecord } from './runRecord';

/** What reading and writing needs of the editor. */
export interface RunFileSystem {
	readonly fs: Pick<vscode.FileSystem, 'readFile' | 'writeFile' | 'createDirectory'>;
	readonly joinPath: (base: vscode.Uri, ...parts: string[]) => vscode.Uri;
}

const recordName = 'run.json';
const thumbnailName = 'thumbnail.png';

/**
 * Writes a run into a folder that is not there yet.
 * @param raster the run at the size at which it is shown
 * @param thumbnail PNG
 * @returns the record written
 * @throws what the file system throws, or InspectorError `cancelled`; part of the folder may be left
 */
export async function writeRun(
	{ fs, joinPath }: RunFileSystem,
	folder: vscode.Uri,
	run: Run,
	raster: DisplayRaster,
	thumbnail: Uint8Array,
	signal?: AbortSignal,
): Promise<RunRecord> {
	const files = tensorFiles(run);
	if (raster.step > 1) {
		files.push(['shown-rgb', [raster.height, raster.width, 3], raster.rgb]);
		files.push(['shown-labels', [raster.height, raster.width], raster.labels]);
	}
	await fs.createDirectory(folder);
	let bytes = thumbnail.byteLength;
	for (const [name, shape, data] of files) {
		throwIfAborted(signal);
		await nextTurn();
		const file = encodeNpy({ shape, data });
		bytes += file.byteLength;
		await fs.writeFile(joinPath(folder, `${name}.npy`), file);
	}
	await fs.writeFile(joinPath(folder, thumbnailName), thumbnail);
	const record: RunRecord = {
		version: 1,
		info: run.info,
		bytes,
		displayStep: raster.step,
		displayWidth: raster.width,
		displayHeight: raster.height,
	};
	await fs.writeFile(joinPath(folder, recordName), encodeRecord(record));
	throwIfAborted(signal);
	return record;
}

/**
 * What is known of a run without its tensors.
 * @param id the folder's name
 * @returns the record, and the thumbnail as PNG
 * @throws what the file system throws, or Error that says what is wrong
 */
export async function readRun(
	{ fs, joinPath }: RunFileSystem,
	folder: vscode.Uri,
	id: string,
): Promise<{ readonly record: RunRecord; readonly thumbnail: Uint8Array }> {
	const [recordBytes, thumbnail] = await Promise.all([
		fs.readFile(joinPath(folder, recordName)),
		fs.readFile(joinPath(folder, thumbnailName)),
	]);
	return { record: decodeRecord(recordBytes, id), thumbnail };
}

/** The tensors of a kept run, each read when it is asked for. All throw InspectorError `run.notFound` where one is damaged. */
export class RunTensorFiles {
	constructor(
		private readonly files: RunFileSystem,
		private readonly folder: vscode.Uri,
		private readonly record: RunRecord,
	) {}

	/** pictureHeight x pictureWidth x 3, 0…255. */
	rgb(): Promise<Uint8Array> {
		const { pictureWidth, pictureHeight } = this.record.info.geometry;
		return this.bytes('rgb', [pictureHeight, pictureWidth, 3]);
	}

	/** pictureHeight x pictureWidth. */
	labels(): Promise<Uint8Array> {
		const { pictureWidth, pictureHeight } = this.record.info.geometry;
		return this.bytes('labels', [pictureHeight, pictureWidth]);
	}

	logits(): Promise<RunTensors['logits']> {
		return this.map('logits');
	}

	/** What the branches read. */
	features(): Promise<RunTensors['features']> {
		return this.map('features');
	}

	/** In the order of the model's metadata. */
	branches(): Promise<RunTensors['branches']> {
		return Promise.all(
			this.record.info.model.branches.map(async ({ rate }) => ({ rate, ...(await this.map(`aspp-${rate}`)) })),
		);
	}

	/** pictureHeight x pictureWidth, index of the scale that won; undefined where the run has one scale. */
	async winningScales(): Promise<Uint8Array | undefined> {
		const { geometry, multiScale } = this.record.info;
		return multiScale && (await this.bytes('winning-scales', [geometry.pictureHeight, geometry.pictureWidth]));
	}

	async all(): Promise<RunTensors> {
		const [rgb, labels, logits, features, branches, winningScales] = await Promise.all([
			this.rgb(),
			this.labels(),
			this.logits(),
			this.features(),
			this.branches(),
			this.winningScales(),
		]);
		return { rgb, labels, logits, branches, features, ...(winningScales ? { winningScales } : {}) };
	}

	/** The picture and its labels at the size at which the run is shown. */
	async raster(): Promise<DisplayRaster> {
		const { displayStep: step, displayWidth: width, displayHeight: height } = this.record;
		const prefix = step > 1 ? 'shown-' : '';
		const [rgb, labels] = await Promise.all([
			this.bytes(`${prefix}rgb`, [height, width, 3]),
			this.bytes(`${prefix}labels`, [height, width]),
		]);
		return { step, width, height, rgb, labels };
	}

	private async bytes(name: string, shape: readonly number[]): Promise<Uint8Array> {
		const { data } = await this.read(name, shape);
		if (!(data instanceof Uint8Array)) {
			throw damaged(this.record.info, `${name} does not hold bytes`);
		}
		return data;
	}

	private async map(name: string): Promise<RunTensors['logits']> {
		const { shape, data } = await this.read(name);
		const [channels, height, width] = shape;
		const fits = channels !== undefined && height !== undefined && width !== undefined && shape.length === 3;
		if (!(data instanceof Float32Array) || !fits) {
			throw damaged(this.record.info, `${name} is not a float32 map`);
		}
		return { channels, height, width, data };
	}

	private async read(name: string, shape?: readonly number[]): Promise<NpyArray> {
		const { fs, joinPath } = this.files;
		try {
			const tensor = decodeNpy(await fs.readFile(joinPath(this.folder, `${name}.npy`)), `${name}.npy`);
			if (shape && shape.join() !== tensor.shape.join()) {
				throw new Error(`shape ${tensor.shape.join(' x ')}, not ${shape.join(' x ')}`);
			}
			return tensor;
		} catch (error) {
			throw damaged(this.record.info, `${name}: ${String(error)}`, error);
		}
	}
}

type TensorFile = [name: string, shape: readonly number[], data: NpyArray['data']];

function tensorFiles({ info, tensors }: Run): TensorFile[] {
	const { rgb, labels, logits, features, branches, winningScales } = tensors;
	const { pictureWidth: width, pictureHeight: height } = info.geometry;
	const shape = (map: RunTensors['logits']) => [map.channels, map.height, map.width];
	return [
		['logits', shape(logits), logits.data],
		['features', shape(features), features.data],
		...branches.map((map): [string, number[], Float32Array] => [`aspp-${map.rate}`, shape(map), map.data]),
		['rgb', [height, width, 3], rgb],
		['labels', [height, width], labels],
		...(winningScales ? [['winning-scales', [height, width], winningScales] satisfies TensorFile] : []),
	];
}

function damaged(info: RunInfo, detail: string, cause?: unknown): InspectorError {
	return new InspectorError({ code: 'run.notFound', name: info.pictureName }, { cause: cause ?? new Error(detail) });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
	if (signal?.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
}
