import type * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { RunProfile } from '../../core/profile/runProfile';
import type { Run, RunInfo, RunTensors } from '../../core/run';
import type { CrfSource } from '../../shared/protocol/crf';
import type { InspectorRun } from '../../shared/protocol/inspector';
import { type KeptCrf, readCrf, readCrfRecord, writeCrf } from '../crf/crfFiles';
import type { CrfRecord } from '../crf/crfRecord';
import { type DisplayRaster, displayStepFor, reduceRaster } from '../inspector/displayRaster';
import { readProfile, writeProfile } from '../profile/profileFiles';
import { type KeptStrides, readStrideRecord, readStrides, writeStrides } from '../strides/strideFiles';
import type { StrideRecord } from '../strides/strideRecord';
import { RunTensorFiles, readRun, writeRun } from './runFolder';
import { createdAt } from './runId';
import type { RunRecord } from './runRecord';

/** What the store needs of the editor, so that it can be tested without one. */
export interface RunStoreOptions {
	readonly fs: Pick<
		vscode.FileSystem,
		'readFile' | 'writeFile' | 'readDirectory' | 'createDirectory' | 'delete' | 'rename'
	>;
	readonly joinPath: (base: vscode.Uri, ...parts: string[]) => vscode.Uri;
	/** The folder of all runs; need not exist. */
	readonly folder: vscode.Uri;
	readonly log: Pick<vscode.LogOutputChannel, 'info' | 'warn'>;
	/** PNG of the picture with its mask, some 100 pixels wide. */
	readonly drawThumbnail: (run: Run, raster: DisplayRaster) => Promise<Uint8Array>;
	/** Told when runs come, go, or are first known. */
	readonly onChange: () => void;
	readonly maxRuns?: number;
	readonly maxBytes?: number;
	readonly displayPixelLimit?: number;
}

export interface KeptRun {
	readonly info: RunInfo;
	readonly bytes: number;
	/** `data:` URL of a PNG. */
	readonly thumbnail: string;
}

interface Entry extends KeptRun {
	readonly record: RunRecord;
	readonly crf: CrfRecord | undefined;
	readonly strides: StrideRecord | undefined;
}

const temporaryPrefix = '.new-';
/** Another window may be writing: only a folder that is older than this was left behind. */
const leftoverAge = 10 * 60_000;
const thumbnailSource = 512;

/**
 * The kept runs, one folder each, and with a run its CRF, its profile and its comparison of output strides. A folder is written under another name and renamed when it is
 * whole.
 */
export class RunStore {
	private readonly entries = new Map<string, Entry>();
	/** What the Inspector last drew, oldest first. */
	private readonly shownRuns = new Map<string, Promise<InspectorRun>>();
	private loading: Promise<void> | undefined;
	/** Done when no CRF and no comparison is being written. Never fails. */
	private turn: Promise<void> = Promise.resolve();
	/** Masks of comparisons that are on the disk already. */
	private readonly writtenMasks = new WeakSet<Uint8Array>();

	constructor(private readonly options: RunStoreOptions) {}

	/** Reads what is kept; later calls wait for the first. Never fails: what cannot be read is left out and logged. */
	load(): Promise<void> {
		this.loading ??= this.readAll();
		return this.loading;
	}

	/** Newest first; empty until {@link load} is done. */
	list(): readonly KeptRun[] {
		return [...this.entries.values()].sort((a, b) => b.info.createdAt - a.info.createdAt);
	}

	/** Undefined also until {@link load} is done. */
	get(id: string): KeptRun | undefined {
		return this.entries.get(id);
	}

	/** As {@link get}, once what is kept is known. @throws InspectorError `run.notFound` */
	async find(id: string): Promise<KeptRun> {
		return await this.entryOf(id);
	}

