/** What is drawn over the picture, and which mask is spoken of: what the user chose, as far as the run has it. */
import type { InspectorLayer } from '../../../shared/protocol/crf';
import type { StridePair } from '../../../shared/protocol/strides';
import type { Blink } from '../picture/blink';
import type { StrideComparison } from '../strides/strideComparison';
import { isStrideLayer, type OverlayPart, overlayParts, shownLayer } from '../toolbar/layerData';
import type { ViewState } from '../viewState';
import type { RunFacts } from './contents';

export interface Drawn {
	/** But for blinking, ties, a gradient and the key that shows the picture alone. */
	layer(): InspectorLayer;
	/** The two that the layer is of; undefined: it has one mask, or those before and after the CRF. */
	strides(): StridePair | undefined;
	/** What lies over the picture: a gradient over ties, both over the layer. */
	parts(): readonly OverlayPart[];
	/** What legend and readout speak of: while both masks are drawn in turns they stay with the one after. */
	spokenOf(): InspectorLayer;
}

export function createDrawn(
	facts: RunFacts,
	strides: Pick<StrideComparison, 'shown'>,
	blink: Pick<Blink, 'side'>,
	view: () => ViewState,
): Drawn {
	const layer = () => shownLayer(view().layer, facts.extras);
	const comparedStrides = () => (isStrideLayer(layer()) ? strides.shown?.pair : undefined);
	return {
		layer,
		strides: comparedStrides,
		parts() {
			const side = blink.side();
			if (facts.gradient) {
				return [{ overlay: 'gradient', from: 0, to: 1 }];
			}
			if (facts.ties) {
				return [{ overlay: 'ties', from: 0, to: 1 }];
			}
			const ofStrides = comparedStrides() ? ({ before: 'strideBefore', after: 'strideAfter' } as const) : undefined;
			return side ? [{ overlay: ofStrides?.[side] ?? side, from: 0, to: 1 }] : overlayParts(layer(), view().divider);
		},
		spokenOf: () => (blink.side() && !comparedStrides() ? 'after' : layer()),
	};
}
