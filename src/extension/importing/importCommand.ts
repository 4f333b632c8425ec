import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { defaultName } from '../../core/checkpoint/defaultName';
import { InspectorError } from '../../core/problem';
import type { CheckpointFindings, ImportOverrides, ImportStage } from '../../shared/protocol/import';
import { baseName, placeOf } from '../files';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { ProblemReporter } from '../problems';
import { pictureInActiveEditor } from '../segmenting/pictureChoice';
import { type CheckpointFile, checkpointExtensions, checkpointFile } from './checkpointFile';
import type { FindingsDocument } from './findingsDocument';
import { defaultTarget, type Imported, type Importing } from './importing';
import { askImportAction, type ImportAction } from './importMenu';
import { askSetting } from './importSteps';

export interface ImportCommandParts {
	readonly importing: Importing;
	readonly document: FindingsDocument;
	readonly panels: InspectorPanels;
	readonly problems: ProblemReporter;
}

/**
 * Imports a checkpoint as the user wants it: what is found is shown before anything is written, and every part of it can
 * be said otherwise. The model becomes the one that is used.
 *
 * @param given the checkpoint, where it is known; else the user is asked
 */
export async function importCheckpointCommand(parts: ImportCommandParts, given?: vscode.Uri): Promise<void> {
	const uri = given ?? (await chooseCheckpoint());
	if (!uri) {
		return;
	}
	const { importing, problems } = parts;
	// The Inspector may lose its place as the active editor on the way.
	const picture = pictureInActiveEditor(parts.panels);
	try {
		const checkpoint = await checkpointFile(uri);
		const findings = await withStages(l10n.t('Reading {0}', checkpoint.name), (options) =>
			importing.examine(checkpoint, {}, options),
		);
		const chosen = await choose(parts, checkpoint, findings);
		if (!chosen) {
			await importing.release();
			return;
		}
		const imported = await withStages(l10n.t('Importing {0}', checkpoint.name), (options) =>
			importing.make(checkpoint, chosen.overrides, chosen.target, options),
		);
		void offerNext(imported, picture);
	} catch (error) {
		problems.report(error, `Importing ${uri.toString(true)}`, {
			retry: () => void importCheckpointCommand(parts, uri),
		});
		await importing.release().catch(() => undefined);
	}
}

async function chooseCheckpoint(): Promise<vscode.Uri | undefined> {
	const chosen = await vscode.window.showOpenDialog({
		title: l10n.t('Import Checkpoint'),
		openLabel: l10n.t('Import'),
		filters: { [l10n.t('Checkpoints')]: [...checkpointExtensions], [l10n.t('All Files')]: ['*'] },
	});
	return chosen?.[0];
}

interface Chosen {
	readonly overrides: ImportOverrides;
	readonly target: vscode.Uri;
}

/** The user's way through the menu; undefined where they give up. */
async function choose(
	{ importing, document, problems }: ImportCommandParts,
	checkpoint: CheckpointFile,
	found: CheckpointFindings,
): Promise<Chosen | undefined> {
	let findings = found;
	let overrides: ImportOverrides = {};
	let target = defaultTarget(checkpoint);
	/** The save dialog has asked already. */
	let mayReplace = false;
	let active: ImportAction = 'import';
	/** What does not fit is told, and nothing is changed. */
	const change = async (to: ImportOverrides) => {
		try {
			findings = await importing.examine(checkpoint, to);
			overrides = to;
		} catch (error) {
			if (!(error instanceof InspectorError && error.problem.code === 'weights.unsupported')) {
				throw error;
			}
			problems.report(error, 'Changing an import');
		}
	};
	/** A file of names that cannot be read leaves everything as it was. */
	const ask = async (...[setting, menu]: Parameters<typeof askSetting>) => {
		try {
			return await askSetting(setting, menu);
		} catch (error) {
			problems.report(error, 'Changing an import');
			return undefined;
		}
	};
	for (;;) {
		const targetExists = await exists(target);
		const name = overrides.name ?? defaultName(checkpoint.name);
		const menu = { findings, overrides, name, target, targetExists };
		const action = await askImportAction(checkpoint.name, menu, active);
		active = action ?? active;
		switch (action) {
			case undefined:
				return undefined;
			case 'import':
				if (!targetExists || mayReplace || (await confirmReplacing(target))) {
					return { overrides, target };
				}
				break;
			case 'show':
				await document.show(checkpoint, findings);
				break;
			case 'followSuggestion':
				await change({ ...overrides, sum: findings.report.suggestedSum });
				active = 'import';
				break;
			case 'target': {
				const chosen = await vscode.window.showSaveDialog({
					title: l10n.t('Where to Write'),
					defaultUri: target,
					filters: { ONNX: ['onnx'] },
				});
				mayReplace = chosen !== undefined || mayReplace;
				target = chosen ?? target;
				break;
			}
			default: {
				const said = await ask(action, menu);
				if (said) {
					await change({ ...overrides, ...said });
				}
			}
		}
	}
}

async function exists(uri: vscode.Uri): Promise<boolean> {
	return await vscode.workspace.fs.stat(uri).then(
		() => true,
		() => false,
	);
}

async function confirmReplacing(target: vscode.Uri): Promise<boolean> {
	const replace = l10n.t('Replace');
	const answer = await vscode.window.showWarningMessage(
		l10n.t('Replace {0}?', baseName(target.path)),
		{ modal: true, detail: l10n.t('There is a file at {0} already.', placeOf(target)) },
		replace,
	);
	return answer === replace;
}

/** A notification with the stage and a button that cancels. */
async function withStages<T>(
	title: string,
	work: (options: { readonly signal: AbortSignal; readonly onProgress: (stage: ImportStage) => void }) => Promise<T>,
): Promise<T> {
	return await vscode.window.withProgress(
		{ location: vscode.ProgressLocation.Notification, title, cancellable: true },
		async (progress, token) => {
			const controller = new AbortController();
			const cancelling = token.onCancellationRequested(() => controller.abort());
			try {
				return await work({
					signal: controller.signal,
					onProgress: (stage) => progress.report({ message: stageLabel(stage) }),
				});
			} finally {
				cancelling.dispose();
			}
		},
	);
}

function stageLabel(stage: ImportStage): string {
	switch (stage) {
		case 'recognize':
			return l10n.t('Recognising the network');
		case 'build':
			return l10n.t('Building the model');
		default: {
			const unknown: never = stage;
			return unknown;
		}
	}
}

async function offerNext({ uri }: Imported, picture: vscode.Uri | undefined): Promise<void> {
	const segment = picture ? l10n.t('Segment {0}', baseName(picture.path)) : l10n.t('Segment Image…');
	const show = l10n.t('Show Model');
	const answer = await vscode.window.showInformationMessage(
		l10n.t('{0} is imported, and is the model in use.', baseName(uri.path)),
		segment,
		show,
	);
	if (answer === segment) {
		await vscode.commands.executeCommand('deeplab.segmentImage', picture);
	} else if (answer === show) {
		await vscode.commands.executeCommand('deeplab.model.focus');
	}
}
