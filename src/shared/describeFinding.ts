import * as l10n from '@vscode/l10n';
import type { Finding } from '../core/model';

/**
 * What a user reads of a finding of the health check, in the display language: what is odd, and what it means. The
 * finding's severity and path are not repeated.
 */
export function describeFinding(finding: Finding): string {
	switch (finding.code) {
		case 'branch.notSummed':
			return l10n.t(
				'The branch with rate {0} is not part of the logits: the shares of the branches do not add up to them.',
				finding.branch,
			);
		case 'branch.untrained':
			return l10n.t(
				'The branch with rate {0} has weights like initial noise (standard deviation {1}, kurtosis {2}): it was probably left out of the sum in training. Try the mask without it.',
				finding.branch,
				finding.standardDeviation.toFixed(4),
				finding.kurtosis.toFixed(2),
			);
		case 'head.equalRates':
			return l10n.t('Several branches have the same dilation rate ({0}).', finding.rates.join(', '));
		case 'head.unusualRates':
			return l10n.t('Dilation rates that DeepLabv2’s paper does not use: {0}.', finding.rates.join(', '));
		case 'head.missing':
			return l10n.t('The ASPP head cannot be looked into: {0}.', finding.detail);
		case 'weights.zero':
			return l10n.t('All values of “{0}” are zero.', finding.tensor);
		case 'weights.nonFinite':
			return finding.count === 1
				? l10n.t('One value of “{0}” is not a finite number.', finding.tensor)
				: l10n.t('{0} values of “{1}” are not finite numbers.', finding.count, finding.tensor);
		case 'taps.alwaysPadding':
			return finding.taps.length === 8
				? l10n.t(
						'At this input size the branch with rate {0} sees with its middle tap alone: all others are in the padding from every cell.',
						finding.branch,
					)
				: l10n.t(
						'At this input size {0} of 9 taps of the branch with rate {1} are in the padding from every cell.',
						finding.taps.length,
						finding.branch,
					);
		case 'shapes.open':
			return l10n.t('The shapes of the outputs do not work out at this input size ({0}).', finding.detail);
		case 'batchNorm.untouched':
			return l10n.t(
				'The running statistics “{0}” are those a batch norm begins with: they were never updated.',
				finding.tensor,
			);
		default: {
			const unknown: never = finding;
			throw new Error(`unknown finding ${JSON.stringify(unknown)}`);
		}
	}
}