	/**
	 * Keeps a run: all of it, or, where it fails or is cancelled, nothing.
	 * @throws InspectorError `output.unwritable` or `cancelled`
	 */
	async add(run: Run, signal?: AbortSignal): Promise<KeptRun> {
		await this.load();
		const { info, tensors } = run;
		const temporary = this.at(temporaryPrefix + info.id);
		try {
			const raster = await this.rasterOf(run);
			const small = await reduceRaster(raster.rgb, raster.labels, raster.width, raster.height, thumbnailStep(raster));
			const thumbnail = await this.options.drawThumbnail(run, small);
			const record = await writeRun(this.options, temporary, run, raster, thumbnail, signal);
			await this.options.fs.rename(temporary, this.at(info.id), { overwrite: false });
			const entry = entryWith({ record, crf: undefined, strides: undefined, thumbnail: pngUrl(thumbnail) });
			this.entries.set(info.id, entry);
			this.keepShown(info.id, Promise.resolve(inspectorRun(info, raster, tensors.logits)));
		} catch (error) {
			await this.discard(temporary);
			if (error instanceof InspectorError) {
				throw error;
			}
			const detail = error instanceof Error ? error.message : String(error);
			throw new InspectorError(
				{ code: 'output.unwritable', name: this.options.folder.fsPath, detail },
				{ cause: error },
			);
		}
		await this.prune();
		this.options.onChange();
		return this.entries.get(info.id)!;
	}

	/**
	 * What the Inspector draws of a run.
	 * @throws InspectorError `run.notFound` where it is gone or damaged
	 */
	async shown(id: string): Promise<InspectorRun> {
		const entry = await this.entryOf(id);
		const kept = this.shownRuns.get(id) ?? this.readShown(entry);
		this.keepShown(id, kept);
		try {
			return await kept;
		} catch (error) {
			this.shownRuns.delete(id);
			throw error;
		}
	}

	/**
	 * All tensors of a run, from the disk; the caller keeps them as long as it needs them.
	 * @throws InspectorError `run.notFound`
	 */
	async tensors(id: string): Promise<RunTensors> {
		const entry = await this.entryOf(id);
		return await this.tensorsOf(entry).all();
	}

	/**
	 * The mask and the picture at full size, without the network's tensors.
	 * @throws InspectorError `run.notFound`
	 */
	async picture(id: string): Promise<Pick<RunTensors, 'rgb' | 'labels'> & { readonly info: RunInfo }> {
		const entry = await this.entryOf(id);
		const files = this.tensorsOf(entry);
		const [rgb, labels] = await Promise.all([files.rgb(), files.labels()]);
		return { info: entry.info, rgb, labels };
	}

	/**
	 * What a CRF of a run starts from; the caller owns it.
	 * @throws InspectorError `run.notFound`
	 */
	async crfSource(id: string): Promise<CrfSource> {
		const entry = await this.entryOf(id);
		const { geometry } = entry.info;
		const files = this.tensorsOf(entry);
		const [rgb, logits] = await Promise.all([files.rgb(), files.logits()]);
		return { rgb, logits, geometry };
	}

	/**
	 * What the head read and gave, and the mask at full size; the caller owns them.
	 * @throws InspectorError `run.notFound`
	 */
	async headTensors(id: string): Promise<Pick<RunTensors, 'labels' | 'logits' | 'branches'>> {
		const files = this.tensorsOf(await this.entryOf(id));
		const [labels, logits, branches] = await Promise.all([files.labels(), files.logits(), files.branches()]);
		return { labels, logits, branches };
	}

	/**
	 * What the branches read; the caller owns it.
	 * @throws InspectorError `run.notFound`
	 */
	async features(id: string): Promise<RunTensors['features']> {
		return await this.tensorsOf(await this.entryOf(id)).features();
	}

	/**
	 * At every picture pixel the index of the scale that won; undefined where the run has one scale.
	 * @throws InspectorError `run.notFound`
	 */
	async winningScales(id: string): Promise<Uint8Array | undefined> {
		return await this.tensorsOf(await this.entryOf(id)).winningScales();
	}

	/**
	 * The network's mask at full size.
	 * @throws InspectorError `run.notFound`
	 */
	async labels(id: string): Promise<Uint8Array> {
		const entry = await this.entryOf(id);
		return await this.tensorsOf(entry).labels();
	}

	/**
	 * Keeps a run's CRF in the place of the one before. What it weighs makes older runs go with the next run only.
	 * @throws InspectorError `run.notFound`, or `output.unwritable`; then the run has none
	 */
	keepCrf(id: string, crf: KeptCrf): Promise<void> {
		return this.inTurn(async () => {
			const record = await this.writeBeside(id, async (folder, entry) => {
				this.change(id, { crf: undefined });
				return await writeCrf(this.options, folder, crf, pictureSize(entry));
			});
			this.change(id, { crf: record });
		});
	}

