import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import { baseName, errorDetail, parentOf } from '../files';

/**
 * Writes a file whole or not at all: under another name in the same folder first, then renamed. A file that is there
 * already is replaced at the end, and stays as it is where anything fails.
 *
 * @throws InspectorError `output.unwritable`, or `cancelled` where the signal came before the last step
 */
export async function writeWhole(target: vscode.Uri, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
	const { fs } = vscode.workspace;
	const name = baseName(target.path);
	const part = vscode.Uri.joinPath(parentOf(target), `.${name}.${crypto.randomUUID()}.part`);
	if (await isFolder(target)) {
		// Renaming over it would take all that is in it away.
		throw new InspectorError({ code: 'output.unwritable', name, detail: l10n.t('it is a folder') });
	}
	try {
		throwIfAborted(signal);
		await fs.writeFile(part, bytes);
		throwIfAborted(signal);
		await fs.rename(part, target, { overwrite: true });
	} catch (error) {
		await fs.delete(part).then(undefined, () => undefined);
		throw error instanceof InspectorError
			? error
			: new InspectorError({ code: 'output.unwritable', name, detail: errorDetail(error) }, { cause: error });
	}
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
	return await vscode.workspace.fs.stat(uri).then(
		({ type }) => (type & vscode.FileType.Directory) !== 0,
		() => false,
	);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
	if (signal?.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
}
