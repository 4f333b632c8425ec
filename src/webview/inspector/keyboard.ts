/** Keys of the Inspector; the help overlay lists the same table. */
import { arrows } from '../shared/arrows';

export type Command =
	| { readonly kind: 'zoomIn' | 'zoomOut' | 'fit' | 'actualSize' | 'toggleMask' | 'toggleCrf' | 'blink' | 'unpin' }
	| { readonly kind: 'help' }
	| { readonly kind: 'moveProbe'; readonly dx: number; readonly dy: number; readonly unit: 'cell' | 'pixel' }
	| { readonly kind: 'cycleClass'; readonly step: 1 | -1 }
	/** Undefined: all branches. */
	| { readonly kind: 'soloBranch'; readonly branch: number | undefined }
	| { readonly kind: 'pictureAlone' };

export interface KeyPress {
	readonly key: string;
	/** The key's place, whatever the layout writes on it. */
	readonly code: string;
	readonly shiftKey: boolean;
	readonly ctrlKey: boolean;
	readonly metaKey: boolean;
	readonly altKey: boolean;
}

/** What has the focus: a slider keeps its arrows, a button its space. */
export type KeyTarget = 'page' | 'button' | 'slider' | 'text';

/** @returns undefined for a key that is not the Inspector's. */
export function keyCommand(press: KeyPress, target: KeyTarget): Command | undefined {
	if (press.ctrlKey || press.metaKey || press.altKey || target === 'text') {
		return undefined;
	}
	const arrow = arrows[press.key];
	if (arrow) {
		return target === 'slider'
			? undefined
			: { kind: 'moveProbe', dx: arrow[0], dy: arrow[1], unit: press.shiftKey ? 'pixel' : 'cell' };
	}
	// Some layouts have their digits behind Shift: there they are digits.
	const isDigit = /^[0-9]$/.test(press.key);
	if (press.shiftKey && !isDigit && (press.code === 'Digit0' || press.code === 'Digit1')) {
		return { kind: press.code === 'Digit0' ? 'fit' : 'actualSize' };
	}
	if (isDigit) {
		return { kind: 'soloBranch', branch: press.key === '0' ? undefined : Number(press.key) - 1 };
	}
	switch (press.key) {
		case '+':
		case '=':
			return { kind: 'zoomIn' };
		case '-':
		case '−':
			return { kind: 'zoomOut' };
		case 'f':
		case 'F':
			return { kind: 'fit' };
		case '[':
			return { kind: 'cycleClass', step: -1 };
		case ']':
			return { kind: 'cycleClass', step: 1 };
		case 'm':
		case 'M':
			return { kind: 'toggleMask' };
		case 'c':
		case 'C':
			return { kind: 'toggleCrf' };
		case 'b':
		case 'B':
			return { kind: 'blink' };
		case 'Escape':
			return { kind: 'unpin' };
		case '?':
			return { kind: 'help' };
		case ' ':
			return target === 'page' ? { kind: 'pictureAlone' } : undefined;
		default:
			return undefined;
	}
}