	/**
	 * The CRF that is kept with a run; undefined where there is none, or, with a word in the log, where it is damaged.
	 * @throws InspectorError `run.notFound`
	 */
	async crf(id: string): Promise<KeptCrf | undefined> {
		await this.turn;
		const entry = await this.entryOf(id);
		const { crf } = entry;
		return crf && (await this.unlessDamaged(id, 'CRF', readCrf(this.options, this.at(id), crf, pictureSize(entry))));
	}

	/**
	 * Keeps a run's comparison of output strides in the place of the one before. It weighs as a CRF does.
	 * @throws InspectorError `run.notFound`, or `output.unwritable`; then the run has none
	 */
	keepStrides(id: string, strides: KeptStrides): Promise<void> {
		return this.inTurn(async () => {
			const record = await this.writeBeside(id, async (folder, { info }) => {
				this.change(id, { strides: undefined });
				return await writeStrides(this.options, folder, strides, info, this.writtenMasks);
			});
			this.change(id, { strides: record });
		});
	}

	/**
	 * The comparison that is kept with a run; undefined where there is none, or, with a word in the log, where it is
	 * damaged.
	 * @throws InspectorError `run.notFound`
	 */
	async strides(id: string): Promise<KeptStrides | undefined> {
		await this.turn;
		const { strides, info } = await this.entryOf(id);
		return (
			strides && (await this.unlessDamaged(id, stridesName, readStrides(this.options, this.at(id), strides, info)))
		);
	}

	/**
	 * The profile that is kept with a run; undefined where there is none, or, with a word in the log, where it is damaged.
	 * @throws InspectorError `run.notFound`
	 */
	async profile(id: string): Promise<RunProfile | undefined> {
		await this.entryOf(id);
		return await this.unlessDamaged(id, 'profile', readProfile(this.options, this.at(id)));
	}

	/** Keeps a run's profile in the place of the one before. @throws InspectorError `run.notFound` or `output.unwritable` */
	async keepProfile(id: string, profile: RunProfile): Promise<void> {
		await this.writeBeside(id, (folder) => writeProfile(this.options, folder, profile));
	}

	/** One after the other: a run that is closed and opened again may still be writing what it had before. */
	private inTurn(work: () => Promise<void>): Promise<void> {
		const done = this.turn.then(work);
		this.turn = done.catch(() => undefined);
		return done;
	}

	private change(id: string, change: Partial<Pick<Entry, 'crf' | 'strides'>>): void {
		const entry = this.entries.get(id);
		if (entry) {
			this.entries.set(id, entryWith({ ...entry, ...change }));
		}
	}

	/** Writes into a run's folder. @throws InspectorError `run.notFound` or `output.unwritable` */
	private async writeBeside<T>(id: string, write: (folder: vscode.Uri, entry: Entry) => Promise<T>): Promise<T> {
		const entry = await this.entryOf(id);
		const folder = this.at(id);
		try {
			return await write(folder, entry);
		} catch (error) {
			const detail = error instanceof Error ? error.message : String(error);
			throw new InspectorError({ code: 'output.unwritable', name: folder.fsPath, detail }, { cause: error });
		} finally {
			// Writing into a folder that has just been deleted makes it anew.
			if (!this.entries.has(id)) {
				await this.discard(folder);
			}
		}
	}

	/** @param what that is read, for the log */
	private async unlessDamaged<T>(id: string, what: string, reading: Promise<T>): Promise<T | undefined> {
		try {
			return await reading;
		} catch (error) {
			this.options.log.warn(`The ${what} of the kept run ${id} is left out: ${String(error)}`);
			return undefined;
		}
	}

	/** Forgets a run and deletes its files. */
	async remove(id: string): Promise<void> {
		await this.load();
		if (this.entries.delete(id)) {
			this.shownRuns.delete(id);
			this.options.onChange();
			await this.discard(this.at(id));
		}
	}

	/** @throws InspectorError `run.notFound` */
	private async entryOf(id: string): Promise<Entry> {
		await this.load();
		const entry = this.entries.get(id);
		if (!entry) {
			throw new InspectorError({ code: 'run.notFound', name: id });
		}
		return entry;
	}

	private at(name: string): vscode.Uri {
		return this.options.joinPath(this.options.folder, name);
	}

	private async rasterOf({ info, tensors }: Run): Promise<DisplayRaster> {
		const { pictureWidth, pictureHeight } = info.geometry;
		const step = displayStepFor(pictureWidth, pictureHeight, this.options.displayPixelLimit);
		return await reduceRaster(tensors.rgb, tensors.labels, pictureWidth, pictureHeight, step);
	}

