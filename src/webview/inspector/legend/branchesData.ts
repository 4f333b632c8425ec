/** What is said and drawn of the branches that are on, and of the one that contributes most. */
import * as l10n from '@vscode/l10n';
import type { InspectorBranches, InspectorDominance } from '../../../shared/protocol/aspp';
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import { rateName } from '../../shared/branches';
import { pixelOf, rateColors } from '../../shared/colors';
import { themeBackground } from '../../shared/theme';

/** Which branches the mask is of. */
export function branchesTitle(branches: InspectorBranches | undefined): string {
	if (!branches) {
		return '';
	}
	const { rates, names } = branches;
	if (names && names.length > 0) {
		return names.length === 1
			? l10n.t('Mask of {0} alone', names[0]!)
			: l10n.t('Mask of {0}; other branches are zero', names.join(', '));
	}
	switch (rates.length) {
		case 0:
			return l10n.t('Mask with all branches off');
		case 1:
			return l10n.t('Mask of rate {0} alone', rates[0]!);
		default:
			return l10n.t('Mask of rates {0}', rates.join(', '));
	}
}

/** @param places place in the colours, by branch @returns a canvas pixel for each index; clear for what is no branch */
export function dominancePixels(places: readonly number[]): Uint32Array {
	const colors = rateColors(places.length, themeBackground());
	const pixels = new Uint32Array(256);
	for (const [branch, place] of places.entries()) {
		pixels[branch] = pixelOf(colors[place]!, 255);
	}
	return pixels;
}

/** Undefined where no branch is on. */
export function dominanceText(
	run: InspectorRun,
	{ branches, rates }: InspectorDominance,
	{ x, y }: Probe,
): string | undefined {
	const column = Math.min(run.displayWidth - 1, Math.floor(x / run.displayStep));
	const row = Math.min(run.displayHeight - 1, Math.floor(y / run.displayStep));
	const branch = branches[row * run.displayWidth + column];
	return branch === undefined || branch >= rates.length
		? undefined
		: l10n.t('most of it from rate {0}', rateName(rates, branch));
}
