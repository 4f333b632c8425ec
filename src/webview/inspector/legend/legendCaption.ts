/** Which mask the areas of the legend are of, and what they are compared with. */
import * as l10n from '@vscode/l10n';
import type { InspectorLayer } from '../../../shared/protocol/crf';
import type { StridePair } from '../../../shared/protocol/strides';
import { isStrideLayer, maskOf } from '../toolbar/layerData';

export interface LegendCaption {
	/** Undefined where there is but one mask. */
	readonly text: string | undefined;
	/** Tooltip of a class that gained and lost so many pixels. */
	changed(name: string, gained: number, lost: number): string;
}

/** @param strides those that are compared, where there are */
export function legendCaption(layer: InspectorLayer, hasCrf: boolean, strides: StridePair | undefined): LegendCaption {
	if (strides && isStrideLayer(layer)) {
		return {
			text: l10n.t('Area at stride {0}, against {1}', strides[1], strides[0]),
			changed: (name, gained, lost) =>
				l10n.t('Show {0} alone; against stride {1} {2} px gained, {3} px lost', name, strides[0], gained, lost),
		};
	}
	return {
		text: !hasCrf
			? undefined
			: maskOf(layer) === 'before'
				? l10n.t('Area before the CRF')
				: l10n.t('Area after the CRF'),
		changed: (name, gained, lost) =>
			l10n.t('Show {0} alone; against the network’s mask {1} px gained, {2} px lost', name, gained, lost),
	};
}
