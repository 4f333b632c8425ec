/** Which layers there are, what each draws, and what the keys make of them. */
import { type InspectorLayer, inspectorLayers } from '../../../shared/protocol/crf';

/** Pixels that are drawn over the picture. */
export type Overlay =
	| 'before'
	| 'branches'
	| 'dominance'
	| 'winningScale'
	| 'strideBefore'
	| 'strideAfter'
	| 'strideChanged'
	| 'after'
	| 'changed'
	| 'entropyBefore'
	| 'entropyAfter'
	| 'ties'
	| 'gradient';

/** An overlay between two shares of the picture's width, 0…1. */
export interface OverlayPart {
	readonly overlay: Overlay;
	readonly from: number;
	readonly to: number;
}

/** What there is beside the picture and the network's mask. */
export interface Extras {
	readonly crf: boolean;
	/** A mask of some branches, or of branches at other rates. */
	readonly branches: boolean;
	readonly dominance: boolean;
	/** The run is of several scales. */
	readonly winningScale: boolean;
	/** Masks at two output strides. */
	readonly strides: boolean;
}

/** Whether a layer is of two output strides. */
export function isStrideLayer(layer: InspectorLayer): boolean {
	return layer === 'strideSwipe' || layer === 'strideChanged';
}

/** What is drawn: the layer chosen, or the mask where it needs what is not there (yet). */
export function shownLayer(chosen: InspectorLayer, extras: Extras): InspectorLayer {
	return isAvailable(chosen, extras) ? chosen : 'mask';
}

/** The layers there are to choose of. */
export function availableLayers(extras: Extras): readonly InspectorLayer[] {
	return inspectorLayers.filter((layer) => isAvailable(layer, extras));
}

function isAvailable(layer: InspectorLayer, extras: Extras): boolean {
	switch (layer) {
		case 'picture':
		case 'mask':
			return true;
		case 'branches':
			return extras.branches;
		case 'dominance':
			return extras.dominance;
		case 'winningScale':
			return extras.winningScale;
		case 'strideSwipe':
		case 'strideChanged':
			return extras.strides;
		case 'after':
		case 'swipe':
		case 'changed':
		case 'entropyBefore':
		case 'entropyAfter':
			return extras.crf;
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}

/** @param divider where before ends and after begins, as a share of the picture's width */
export function overlayParts(layer: InspectorLayer, divider: number): readonly OverlayPart[] {
	switch (layer) {
		case 'picture':
			return [];
		case 'mask':
			return [{ overlay: 'before', from: 0, to: 1 }];
		case 'swipe':
			return [
				{ overlay: 'before', from: 0, to: divider },
				{ overlay: 'after', from: divider, to: 1 },
			];
		case 'strideSwipe':
			return [
				{ overlay: 'strideBefore', from: 0, to: divider },
				{ overlay: 'strideAfter', from: divider, to: 1 },
			];
		case 'branches':
		case 'dominance':
		case 'winningScale':
		case 'strideChanged':
		case 'after':
		case 'changed':
		case 'entropyBefore':
		case 'entropyAfter':
			return [{ overlay: layer, from: 0, to: 1 }];
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}

/** Which of two masks, before and after the CRF or at two output strides, a layer is about: the one that is counted and read out. */
export function maskOf(layer: InspectorLayer): 'before' | 'after' {
	switch (layer) {
		case 'picture':
		case 'mask':
		case 'branches':
		case 'dominance':
		case 'winningScale':
		case 'entropyBefore':
			return 'before';
		case 'strideSwipe':
		case 'strideChanged':
		case 'after':
		case 'swipe':
		case 'changed':
		case 'entropyAfter':
			return 'after';
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}

/** Which mask is saved while a layer is drawn. */
export function savedMask(layer: InspectorLayer): 'before' | 'after' | 'branches' | 'stride' {
	if (isStrideLayer(layer)) {
		return 'stride';
	}
	return layer === 'branches' ? 'branches' : maskOf(layer);
}

/** The key that turns the mask on and off: from the picture alone back to the layer that was drawn over it. */
export function toggledMask(layer: InspectorLayer, former: InspectorLayer): InspectorLayer {
	return layer === 'picture' ? (former === 'picture' ? 'mask' : former) : 'picture';
}

/** The key that switches before and after: entropy stays entropy, everything else becomes a mask. */
export function toggledCrf(layer: InspectorLayer): InspectorLayer {
	switch (layer) {
		case 'entropyBefore':
			return 'entropyAfter';
		case 'entropyAfter':
			return 'entropyBefore';
		case 'after':
			return 'mask';
		case 'picture':
		case 'mask':
		case 'branches':
		case 'dominance':
		case 'winningScale':
		case 'strideSwipe':
		case 'strideChanged':
		case 'swipe':
		case 'changed':
			return 'after';
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}

/** Whether two masks lie beside each other. */
export function isSwipe(layer: InspectorLayer): boolean {
	return layer === 'swipe' || layer === 'strideSwipe';
}

/** Where nothing may blink: from both strides beside each other to what differs, and back. */
export function toggledStrides(layer: InspectorLayer): InspectorLayer {
	return layer === 'strideSwipe' ? 'strideChanged' : 'strideSwipe';
}

/** Where a key moves the divider: arrows by a hundredth, with Shift and by page by a tenth; undefined for other keys. */
export function movedDivider(
	divider: number,
	press: { readonly key: string; readonly shiftKey: boolean },
): number | undefined {
	const step = press.shiftKey ? 0.1 : 0.01;
	const moved = new Map([
		['ArrowLeft', divider - step],
		['ArrowDown', divider - step],
		['ArrowRight', divider + step],
		['ArrowUp', divider + step],
		['PageDown', divider - 0.1],
		['PageUp', divider + 0.1],
		['Home', 0],
		['End', 1],
	]).get(press.key);
	return moved === undefined ? undefined : Math.min(1, Math.max(0, Math.round(moved * 1000) / 1000));
}

/** The divider, moved to the middle of what is in sight where it is not in sight itself. */
export function dividerInSight(divider: number, [from, to]: readonly [from: number, to: number]): number {
	return divider >= from && divider <= to ? divider : (from + to) / 2;
}
