import * as l10n from '@vscode/l10n';
import { type ChangesTable, createChangesTable } from '../shared/changesTable';
import { formatWhole } from '../shared/format';

/** What the branches as they are set change in the mask. */
export function createEffectTable(): ChangesTable {
	return createChangesTable({
		none: l10n.t('No pixel changed class.'),
		some: (pixels, share) =>
			pixels === 1
				? l10n.t('1 pixel changed class.')
				: l10n.t('{0} pixels changed class, {1} of the picture.', formatWhole(pixels), share),
	});
}
