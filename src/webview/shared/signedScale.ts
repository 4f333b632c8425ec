/** The diverging scale as a bar from its lowest value over zero to its highest. */
import { h } from './dom';
import { formatNumber } from './format';
import { themeSignedPixels } from './theme';

export interface SignedScale {
	readonly element: HTMLElement;
	readonly bar: HTMLCanvasElement;
	/** @param end of the scale, symmetric about zero; drawn anew, for the theme may have changed */
	show(end: number, unit: string): void;
}

export function createSignedScale(): SignedScale {
	const bar = h('canvas', { class: 'signed-scale-bar', width: 511, height: 1, 'aria-hidden': 'true' });
	const low = h('span');
	const high = h('span');
	const element = h(
		'div',
		{ class: 'signed-scale numbers' },
		low,
		h('span', { class: 'signed-scale-track' }, bar, h('span', { class: 'signed-scale-zero' }, '0')),
		high,
	);
	return {
		element,
		bar,
		show(end, unit) {
			const pixels = new Uint8ClampedArray(themeSignedPixels().buffer as ArrayBuffer);
			bar.getContext('2d')?.putImageData(new ImageData(pixels, 511, 1), 0, 0);
			const text = formatNumber(end);
			low.textContent = `−${text}`;
			high.textContent = `+${text} ${unit}`;
		},
	};
}
