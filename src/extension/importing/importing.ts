import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type {
	CheckpointFindings,
	ImportOverrides,
	ImportReport,
	ImportStage,
	ModelSummary,
} from '../../shared/protocol/import';
import type { RequestOptions } from '../../worker/client/client';
import { baseName, parentOf } from '../files';
import type { ModelLibrary } from '../models/modelLibrary';
import type { Models } from '../models/models';
import type { Inference } from '../platform/platform';
import type { CheckpointFile } from './checkpointFile';
import { writeWhole } from './writeWhole';

export interface Imported {
	/** Of the model's file. */
	readonly uri: vscode.Uri;
	readonly report: ImportReport;
	readonly summary: ModelSummary;
}

export interface ImportingParts {
	readonly inference: () => Promise<Inference>;
	readonly models: Models;
	readonly library: ModelLibrary;
	readonly log: vscode.LogOutputChannel;
}

/** Makes models of checkpoints: all work in the worker, all files through VS Code. */
export class Importing {
	constructor(private readonly parts: ImportingParts) {}

	/**
	 * What is in a checkpoint, taken with what the user has said so far. Writes nothing; the worker holds the checkpoint.
	 * @throws InspectorError `weights.*`, `worker.crashed` or `cancelled`
	 */
	async examine(
		checkpoint: CheckpointFile,
		overrides: ImportOverrides,
		options: RequestOptions<ImportStage> = {},
	): Promise<CheckpointFindings> {
		const { client } = await this.parts.inference();
		return await client.examineCheckpoint({ checkpoint, overrides }, options);
	}

	/**
	 * Makes the model, writes it whole or not at all, and makes it the one that is used.
	 * @throws InspectorError as {@link examine}, or `output.unwritable`
	 */
	async make(
		checkpoint: CheckpointFile,
		overrides: ImportOverrides,
		target: vscode.Uri,
		options: RequestOptions<ImportStage> = {},
	): Promise<Imported> {
		const { log, models, library } = this.parts;
		if (target.toString() === checkpoint.uri.toString()) {
			const detail = 'it is the checkpoint itself';
			throw new InspectorError({ code: 'output.unwritable', name: checkpoint.name, detail });
		}
		const { client } = await this.parts.inference();
		const { bytes, report, summary } = await client.buildModel({ checkpoint, overrides }, options);
		await writeWhole(target, bytes, options.signal);
		log.info(
			`Imported ${checkpoint.uri.toString(true)} (${checkpoint.size} bytes, ${report.format}, ${report.family}) ` +
				`as ${target.toString(true)} (${bytes.byteLength} bytes, ${report.backbone}, rates ${report.modelRates.join()})`,
		);
		await library.addImported(await models.read(target), summary);
		await models.use(target);
		return { uri: target, report, summary };
	}

	/** Lets a checkpoint go that no model is made of after all. */
	async release(): Promise<void> {
		const { client } = await this.parts.inference();
		await client.releaseCheckpoint();
	}
}

/** Where a model goes without being asked: beside its checkpoint. */
export function defaultTarget({ uri }: CheckpointFile): vscode.Uri {
	return vscode.Uri.joinPath(parentOf(uri), `${baseName(uri.path).replace(/\.[^.]+$/, '')}.onnx`);
}
