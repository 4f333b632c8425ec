/** A class's colour beside its name. */
import type { ClassInfo } from '../../shared/protocol/types';
import { cssColor } from './colors';
import { h } from './dom';

export function classSwatch(classes: readonly ClassInfo[], label: number): HTMLElement {
	const known = classes[label];
	const swatch = h('span', { class: 'swatch' });
	swatch.style.setProperty('--color', cssColor(known?.color ?? [128, 128, 128]));
	swatch.classList.toggle('background', label === 0 && known?.name.toLowerCase() === 'background');
	return swatch;
}
