/** What σβ ties together: the probe pixel's colour from darker to lighter, each as strong as its tie. */
import * as l10n from '@vscode/l10n';
import { cssColor } from '../shared/colors';
import { h, setText } from '../shared/dom';
import { formatNumber } from '../shared/format';
import { tiedColors } from './settingsData';

export interface ColorStrip {
	readonly element: HTMLElement;
	/** @param color of the probe pixel; undefined takes the strip away. */
	show(color: readonly [red: number, green: number, blue: number] | undefined, sigma: number): void;
}

/** Levels of 0…255 to both sides: always the same, so that the strip shows how σβ grows. */
const reach = 60;
const swatches = 41;

export function createColorStrip(): ColorStrip {
	const cells = Array.from({ length: swatches }, () => h('span', { class: 'tied-color' }));
	const strip = h('div', { class: 'tied-colors', 'aria-hidden': 'true' }, ...cells);
	const bracket = h('span', { class: 'tied-sigma', 'aria-hidden': 'true' });
	const caption = h('span', { class: 'dim numbers' });
	const element = h(
		'div',
		{ class: 'color-strip' },
		strip,
		h('div', { class: 'tied-axis', 'aria-hidden': 'true' }, bracket),
		h('div', { class: 'tied-captions dim numbers' }, h('span', {}, `−${reach}`), caption, h('span', {}, `+${reach}`)),
	);
	return {
		element,
		show(color, sigma) {
			element.hidden = color === undefined;
			if (!color) {
				return;
			}
			for (const [index, tied] of tiedColors(color, sigma, reach, swatches).entries()) {
				const cell = cells[index]!;
				cell.style.backgroundColor = cssColor(tied.color);
				cell.style.opacity = tied.tie.toFixed(3);
			}
			bracket.style.width = `${Math.min(100, (100 * sigma) / reach)}%`;
			setText(caption, l10n.t('probe’s colour ± {0} levels (1σ)', formatNumber(sigma)));
		},
	};
}
