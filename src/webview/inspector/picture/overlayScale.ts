/** The scale that an overlay is read on. */
import type { EffectiveField } from '../../../shared/protocol/aspp';
import type { CrfKernelName, CrfTies, InspectorLayer } from '../../../shared/protocol/crf';
import type { ClassInfo } from '../../../shared/protocol/types';
import { largestEntropy } from '../readout/crfReadData';

/** A sequential scale from zero, and what it measures. */
export type OverlayScale =
	| { readonly kind: 'entropyBefore' | 'entropyAfter'; readonly largest: number; readonly classes: number }
	| { readonly kind: CrfKernelName; readonly largest: number }
	/** |gradient| of a logit with respect to the network's input. */
	| { readonly kind: 'gradient'; readonly largest: number };

/** Undefined for what is drawn without one: masks. A gradient lies over ties, and both over the layer. */
export function overlayScale(
	layer: InspectorLayer,
	ties: CrfTies | undefined,
	gradient: EffectiveField | undefined,
	classes: readonly ClassInfo[],
): OverlayScale | undefined {
	if (gradient) {
		return { kind: 'gradient', largest: gradient.largest };
	}
	if (ties) {
		return { kind: ties.kernel, largest: ties.largest };
	}
	return layer === 'entropyBefore' || layer === 'entropyAfter'
		? { kind: layer, largest: largestEntropy(classes), classes: classes.length }
		: undefined;
}
