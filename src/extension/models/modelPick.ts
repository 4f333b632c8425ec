import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import { describeMemory, describeModel, describeUnusable } from '../../shared/describeModel';
import type { ModelSummary } from '../../shared/protocol/import';
import { baseName, placeOf } from '../files';
import { formatBytes } from '../formatBytes';
import type { ProblemReporter } from '../problems';
import { saveModelSetting } from '../settings';
import type { ModelLibrary } from './modelLibrary';
import type { Model, Models } from './models';

export interface ModelPickParts {
	readonly models: Models;
	readonly library: ModelLibrary;
	readonly problems: Pick<ProblemReporter, 'report'>;
}

export interface ModelPickOptions {
	readonly title: string;
	/** The model that is marked as in use, asked each time the list is made. Never fails. */
	readonly current: () => Promise<string | undefined>;
}

interface ModelItem extends vscode.QuickPickItem {
	readonly action?:
		| { readonly kind: 'model'; readonly model: Model }
		/** Its file is gone. */
		| { readonly kind: 'gone'; readonly uri: vscode.Uri }
		| { readonly kind: 'browse' }
		| { readonly kind: 'import' };
}

const workspaceModelLimit = 50;

/**
 * Lets the user choose of the model library: the bundled model, those imported, those used before and those of the
 * workspace, each with what it is. Models that are not known yet are read one after the other while the list is shown.
 *
 * @returns the model's file; undefined where the user gives up, or has begun an import instead
 */
export async function pickModel(parts: ModelPickParts, options: ModelPickOptions): Promise<vscode.Uri | undefined> {
	const pick = vscode.window.createQuickPick<ModelItem>();
	const remove: vscode.QuickInputButton = {
		iconPath: new vscode.ThemeIcon('trash'),
		tooltip: l10n.t('Take off the List'),
	};
	let reading = new AbortController();
	pick.title = options.title;
	pick.placeholder = l10n.t('An .onnx model; one of another tool is adopted');
	pick.matchOnDetail = true;
	const fill = async () => {
		reading.abort();
		reading = new AbortController();
		const { signal } = reading;
		pick.busy = true;
		try {
			const current = await options.current();
			const items = await listed(parts, current, remove);
			if (!signal.aborted) {
				pick.items = items;
				await completeDetails(parts, current, pick, signal);
			}
		} catch (error) {
			parts.problems.report(error, options.title);
		}
		if (!signal.aborted) {
			pick.busy = false;
		}
	};
	const chosen = new Promise<ModelItem['action']>((resolve) => {
		pick.onDidAccept(() => resolve(pick.selectedItems[0]?.action));
		pick.onDidTriggerItemButton(async ({ item }) => {
			if (item.action?.kind === 'gone') {
				const { signal } = reading;
				await forget(item.action.uri, parts);
				if (!signal.aborted) {
					await fill();
				}
			}
		});
		pick.onDidHide(() => resolve(undefined));
	});
	pick.show();
	try {
		void fill();
		const action = await chosen;
		reading.abort();
		return await takeUp(action, parts);
	} finally {
		reading.abort();
		pick.dispose();
	}
}

async function takeUp(action: ModelItem['action'], parts: ModelPickParts): Promise<vscode.Uri | undefined> {
	switch (action?.kind) {
		case undefined:
			return undefined;
		case 'model':
			return action.model.uri;
		case 'gone':
			await offerForgetting(action.uri, parts);
			return undefined;
		case 'browse': {
			const files = await vscode.window.showOpenDialog({
				title: l10n.t('Select Model'),
				openLabel: l10n.t('Select'),
				filters: { ONNX: ['onnx'] },
			});
			return files?.[0];
		}
		case 'import':
			await vscode.commands.executeCommand('deeplab.importCheckpoint');
			return undefined;
		default: {
			const unknown: never = action;
			throw new Error(`unknown action ${JSON.stringify(unknown)}`);
		}
	}
}

async function offerForgetting(uri: vscode.Uri, parts: ModelPickParts): Promise<void> {
	const remove = l10n.t('Take off the List');
	const answer = await vscode.window.showWarningMessage(
		l10n.t('There is no model at {0} any more.', placeOf(uri)),
		remove,
	);
	if (answer === remove) {
		await forget(uri, parts);
	}
}

/**
 * Where it was the model in use, that is the bundled one again: with a file that is gone nothing could be segmented. What
 * fails is told.
 */
async function forget(uri: vscode.Uri, { models, library, problems }: ModelPickParts): Promise<void> {
	try {
		await library.forget(uri);
		if (models.isSet(uri)) {
			await saveModelSetting('');
		}
	} catch (error) {
		problems.report(error, `Taking ${uri.toString(true)} off the list`);
	}
}

