import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import {
	type ChannelOrder,
	channelOrders,
	type NormalizationId,
	normalizationIds,
} from '../../core/image/normalizations';
import type { AdoptOptions, AdoptReport } from '../../core/onnx/discover/adopt';
import { InspectorError } from '../../core/problem';
import { describeAdoption } from '../../shared/describeAdoption';
import { normalizationName } from '../../shared/describeDoctor';
import type { AdoptedModel } from '../../shared/protocol/worker';
import type { DoctorController } from '../doctor/doctorController';
import { baseName, parentOf } from '../files';
import { askClasses } from '../importing/classSteps';
import { type Choice, pickOne, yesOrNo } from '../importing/steps';
import { writeWhole } from '../importing/writeWhole';
import type { ProblemReporter } from '../problems';
import type { Model, Models } from './models';

export interface AdoptionParts {
	readonly models: Models;
	readonly adopt: (model: Model, options: AdoptOptions, signal: AbortSignal) => Promise<AdoptedModel>;
	readonly doctor: Pick<DoctorController, 'open'>;
	readonly problems: ProblemReporter;
}

/**
 * Offers to make an ONNX model of another tool one that can be opened: asks how pictures reach it and what its classes
 * are, shows what was found, and writes the new model where the user says. Instead, the preprocessing doctor can be asked.
 * @returns its file; undefined where the user changed their mind, went on to the doctor, or it cannot be adopted, which
 *   has then been told
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
	try {
		const { report: found } = await adopted(parts, uri, {});
		const options = await askOptions(found);
		if (!options) {
			return undefined;
		}
		if (options.kind === 'doctor') {
			await parts.doctor.open({ model: uri, adoption: options.adoption });
			return undefined;
		}
		const { report, bytes } = await adopted(parts, uri, options.adoption);
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

/** What the user says of a model; with `doctor` how pictures reach it is left to the doctor. */
interface AdoptionChoice {
	readonly kind: 'said' | 'doctor';
	readonly adoption: AdoptOptions;
}

/** Undefined where the user gives up. @throws InspectorError `usage` where a file of names cannot be read */
async function askOptions(found: AdoptReport): Promise<AdoptionChoice | undefined> {
	const normalization = await pickNormalization();
	const classes =
		normalization && (await askClasses(found.metadata.classes.length, found.classSet ?? 'numbers', false));
	if (!normalization || !classes) {
		return undefined;
	}
	if (normalization === 'doctor') {
		return { kind: 'doctor', adoption: { classes } };
	}
	const resize = await pickResize();
	if (!resize) {
		return undefined;
	}
	const said: AdoptOptions = { ...normalization, classes, resize };
	if (found.alignCornersFrom !== 'assumed') {
		return { kind: 'said', adoption: said };
	}
	const aligned = await pickAlignCorners();
	return aligned && { kind: 'said', adoption: { ...said, alignCorners: aligned === 'yes' } };
}

async function pickNormalization(): Promise<AdoptOptions | 'doctor' | undefined> {
	const choices = channelOrders.flatMap((channelOrder) =>
		normalizationIds.map((id): Choice<AdoptOptions | 'doctor'> => {
			const value = { channelOrder, normalization: id };
			const detail = usedBy(id, channelOrder);
			return { label: normalizationName(id), description: channelOrder, ...(detail ? { detail } : {}), value };
		}),
	);
	return await pickOne<AdoptOptions | 'doctor'>({
		title: l10n.t('How do pictures reach the model?'),
		placeholder: l10n.t('Channel order and values of its input'),
		choices: [
			// What most code bases use comes first.
			...choices.toSorted((one, other) => Number(other.detail !== undefined) - Number(one.detail !== undefined)),
			{ label: '', kind: vscode.QuickPickItemKind.Separator },
			{
				label: l10n.t('Compare on a Picture…'),
				iconPath: new vscode.ThemeIcon('beaker'),
				description: l10n.t('Preprocessing Doctor'),
				value: 'doctor',
			},
		],
	});
}

async function pickResize(): Promise<'fit' | 'stretch' | undefined> {
	return await pickOne({
		title: l10n.t('How are pictures brought to its size?'),
		placeholder: '',
		choices: [
			{
				label: l10n.t('Fitted'),
				description: l10n.t('the aspect ratio stays; the rest is padded'),
				value: 'fit' as const,
			},
			{ label: l10n.t('Stretched'), description: l10n.t('to its own height and width'), value: 'stretch' as const },
		],
	});
}

async function pickAlignCorners(): Promise<'yes' | 'no' | undefined> {
	return await pickOne({
		title: 'align_corners',
		placeholder: l10n.t('How its logits are resized; the graph does not tell'),
		choices: yesOrNo(
			l10n.t('the corners of the logit grid lie on those of the picture, as in Caffe'),
			l10n.t('cells are spread evenly, as in PyTorch since 0.4'),
		),
		active: 'no',
	});
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
