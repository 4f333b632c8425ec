import type { InspectorLayer } from '../../shared/protocol/crf';

/** The layer that a run's Inspector draws: told to it at once, or as soon as there is a result to draw. */
export class LayerChoice {
	/** What the Inspector draws, as far as it is known. */
	private drawn: InspectorLayer | undefined;
	/** Chosen, but it needs a result that is not there yet. */
	private awaited: InspectorLayer | undefined;

	/** @param show tells the Inspector */
	constructor(private readonly show: (layer: InspectorLayer) => void) {}

	/** What was chosen last. */
	get layer(): InspectorLayer {
		return this.awaited ?? this.drawn ?? 'mask';
	}

	/** @param hasResult whether the Inspector has a CRF */
	choose(layer: InspectorLayer, hasResult: boolean): void {
		if (needsResult(layer) && !hasResult) {
			this.awaited = layer;
		} else {
			this.draw(layer);
		}
	}

	/**
	 * The Inspector's page draws another one by itself. What is awaited stays so: a page that has just been loaded tells
	 * what it begins with, and that is no answer to a choice made meanwhile.
	 */
	adopt(layer: InspectorLayer): void {
		this.drawn = layer;
		if (needsResult(layer)) {
			this.awaited = undefined;
		}
	}

	/** The Inspector has a CRF now. */
	resultIsThere(): void {
		if (this.awaited) {
			this.draw(this.awaited);
		}
	}

	/** The Inspector's page is new and knows nothing. */
	repeat(): void {
		if (this.drawn) {
			this.show(this.drawn);
		}
	}

	private draw(layer: InspectorLayer): void {
		this.awaited = undefined;
		this.drawn = layer;
		this.show(layer);
	}
}

/** Whether a layer cannot be drawn without a CRF. */
function needsResult(layer: InspectorLayer): boolean {
	switch (layer) {
		case 'picture':
		case 'mask':
		case 'branches':
		case 'dominance':
		case 'winningScale':
		case 'strideSwipe':
		case 'strideChanged':
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