async function listed(
	{ models, library }: ModelPickParts,
	current: string | undefined,
	remove: vscode.QuickInputButton,
): Promise<ModelItem[]> {
	const found = await vscode.workspace
		.findFiles('**/*.onnx', '**/node_modules/**', workspaceModelLimit)
		.then(undefined, (): vscode.Uri[] => []);
	const seen = new Set<string>();
	const section = async (title: string, uris: readonly vscode.Uri[], gone: boolean): Promise<ModelItem[]> => {
		const fresh = uris.filter((uri) => !seen.has(uri.toString()));
		for (const uri of fresh) {
			seen.add(uri.toString());
		}
		const items = await Promise.all(
			fresh.map(async (uri): Promise<ModelItem | undefined> => {
				const model = await readable(models, uri);
				return model ? modelItem(model, library.known(model), current) : gone ? goneItem(uri, remove) : undefined;
			}),
		);
		const there = items.filter((item) => item !== undefined);
		return there.length > 0 ? [{ label: title, kind: vscode.QuickPickItemKind.Separator }, ...there] : [];
	};
	const inOrder = [...found].sort((a, b) => (a.path < b.path ? -1 : 1));
	return [
		...(await section(l10n.t('Bundled'), [models.bundledUri], false)),
		...(await section(l10n.t('Imported'), library.imported, true)),
		...(await section(l10n.t('Used before'), models.recent, false)),
		...(await section(l10n.t('In this workspace'), inOrder, false)),
		{ label: '', kind: vscode.QuickPickItemKind.Separator },
		{ label: l10n.t('Browse…'), iconPath: new vscode.ThemeIcon('folder-opened'), action: { kind: 'browse' } },
		{
			label: l10n.t('Import Checkpoint…'),
			iconPath: new vscode.ThemeIcon('package'),
			action: { kind: 'import' },
		},
	];
}

/** Undefined where its file is gone or cannot be read. */
async function readable(models: Models, uri: vscode.Uri): Promise<Model | undefined> {
	try {
		return await models.read(uri);
	} catch (error) {
		if (error instanceof InspectorError) {
			return undefined;
		}
		throw error;
	}
}

function modelItem(model: Model, summary: ModelSummary | undefined, current: string | undefined): ModelItem {
	return {
		label: model.name.replace(/\.onnx$/i, ''),
		description: descriptionOf(model, summary, current),
		detail: summary ? detailOf(model, summary) : model.source,
		action: { kind: 'model', model },
	};
}

function descriptionOf({ uri, bytes }: Model, summary: ModelSummary | undefined, current: string | undefined): string {
	// What is fetched, as the bundled model is in the web, does not tell its size.
	const size = bytes > 0 && formatBytes(bytes);
	const used = uri.toString() === current;
	const memory = summary?.memory;
	return [
		size ? (used ? l10n.t('{0}, in use', size) : size) : used && l10n.t('in use'),
		memory && describeMemory(memory),
	]
		.filter(Boolean)
		.join(' · ');
}

function detailOf({ source }: Model, summary: ModelSummary): string {
	return `${describeModel(summary)} · ${source}`;
}

function goneItem(uri: vscode.Uri, remove: vscode.QuickInputButton): ModelItem {
	return {
		label: `$(warning) ${baseName(uri.path).replace(/\.onnx$/i, '')}`,
		description: l10n.t('gone'),
		detail: placeOf(uri),
		buttons: [remove],
		action: { kind: 'gone', uri },
	};
}

/** Reads what is not known yet, the small ones first; one that cannot be opened says so. */
async function completeDetails(
	{ library }: ModelPickParts,
	current: string | undefined,
	pick: vscode.QuickPick<ModelItem>,
	signal: AbortSignal,
): Promise<void> {
	const unknown = pick.items
		.flatMap(({ action }) => (action?.kind === 'model' && !library.known(action.model) ? [action.model] : []))
		.sort((one, other) => one.bytes - other.bytes);
	for (const model of unknown) {
		let item: ModelItem;
		try {
			item = modelItem(model, await library.summary(model, signal), current);
		} catch (error) {
			if (signal.aborted || !(error instanceof InspectorError)) {
				return;
			}
			item = { ...modelItem(model, undefined, current), detail: describeUnusable(error.problem, model.source) };
		}
		if (signal.aborted) {
			return;
		}
		replaceItem(pick, model, item);
	}
}

/** The list stays where it is and as it is focused. */
function replaceItem(pick: vscode.QuickPick<ModelItem>, model: Model, by: ModelItem): void {
	const active = pick.activeItems[0]?.action;
	const modelOf = ({ action }: ModelItem) => (action?.kind === 'model' ? action.model : undefined);
	pick.keepScrollPosition = true;
	pick.items = pick.items.map((item) => (modelOf(item) === model ? by : item));
	const focused = pick.items.find((item) =>
		active?.kind === 'model' ? modelOf(item) === active.model : item.action !== undefined && item.action === active,
	);
	pick.activeItems = focused ? [focused] : [];
}
