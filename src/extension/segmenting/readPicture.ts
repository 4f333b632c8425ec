import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import { baseName, errorDetail, isFolderError, isNotFound, placeOf } from '../files';

/** No picture that can be segmented is larger; a film that was given by mistake is not read. */
const fileLimit = 2 ** 30;

/**
 * The bytes of a picture's file, from whatever file system holds it.
 * @throws InspectorError `picture.notFound`, `picture.isFolder` or `picture.unreadable`
 */
export async function readPicture(uri: vscode.Uri): Promise<Uint8Array> {
	const name = baseName(uri.path);
	try {
		const stat = await vscode.workspace.fs.stat(uri);
		if (stat.type & vscode.FileType.Directory) {
			throw new InspectorError({ code: 'picture.isFolder', name });
		}
		if (stat.size > fileLimit) {
			throw new InspectorError({ code: 'picture.unreadable', name, detail: l10n.t('it is larger than 1 GiB') });
		}
		return await vscode.workspace.fs.readFile(uri);
	} catch (error) {
		if (error instanceof InspectorError) {
			throw error;
		}
		if (isNotFound(error)) {
			throw new InspectorError({ code: 'picture.notFound', name: placeOf(uri) }, { cause: error });
		}
		if (isFolderError(error)) {
			throw new InspectorError({ code: 'picture.isFolder', name }, { cause: error });
		}
		throw new InspectorError({ code: 'picture.unreadable', name, detail: errorDetail(error) }, { cause: error });
	}
}
