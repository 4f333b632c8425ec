/** Keys of the side views that follow the probe; the list at their foot names the same. */
import { arrows } from './arrows';

export type ViewCommand = ClassAndProbeCommand | BranchCommand;

export type ClassAndProbeCommand =
	| { readonly kind: 'moveProbe'; readonly dx: number; readonly dy: number; readonly unit: 'cell' | 'pixel' }
	| { readonly kind: 'cycleClass'; readonly step: 1 | -1 }
	| { readonly kind: 'unpin' };

export type BranchCommand = { readonly kind: 'solo'; readonly branch: number } | { readonly kind: 'allOn' };

export interface KeyPress {
	readonly key: string;
	readonly shiftKey: boolean;
	readonly ctrlKey: boolean;
	readonly metaKey: boolean;
	readonly altKey: boolean;
}

/** What has the focus: fields keep their keys, sliders their arrows. */
export type KeyTarget = 'page' | 'slider' | 'field';

/** @returns undefined for a key that is not the page's. */
export function viewCommand(press: KeyPress, target: KeyTarget): ViewCommand | undefined {
	if (press.ctrlKey || press.metaKey || press.altKey || target === 'field') {
		return undefined;
	}
	const arrow = arrows[press.key];
	if (arrow) {
		return target === 'slider'
			? undefined
			: { kind: 'moveProbe', dx: arrow[0], dy: arrow[1], unit: press.shiftKey ? 'pixel' : 'cell' };
	}
	if (/^[1-9]$/.test(press.key)) {
		return { kind: 'solo', branch: Number(press.key) - 1 };
	}
	switch (press.key) {
		case '0':
			return { kind: 'allOn' };
		case '[':
			return { kind: 'cycleClass', step: -1 };
		case ']':
			return { kind: 'cycleClass', step: 1 };
		case 'Escape':
			return { kind: 'unpin' };
		default:
			return undefined;
	}
}
