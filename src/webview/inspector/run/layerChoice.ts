/** Which layer is drawn: chosen by hand, by key or by another view. */
import type { InspectorLayer } from '../../../shared/protocol/crf';
import { prefersReducedMotion } from '../../shared/theme';
import type { Blink } from '../picture/blink';
import type { Viewport } from '../picture/viewport';
import { dividerInSight, isSwipe, maskOf, toggledCrf, toggledMask, toggledStrides } from '../toolbar/layerData';
import type { ViewState } from '../viewState';
import type { RunContents } from './contents';
import type { Drawn } from './drawn';

export interface LayerChoice {
	/** By the user's own hand: what is drawn now is no longer the ties or a gradient. */
	choose(layer: InspectorLayer): void;
	/** By another view. */
	adopt(layer: InspectorLayer): void;
	/** From the picture alone back to what was drawn over it, and the other way. */
	toggleMask(): void;
	/** Before and after the CRF. */
	toggleCrf(): void;
	/** Both masks in turns; where nothing may move, the other one. */
	toggleBlink(): void;
}

export interface LayerChoiceEvents {
	/** The user chose a layer instead of the measured field. */
	onGradientEnded(): void;
	/** Another one is to be drawn. */
	onView(view: ViewState): void;
}

export function createLayerChoice(
	events: LayerChoiceEvents,
	contents: RunContents,
	drawn: Drawn,
	blink: Blink,
	viewport: Pick<Viewport, 'sharesInSight'>,
	view: () => ViewState,
): LayerChoice {
	/** What the mask's key returns to from the picture alone. */
	let former: InspectorLayer = 'mask';

	const take = (next: InspectorLayer, divider: number) => {
		blink.stop();
		const current = view();
		if (current.layer !== 'picture') {
			former = current.layer;
		}
		events.onView({ ...current, layer: next, divider });
	};
	const choose = (next: InspectorLayer) => {
		if (contents.gradient) {
			events.onGradientEnded();
		}
		contents.setTies(undefined);
		contents.setGradient(undefined);
		const { divider } = view();
		take(next, isSwipe(next) ? dividerInSight(divider, viewport.sharesInSight()) : divider);
	};
	return {
		choose,
		adopt: (next) => take(next, view().divider),
		toggleMask: () => choose(toggledMask(drawn.layer(), former)),
		toggleCrf() {
			if (contents.crf) {
				choose(toggledCrf(drawn.layer()));
			}
		},
		toggleBlink() {
			const strides = drawn.strides();
			if (!contents.crf && !strides) {
				return;
			}
			if (prefersReducedMotion()) {
				choose(strides ? toggledStrides(drawn.layer()) : toggledCrf(drawn.layer()));
				return;
			}
			if (contents.ties || contents.gradient) {
				choose(view().layer);
			}
			blink.toggle(maskOf(drawn.layer()));
		},
	};
}