	private async readAll(): Promise<void> {
		let names: string[];
		try {
			names = (await this.options.fs.readDirectory(this.options.folder)).map(([name]) => name);
		} catch {
			// No run has been kept yet.
			return;
		}
		const now = Date.now();
		await Promise.all(
			names.map(async (name) => {
				if (name.startsWith(temporaryPrefix)) {
					if (!(now - createdAt(name.slice(temporaryPrefix.length)) < leftoverAge)) {
						await this.discard(this.at(name));
					}
					return;
				}
				try {
					const entry = await this.readEntry(name);
					this.entries.set(name, entry);
				} catch (error) {
					this.options.log.warn(`The kept run ${name} is left out: ${String(error)}`);
				}
			}),
		);
		if (this.entries.size > 0) {
			this.options.onChange();
		}
	}

	private async readEntry(id: string): Promise<Entry> {
		const { record, thumbnail } = await readRun(this.options, this.at(id), id);
		const folder = this.at(id);
		const names = (await this.options.fs.readDirectory(folder)).map(([name]) => name);
		const crf = names.includes('crf.json')
			? await this.unlessDamaged(id, 'CRF', readCrfRecord(this.options, folder))
			: undefined;
		const strides = await this.unlessDamaged(id, stridesName, readStrideRecord(this.options, folder, record.info));
		return entryWith({ record, crf, strides, thumbnail: pngUrl(thumbnail) });
	}

	private async readShown(entry: Entry): Promise<InspectorRun> {
		const files = this.tensorsOf(entry);
		const [raster, logits] = await Promise.all([files.raster(), files.logits()]);
		return inspectorRun(entry.info, raster, logits);
	}

	private tensorsOf({ record }: Entry): RunTensorFiles {
		return new RunTensorFiles(this.options, this.at(record.info.id), record);
	}

	private keepShown(id: string, run: Promise<InspectorRun>): void {
		this.shownRuns.delete(id);
		this.shownRuns.set(id, run);
		for (const old of [...this.shownRuns.keys()].slice(0, -shownLimit)) {
			this.shownRuns.delete(old);
		}
	}

	private async prune(): Promise<void> {
		const { maxRuns = 50, maxBytes = 512 * 2 ** 20 } = this.options;
		let bytes = 0;
		for (const [i, { info, bytes: size }] of this.list().entries()) {
			bytes += size;
			if (i > 0 && (i >= maxRuns || bytes > maxBytes)) {
				this.entries.delete(info.id);
				this.shownRuns.delete(info.id);
				this.options.log.info(`The run ${info.id} of ${info.pictureName} made room for newer ones.`);
				await this.discard(this.at(info.id));
			}
		}
	}

	private async discard(folder: vscode.Uri): Promise<void> {
		try {
			await this.options.fs.delete(folder, { recursive: true, useTrash: false });
		} catch {
			// It is not there, or it is found as a leftover at the next start.
		}
	}
}

/** Runs whose pictures are held in memory. */
const shownLimit = 2;

/** In the log. */
const stridesName = 'comparison of output strides';

/** With what it weighs. */
function entryWith(parts: Pick<Entry, 'record' | 'crf' | 'strides' | 'thumbnail'>): Entry {
	const { record, crf, strides } = parts;
	return { ...parts, info: record.info, bytes: record.bytes + (crf?.bytes ?? 0) + (strides?.bytes ?? 0) };
}

function pictureSize({ info: { geometry } }: Entry): readonly [height: number, width: number] {
	return [geometry.pictureHeight, geometry.pictureWidth];
}

function thumbnailStep({ width, height }: DisplayRaster): number {
	return Math.max(1, Math.floor(Math.max(width, height) / thumbnailSource));
}

function inspectorRun(info: RunInfo, raster: DisplayRaster, logits: RunTensors['logits']): InspectorRun {
	return {
		info,
		rgb: raster.rgb,
		labels: raster.labels,
		displayStep: raster.step,
		displayWidth: raster.width,
		displayHeight: raster.height,
		logits,
	};
}

function pngUrl(png: Uint8Array): string {
	let binary = '';
	for (let i = 0; i < png.length; i += 0x8000) {
		binary += String.fromCharCode(...png.subarray(i, i + 0x8000));
	}
	return `data:image/png;base64,${btoa(binary)}`;
}
