import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { AsppRunView, MixedRunView } from '../../shared/protocol/aspp';
import type { AsppController } from './asppController';

/**
 * Asks which branch of the active run stays on alone, or none.
 * @throws InspectorError with what keeps the run's head from being read, or `run.notFound` without a run
 */
export async function pickSolo(controller: AsppController): Promise<void> {
	const view = await opened(controller);
	const { on } = view;
	const names =
		'rates' in view ? view.rates.map((rate) => l10n.t('Rate {0}', rate)) : view.branches.map(({ name }) => name);
	const alone = on.filter(Boolean).length === 1 ? on.indexOf(true) : undefined;
	const picked = await vscode.window.showQuickPick(
		[
			{ label: l10n.t('All branches'), branch: undefined },
			...names.map((label, branch) => ({
				label,
				...(branch === alone ? { description: l10n.t('on alone') } : {}),
				branch,
			})),
		],
		{ title: l10n.t('Solo Branch'), placeHolder: l10n.t('The branch that stays on alone') },
	);
	if (picked) {
		controller.current?.solo(picked.branch);
	}
}

/**
 * Asks for the class that the ASPP views speak of: those in the mask first, largest first.
 * @throws InspectorError as {@link pickSolo}
 */
export async function pickClass(controller: AsppController): Promise<void> {
	const { classes, present, label, labelIsChosen } = await opened(controller);
	const others = classes.map((_, index) => index).filter((index) => !present.includes(index));
	const item = (index: number) => ({
		label: classes[index]?.name ?? String(index),
		...(labelIsChosen && index === label ? { description: l10n.t('chosen') } : {}),
		index,
	});
	const separator = (title: string) => ({
		label: title,
		kind: vscode.QuickPickItemKind.Separator,
		index: undefined,
	});
	const picked = await vscode.window.showQuickPick(
		[
			{ label: l10n.t('The probe pixel’s winner'), index: undefined },
			separator(l10n.t('In the mask')),
			...present.map(item),
			separator(l10n.t('Other classes')),
			...others.map(item),
		],
		{ title: l10n.t('Choose Class'), placeHolder: l10n.t('The class whose score maps and shares are shown') },
	);
	if (picked) {
		controller.current?.setClass(picked.index);
	}
}

async function opened(controller: AsppController): Promise<AsppRunView | MixedRunView> {
	const { current } = controller;
	if (!current) {
		throw new InspectorError({ code: 'run.notFound', name: '' });
	}
	return await current.whenOpen();
}
