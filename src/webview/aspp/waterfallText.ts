/** The waterfall in words. */
import * as l10n from '@vscode/l10n';
import type { AsppExplanation } from '../../shared/protocol/aspp';
import type { ClassInfo } from '../../shared/protocol/types';
import { rateName } from '../shared/branches';
import { formatSigned } from '../shared/format';
import type { Verdict, WaterfallRow } from './waterfallData';

/** Which branch decided, in one sentence. */
export function verdictText(found: Verdict, chosen: string, rival: string, rates: readonly number[]): string {
	switch (found.kind) {
		case 'alone':
			return l10n.t('There is only one class.');
		case 'allOff':
			return l10n.t('All branches are off: every logit is zero.');
		case 'level':
			return l10n.t('{0} and {1} are level.', chosen, rival);
		case 'decided':
		case 'bias': {
			const [leader, other] = found.leads === 'chosen' ? [chosen, rival] : [rival, chosen];
			return found.kind === 'bias'
				? l10n.t('{0} leads {1} by {2} through its bias alone.', leader, other, found.lead.toFixed(2))
				: found.part.toFixed(2) > found.lead.toFixed(2) && found.part > found.lead
					? l10n.t(
							'Rate {0} decided: {1}, more than the {2} by which {3} leads {4}.',
							rateName(rates, found.branch),
							formatSigned(found.part),
							found.lead.toFixed(2),
							leader,
							other,
						)
					: l10n.t(
							'Rate {0} decided: {1} of the {2} by which {3} leads {4}.',
							rateName(rates, found.branch),
							formatSigned(found.part),
							found.lead.toFixed(2),
							leader,
							other,
						);
		}
		default: {
			const unknown: never = found;
			throw new Error(`unknown verdict ${JSON.stringify(unknown)}`);
		}
	}
}

/** What a row that is pointed at says; undefined: how the bars are read. */
export function rowDetail(
	row: WaterfallRow | undefined,
	{ chosen, runnerUp }: AsppExplanation,
	rates: readonly number[],
	classes: readonly ClassInfo[],
): string {
	if (!row) {
		return runnerUp
			? l10n.t('Thick: the chosen class. Thin: the one it is compared with. Point at a row for its difference.')
			: l10n.t('Bias and branches add up to the logit.');
	}
	const name = (label: number) => classes[label]?.name ?? String(label);
	const term = row.branch === undefined ? l10n.t('bias') : l10n.t('rate {0}', rateName(rates, row.branch));
	if (!row.on) {
		return l10n.t('{0} is off and adds nothing.', term);
	}
	const bias = row.branch === undefined ? undefined : chosen.branches[row.branch];
	const parts = [
		row.rival && runnerUp
			? l10n.t(
					'{0}: {1} for {2} over {3}.',
					term,
					formatSigned(row.chosen.value - row.rival.value),
					name(chosen.label),
					name(runnerUp.label),
				)
			: l10n.t('{0}: {1} logit.', term, formatSigned(row.chosen.value)),
		bias &&
			l10n.t('With its own bias {0}, as its map shows: {1} logit.', formatSigned(bias.bias), formatSigned(bias.share)),
	];
	return parts.filter((part) => part !== undefined).join(' ');
}
