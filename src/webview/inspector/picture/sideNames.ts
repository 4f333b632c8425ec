/** What the two masks are called that lie beside each other, or are drawn in turns. */
import * as l10n from '@vscode/l10n';
import type { StridePair } from '../../../shared/protocol/strides';

export interface SideNames {
	readonly before: string;
	readonly after: string;
	/** Of the divider between them. */
	readonly divider: string;
}

/** @param strides undefined: before and after the CRF */
export function sideNames(strides: StridePair | undefined): SideNames {
	return strides
		? {
				before: l10n.t('Stride {0}', strides[0]),
				after: l10n.t('Stride {0}', strides[1]),
				divider: l10n.t('Divider between output strides {0} and {1}', ...strides),
			}
		: {
				before: l10n.t('Before CRF'),
				after: l10n.t('After CRF'),
				divider: l10n.t('Divider between before and after the CRF'),
			};
}
