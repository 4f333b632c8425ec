/** How WebGPU compares with WASM, as a mark. */
import { parityMark } from '../../shared/describeParity';
import type { ParityState } from '../../shared/protocol/parity';
import { icon } from './dom';

/** The icon in its colour; decorative, so that a text beside it says the same. */
export function parityIcon(state: ParityState): HTMLElement {
	const mark = parityMark(state);
	const classes = `parity-icon ${mark.icon}${mark.icon === 'loading' ? ' codicon-modifier-spin' : ''}`;
	return icon(mark.icon, classes);
}
