/** Receptive fields and taps in words. */
import * as l10n from '@vscode/l10n';
import type { GradientStage, MeasuredField, MixedBranch, Mixing } from '../../shared/protocol/aspp';
import { rateName } from '../shared/branches';

/** Where a tap is in the kernel. */
export function tapName(tap: number): string {
	const names = [
		l10n.t('top left'),
		l10n.t('top'),
		l10n.t('top right'),
		l10n.t('left'),
		l10n.t('middle'),
		l10n.t('right'),
		l10n.t('bottom left'),
		l10n.t('bottom'),
		l10n.t('bottom right'),
	];
	return names[tap] ?? String(tap);
}

export function paddingText(taps: number): string {
	switch (taps) {
		case 0:
			return l10n.t('No tap falls in the padding');
		case 1:
			return l10n.t('1 of 9 taps falls in the padding');
		default:
			return l10n.t('{0} of 9 taps fall in the padding', taps);
	}
}

/** @param isMixed whether what all branches lead to is no sum of them */
export function branchText(branch: number | undefined, rates: readonly number[], isMixed = false): string {
	return branch === undefined
		? isMixed
			? l10n.t('Logit')
			: l10n.t('Sum')
		: l10n.t('rate {0}', rateName(rates, branch));
}

/** What is beside the rates of a mixed head, and that no tap has a share of a logit. */
export function mixingText({ branches }: Mixing): string {
	const has = (kind: MixedBranch['kind']) => branches.some((branch) => branch.kind === kind);
	return [
		has('pointwise') && l10n.t('The 1×1 branch sees what the backbone sees.'),
		has('pooling') && l10n.t('Image pooling sees the whole picture.'),
		l10n.t('Later layers mix the branches, so no tap has a share of a logit.'),
	]
		.filter((text) => text !== false)
		.join(' ');
}

export function measuredText(
	{ branch, over }: Pick<MeasuredField, 'branch' | 'over'>,
	rates: readonly number[],
	isMixed = false,
): string {
	const name = branchText(branch, rates, isMixed);
	return over === 'cell' ? l10n.t('{0}, cell', name) : l10n.t('{0}, object', name);
}

export function gradientStageText(stage: GradientStage): string {
	switch (stage) {
		case 'build':
			return l10n.t('Building the backward network');
		case 'load':
			return l10n.t('Loading it');
		case 'run':
			return l10n.t('Running it');
		default: {
			const unknown: never = stage;
			throw new Error(`unknown stage ${String(unknown)}`);
		}
	}
}
