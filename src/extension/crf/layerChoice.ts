import type { InspectorLayer } from '../../shared/protocol/crf';

/** The layer that a run's Inspector draws: told to it at once, or as soon as there is a result to draw. */
export class LayerChoice {
	private chosen: InspectorLayer | undefined;
	/** The layer needs a result that is not there yet. */
	private waits = false;

	/** @param show tells the Inspector */
	constructor(private readonly show: (layer: InspectorLayer) => void) {}

	/** What the Inspector draws, as far as it is known. */
	get layer(): InspectorLayer {
		return this.chosen ?? 'mask';
	}

	/** @param hasResult whether the Inspector has a CRF */
	choose(layer: InspectorLayer, hasResult: boolean): void {
		this.chosen = layer;
		this.waits = needsResult(layer) && !hasResult;
		if (!this.waits) {
			this.show(layer);
		}
	}

	/** The Inspector's page has changed it by itself. */
	adopt(layer: InspectorLayer): void {
		this.chosen = layer;
		this.waits = false;
	}

	/** The Inspector has a CRF now. */
	resultIsThere(): void {
		if (this.waits && this.chosen) {
			this.waits = false;
			this.show(this.chosen);
		}
	}

	/** The Inspector's page is new and knows nothing. */
	repeat(): void {
		if (this.chosen && !this.waits) {
			this.show(this.chosen);
		}
	}
}

/** Whether a layer cannot be drawn without a CRF. */
function needsResult(layer: InspectorLayer): boolean {
	switch (layer) {
		case 'picture':
		case 'mask':
			return false;
		case 'after':
		case 'swipe':
		case 'changed':
		case 'entropyBefore':
		case 'entropyAfter':
			return true;
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}
