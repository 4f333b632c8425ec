import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { AdoptOptions } from '../../core/onnx/discover/adopt';
import { InspectorError } from '../../core/problem';
import { describeAdoption } from '../../shared/describeAdoption';
import type { AdoptedModel } from '../../shared/protocol/worker';
import type { DoctorController } from '../doctor/doctorController';
import { baseName, parentOf } from '../files';
import { writeWhole } from '../importing/writeWhole';
import type { ProblemReporter } from '../problems';
import { askAdoption } from './adoptSteps';
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
		const options = await askAdoption(found);
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
