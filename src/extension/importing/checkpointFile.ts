import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { ModelHandle } from '../../worker/client/client';
import { baseName, errorDetail, isNotFound, placeOf } from '../files';

/** A checkpoint that a user has named; its bytes are read when they are asked for. */
export interface CheckpointFile extends ModelHandle {
	readonly uri: vscode.Uri;
	/** In bytes. */
	readonly size: number;
}

/** Endings of the files that are read as checkpoints. */
export const checkpointExtensions = ['pth', 'pt', 'caffemodel', 'safetensors', 'npz', 'npy'] as const;

/** No checkpoint of DeepLabv2 comes near; what is larger does not fit into one array everywhere. */
const sizeLimit = 2 ** 31 - 1;

/** @throws InspectorError `weights.notFound` or `weights.unreadable` */
export async function checkpointFile(uri: vscode.Uri): Promise<CheckpointFile> {
	const name = baseName(uri.path);
	const unreadable = (detail: string, cause?: unknown) =>
		new InspectorError({ code: 'weights.unreadable', name, detail }, { cause });
	const fails = (error: unknown): never => {
		throw isNotFound(error)
			? new InspectorError({ code: 'weights.notFound', name: placeOf(uri) }, { cause: error })
			: unreadable(errorDetail(error), error);
	};
	const stat = await vscode.workspace.fs.stat(uri).then(undefined, fails);
	if (stat.type & vscode.FileType.Directory) {
		throw unreadable(l10n.t('it is a folder'));
	}
	if (stat.size > sizeLimit) {
		throw unreadable(l10n.t('it is larger than 2 GiB'));
	}
	return {
		key: `${uri.toString()}#${stat.mtime}-${stat.size}`,
		name,
		uri,
		size: stat.size,
		load: async () => await vscode.workspace.fs.readFile(uri).then(undefined, fails),
	};
}
