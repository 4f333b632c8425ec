import * as l10n from '@vscode/l10n';
import { createKeyList } from '../shared/keyList';

/** The keys of a run's branches, whatever its head. */
export function createBranchKeys(): HTMLElement {
	return createKeyList([
		[['←', '↑', '↓', '→'], l10n.t('Move the probe by a cell of the grid')],
		[['⇧', '←', '↑', '↓', '→'], l10n.t('Move the probe by a pixel')],
		[['1', '…', '9'], l10n.t('That branch alone')],
		[['0'], l10n.t('All branches on')],
		[['[', ']'], l10n.t('Previous, next class')],
		[[l10n.t('Esc')], l10n.t('Unpin the probe')],
	]);
}
