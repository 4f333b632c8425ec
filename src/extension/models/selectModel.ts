import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { NetworkDescription } from '../../core/model';
import { toProblem } from '../../core/problem';
import { type AdoptionParts, offerAdoption } from './adoptModel';
import type { ModelLibrary } from './modelLibrary';
import { pickModel } from './modelPick';
import type { Model, Models } from './models';

export interface SelectModelParts extends AdoptionParts {
	readonly library: ModelLibrary;
	readonly describe: (model: Model, signal: AbortSignal) => Promise<NetworkDescription>;
}

/**
 * Lets the user choose a model. It is read before it is taken: one that cannot be used changes nothing.
 * @param given the model's file, where it is known; else the user is asked
 */
export async function selectModel(parts: SelectModelParts, given?: vscode.Uri): Promise<void> {
	const uri = given ?? (await pickModel(parts, { title: l10n.t('Select Model'), current: () => inUse(parts.models) }));
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
		await parts.models.use(uri);
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

async function inUse(models: Models): Promise<string | undefined> {
	return await models.current().then(
		({ uri }) => uri.toString(),
		() => undefined,
	);
}
