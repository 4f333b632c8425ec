import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Preprocessing } from '../../core/model';
import { InspectorError } from '../../core/problem';
import { describePreprocessing } from '../../shared/describeDoctor';
import { baseName, parentOf } from '../files';
import { writeWhole } from '../importing/writeWhole';
import type { Model, Models } from '../models/models';
import type { Patient } from './patient';

export interface KeepParts {
	readonly models: Models;
	readonly extensionUri: vscode.Uri;
	/** The file of the patient with another preprocessing. */
	readonly prepare: (preprocessing: Preprocessing, signal: AbortSignal) => Promise<Uint8Array>;
}

export interface KeepChoice {
	readonly patient: Patient;
	/** For file names. */
	readonly id: string;
	/** What the model has now, and what it is to have. */
	readonly before: Preprocessing;
	readonly preprocessing: Preprocessing;
}

/**
 * Writes a choice into a model's file, the model's own after a confirmation or another one, and makes it the one in use.
 * The bundled model is never changed.
 *
 * @param signal ends it before anything is written
 * @returns the model; undefined where the user changed their mind
 * @throws InspectorError with the model's problem, or `output.unwritable`
 */
export async function keepChoice(
	parts: KeepParts,
	choice: KeepChoice,
	signal: AbortSignal,
): Promise<Model | undefined> {
	const { models } = parts;
	const target = await chooseTarget(parts, choice);
	if (!target || signal.aborted) {
		return undefined;
	}
	await vscode.window.withProgress(
		{ location: vscode.ProgressLocation.Notification, title: l10n.t('Writing {0}', baseName(target.path)) },
		async () => await writeWhole(target, await parts.prepare(choice.preprocessing, signal), signal),
	);
	return await models.use(target);
}

async function chooseTarget(parts: KeepParts, choice: KeepChoice): Promise<vscode.Uri | undefined> {
	const { patient, before, preprocessing } = choice;
	const { uri, name } = patient.file;
	if (
		patient.adopting ||
		isPartOfProduct(parts, uri) ||
		vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false
	) {
		return await askTarget(parts, choice);
	}
	const rewrite = l10n.t('Rewrite');
	const saveAs = l10n.t('Save As…');
	const detail = [
		l10n.t('Now: {0}', describePreprocessing(before)),
		l10n.t('Then: {0}', describePreprocessing(preprocessing)),
		'',
		l10n.t(
			'Layers and weights stay as they are. Runs made with it keep their masks; their ASPP views want the file as it was.',
		),
	].join('\n');
	const answer = await vscode.window.showWarningMessage(
		l10n.t('Rewrite how pictures reach “{0}”?', name),
		{ modal: true, detail },
		rewrite,
		saveAs,
	);
	switch (answer) {
		case rewrite:
			return uri;
		case saveAs:
			return await askTarget(parts, choice);
		default:
			return undefined;
	}
}

/** @throws InspectorError `output.unwritable` for a file of the product, or the very model that is being adopted */
async function askTarget(parts: KeepParts, { patient, id }: KeepChoice): Promise<vscode.Uri | undefined> {
	const { uri } = patient.file;
	const stem = baseName(uri.path).replace(/\.onnx$/i, '');
	const file = `${stem}-${patient.adopting ? 'deeplab' : id}.onnx`;
	const folder = isPartOfProduct(parts, uri) ? vscode.workspace.workspaceFolders?.[0]?.uri : parentOf(uri);
	const target = await vscode.window.showSaveDialog({
		title: patient.adopting ? l10n.t('Save the adopted model') : l10n.t('Save the model'),
		...(folder ? { defaultUri: vscode.Uri.joinPath(folder, file) } : {}),
		filters: { ONNX: ['onnx'] },
	});
	const unwritable = (detail: string) =>
		new InspectorError({ code: 'output.unwritable', name: baseName(target?.path ?? ''), detail });
	if (target && isPartOfProduct(parts, target)) {
		throw unwritable(l10n.t('it is in the extension’s own folder; choose another one'));
	}
	if (patient.adopting && target?.toString() === uri.toString()) {
		throw unwritable(l10n.t('it is the model itself; choose another file'));
	}
	return target;
}

function isPartOfProduct({ extensionUri }: KeepParts, uri: vscode.Uri): boolean {
	return `${uri.toString()}/`.startsWith(`${extensionUri.toString()}/`);
}
