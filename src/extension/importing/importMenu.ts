import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { trainedStride } from '../../core/onnx/networks/outputStride';
import { classesText, describeImport, familyName, formatName, ratesSource } from '../../shared/describeImport';
import type { CheckpointFindings, ImportOverrides, ImportReport } from '../../shared/protocol/import';
import { placeOf } from '../files';
import { type Choice, pickOne } from './steps';

/** What the user may do about a checkpoint. */
export type ImportAction = 'import' | 'show' | 'followSuggestion' | ImportSetting;

/** What may be said otherwise than it was found. */
export type ImportSetting =
	| 'name'
	| 'classes'
	| 'rates'
	| 'sum'
	| 'outputStride'
	| 'mean'
	| 'channelOrder'
	| 'alignCorners'
	| 'keepBatchNorm'
	| 'pool5a'
	| 'target';

export interface ImportMenu {
	readonly findings: CheckpointFindings;
	readonly overrides: ImportOverrides;
	/** What the model is called. */
	readonly name: string;
	readonly target: vscode.Uri;
	readonly targetExists: boolean;
}

/** Shows what was found and how it would be taken; undefined where the user gives up. */
export async function askImportAction(
	fileName: string,
	menu: ImportMenu,
	active: ImportAction,
): Promise<ImportAction | undefined> {
	return await pickOne<ImportAction>({
		title: l10n.t('Import {0}', fileName),
		placeholder: l10n.t('What was found in the checkpoint. Choose a line to change it, or import'),
		choices: importChoices(menu),
		active,
	});
}

function importChoices(menu: ImportMenu): Choice<ImportAction>[] {
	const { report, tensors } = menu.findings;
	const unused = tensors.filter(({ use }) => use !== 'network').length;
	const separator = (label: string): Choice<ImportAction> => ({ label, kind: vscode.QuickPickItemKind.Separator });
	const line = (value: ImportAction, label: string, description: string, detail?: string): Choice<ImportAction> => ({
		label,
		description,
		...(detail === undefined ? {} : { detail }),
		value,
	});
	const { suggestedSum } = report;
	return [
		line(
			'import',
			`$(check) ${l10n.t('Import')}`,
			menu.targetExists ? l10n.t('replaces {0}', placeOf(menu.target)) : l10n.t('as {0}', placeOf(menu.target)),
		),
		...(suggestedSum
			? [
					line(
						'followSuggestion',
						`$(lightbulb) ${l10n.t('Add up only the branches with rate {0}', suggestedSum.join(', '))}`,
						'',
						describeImport(report).notes.find((note) => note.includes(suggestedSum.join(','))),
					),
				]
			: []),
		separator(l10n.t('Found')),
		line(
			'show',
			`$(list-tree) ${l10n.t('Show everything found')}`,
			`${report.backbone}, ${familyName(report.family)}, ${formatName(report.format)}`,
			l10n.t('{0} tensors are used, {1} are not', tensors.length - unused, unused),
		),
		separator(l10n.t('Can be changed')),
		line('classes', l10n.t('Classes'), classesText(report)),
		line('rates', l10n.t('Dilation rates'), ratesLine(report)),
		...(report.branches.length > 1 ? [line('sum', l10n.t('Branches that are added up'), sumLine(report))] : []),
		line('mean', l10n.t('Mean'), report.preprocessing.mean.join(', ')),
		line('channelOrder', l10n.t('Channel order'), report.preprocessing.channelOrder),
		line('alignCorners', 'align_corners', String(report.preprocessing.alignCorners)),
		line('outputStride', l10n.t('Output stride'), strideLine(report)),
		line(
			'keepBatchNorm',
			l10n.t('Batch norms'),
			menu.overrides.keepBatchNorm ? l10n.t('kept as layers of their own') : l10n.t('folded into their convolutions'),
		),
		...(report.pool5a === undefined
			? []
			: [line('pool5a', l10n.t('Average pool before fc6'), report.pool5a ? l10n.t('yes') : l10n.t('no'))]),
		line('name', l10n.t('Name'), menu.name),
		line('target', l10n.t('Where to write'), placeOf(menu.target)),
	];
}

function ratesLine({ branches, ratesFrom }: ImportReport): string {
	return l10n.t('{0} ({1})', branches.map(({ rate }) => rate).join(', '), ratesSource(ratesFrom));
}

function sumLine({ branches }: ImportReport): string {
	return branches.every(({ summed }) => summed)
		? l10n.t('all')
		: l10n.t('rates {0}', branches.flatMap(({ rate, summed }) => (summed ? [rate] : [])).join(', '));
}

function strideLine({ outputStride, modelRates }: ImportReport): string {
	return outputStride === trainedStride
		? String(outputStride)
		: l10n.t('{0}, where the rates are {1}', outputStride, modelRates.join(', '));
}
