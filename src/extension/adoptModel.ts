import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { type ChannelOrder, channelOrders, type NormalizationId, normalizationIds } from '../core/image/normalizations';
import type { AdoptOptions } from '../core/onnx/discover/adopt';
import { InspectorError } from '../core/problem';
import { describeAdoption } from '../shared/describeAdoption';
import type { AdoptedModel } from '../shared/protocol/worker';
import { baseName, parentOf } from './files';
import { writeWhole } from './importing/writeWhole';
import type { Model, Models } from './models';
import type { ProblemReporter } from './problems';

export interface AdoptionParts {
	readonly models: Models;
	readonly adopt: (model: Model, options: AdoptOptions, signal: AbortSignal) => Promise<AdoptedModel>;
	readonly problems: ProblemReporter;
}

/**
 * Offers to make an ONNX model of another tool one that can be opened: asks how pictures reach it, shows what was found,
 * and writes the new model where the user says.
 * @returns its file; undefined where the user changed their mind or it cannot be adopted, which has then been told
 */
export async function offerAdoption(parts: AdoptionParts, uri: vscode.Uri): Promise<vscode.Uri | undefined> {
	const adopt = l10n.t('Adopt…');
	const offer = l10n.t(
		'“{0}” is an ONNX model of another tool: it does not say how pictures reach it. It can be adopted: its layers and weights stay as they are, in a new file.',
		baseName(uri.path),
	);
	if ((await vscode.window.showInformationMessage(offer, adopt)) !== adopt) {
		return undefined;
	}
	const options = await pickNormalization();
	if (!options) {
		return undefined;
	}
	try {
		const { report, bytes } = await adopted(parts, uri, options);
		const { facts, notes } = describeAdoption(report);
		const save = l10n.t('Save As…');
		const detail = [...facts.map(([title, value]) => `${title}: ${value}`), ...notes].join('\n');
		const answer = await vscode.window.showInformationMessage(
			l10n.t('What was found in “{0}”', baseName(uri.path)),
			{ modal: true, detail },
			save,
		);
		const target = answer === save ? await askTarget(uri) : undefined;
		if (target) {
			await writeWhole(target, bytes);
		}
		return target;
	} catch (error) {
		parts.problems.report(error, `Adopting the model ${uri.toString(true)}`);
		return undefined;
	}
}

interface NormalizationItem extends vscode.QuickPickItem {
	readonly options: AdoptOptions;
}

async function pickNormalization(): Promise<AdoptOptions | undefined> {
	const items = channelOrders.flatMap((channelOrder) =>
		normalizationIds.map((id): NormalizationItem => {
			const options = { channelOrder, normalization: id };
			return { label: normalizationLabel(id), description: channelOrder, detail: usedBy(id, channelOrder), options };
		}),
	);
	const picked = await vscode.window.showQuickPick(
		// What most code bases use comes first.
		items.toSorted((one, other) => Number(other.detail !== undefined) - Number(one.detail !== undefined)),
		{
			title: l10n.t('How do pictures reach the model?'),
			placeHolder: l10n.t('“deeplab-inspector doctor” compares these on a picture'),
			matchOnDescription: true,
			matchOnDetail: true,
		},
	);
	return picked?.options;
}

function normalizationLabel(id: NormalizationId): string {
	switch (id) {
		case 'caffe':
			return l10n.t('0…255 minus the mean');
		case 'imagenet':
			return l10n.t('ImageNet’s mean and deviation');
		case 'symmetric':
			return l10n.t('−1…1');
		case 'unit':
			return l10n.t('0…1');
		default: {
			const unknown: never = id;
			throw new Error(`unknown normalization ${String(unknown)}`);
		}
	}
}

function usedBy(id: NormalizationId, channelOrder: ChannelOrder): string | undefined {
	switch (`${id} ${channelOrder}`) {
		case 'caffe BGR':
			return l10n.t('Caffe and the PyTorch code that followed DeepLabv2');
		case 'imagenet RGB':
			return l10n.t('torchvision and most PyTorch code');
		case 'symmetric RGB':
			return l10n.t('TensorFlow');
		default:
			return undefined;
	}
}

async function adopted(parts: AdoptionParts, uri: vscode.Uri, options: AdoptOptions): Promise<AdoptedModel> {
	const model = await parts.models.read(uri);
	return await vscode.window.withProgress(
		{
			location: vscode.ProgressLocation.Notification,
			title: l10n.t('Adopting {0}', model.name),
			cancellable: true,
		},
		async (_progress, token) => {
			const controller = new AbortController();
			const cancelling = token.onCancellationRequested(() => controller.abort());
			try {
				return await parts.adopt(model, options, controller.signal);
			} finally {
				cancelling.dispose();
			}
		},
	);
}

/** Another file than the model itself. */
async function askTarget(uri: vscode.Uri): Promise<vscode.Uri | undefined> {
	const name = baseName(uri.path).replace(/\.onnx$/i, '');
	const target = await vscode.window.showSaveDialog({
		title: l10n.t('Save the adopted model'),
		defaultUri: vscode.Uri.joinPath(parentOf(uri), `${name}-deeplab.onnx`),
		filters: { ONNX: ['onnx'] },
	});
	if (target?.toString() === uri.toString()) {
		const detail = l10n.t('it is the model itself; choose another file');
		throw new InspectorError({ code: 'output.unwritable', name: baseName(uri.path), detail });
	}
	return target;
}
