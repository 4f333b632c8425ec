import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { NetworkDescription } from '../core/model';
import { InspectorError, toProblem } from '../core/problem';
import { type AdoptionParts, offerAdoption } from './adoptModel';
import { placeOf } from './files';
import { formatBytes } from './formatBytes';
import type { Model, Models } from './models';
import { saveModelSetting } from './settings';

interface ModelItem extends vscode.QuickPickItem {
	/** Undefined: the user browses for it. */
	readonly uri?: vscode.Uri;
}

export interface SelectModelParts extends AdoptionParts {
	readonly describe: (model: Model, signal: AbortSignal) => Promise<NetworkDescription>;
}

const workspaceModelLimit = 50;

/**
 * Lets the user choose a model. It is read before it is taken: one that cannot be used changes nothing.
 * @param given the model's file, where it is known; else the user is asked
 */
export async function selectModel(parts: SelectModelParts, given?: vscode.Uri): Promise<void> {
	const uri = given ?? (await pickModel(parts.models));
	if (!uri) {
		return;
	}
	try {
		const model = await parts.models.read(uri);
		const network = await vscode.window.withProgress(
			{
				location: vscode.ProgressLocation.Notification,
				title: l10n.t('Reading {0}', model.name),
				cancellable: true,
			},
			async (_progress, token) => {
				const controller = new AbortController();
				const cancelling = token.onCancellationRequested(() => controller.abort());
				try {
					return await parts.describe(model, controller.signal);
				} finally {
					cancelling.dispose();
				}
			},
		);
		await saveModelSetting(parts.models.settingFor(uri));
		await parts.models.remember(uri);
		vscode.window.setStatusBarMessage(l10n.t('DeepLab model: {0}', network.metadata.name), 5000);
	} catch (error) {
		if (toProblem(error).code === 'model.foreign') {
			const adopted = await offerAdoption(parts, uri);
			return adopted && (await selectModel(parts, adopted));
		}
		parts.problems.report(error, `Selecting the model ${uri.toString(true)}`, {
			retry: () => void selectModel(parts, uri),
		});
	}
}

async function pickModel(models: Models): Promise<vscode.Uri | undefined> {
	const browse: ModelItem = { label: l10n.t('Browse…'), iconPath: new vscode.ThemeIcon('folder-opened') };
	const current = await models.current().then(
		({ uri }) => uri.toString(),
		() => undefined,
	);
	const picked = await vscode.window.showQuickPick<ModelItem>(
		items(models, current).then((list) => [...list, browse]),
		{ title: l10n.t('Select Model'), placeHolder: l10n.t('An .onnx file of a DeepLabv2'), matchOnDetail: true },
	);
	if (picked !== undefined && picked.uri === undefined) {
		const chosen = await vscode.window.showOpenDialog({
			title: l10n.t('Select Model'),
			openLabel: l10n.t('Select'),
			filters: { ONNX: ['onnx'] },
		});
		return chosen?.[0];
	}
	return picked?.uri;
}

async function items(models: Models, current: string | undefined): Promise<ModelItem[]> {
	const found = await vscode.workspace
		.findFiles('**/*.onnx', '**/node_modules/**', workspaceModelLimit)
		.then(undefined, (): vscode.Uri[] => []);
	const seen = new Set<string>();
	const section = async (title: string, uris: readonly vscode.Uri[]): Promise<ModelItem[]> => {
		const fresh = uris.filter((uri) => !seen.has(uri.toString()));
		for (const uri of fresh) {
			seen.add(uri.toString());
		}
		const entries = await Promise.all(fresh.map((uri) => item(models, uri, current)));
		const there = entries.filter((entry) => entry !== undefined);
		return there.length > 0 ? [{ label: title, kind: vscode.QuickPickItemKind.Separator }, ...there] : [];
	};
	return [
		...(await section(l10n.t('Bundled'), [models.bundledUri])),
		...(await section(l10n.t('Used before'), models.recent)),
		...(await section(
			l10n.t('In this workspace'),
			[...found].sort((a, b) => (a.path < b.path ? -1 : 1)),
		)),
		{ label: '', kind: vscode.QuickPickItemKind.Separator },
	];
}

async function item(models: Models, uri: vscode.Uri, current: string | undefined): Promise<ModelItem | undefined> {
	try {
		const { name, bytes } = await models.read(uri);
		const size = formatBytes(bytes);
		return {
			uri,
			label: name.replace(/\.onnx$/i, ''),
			description: uri.toString() === current ? l10n.t('{0}, in use', size) : size,
			detail: models.isBundled(uri) ? l10n.t('DeepLabv2 on MobileNetV2, 21 PASCAL VOC classes') : placeOf(uri),
		};
	} catch (error) {
		if (error instanceof InspectorError) {
			// It was deleted since it was last used.
			return undefined;
		}
		throw error;
	}
}
