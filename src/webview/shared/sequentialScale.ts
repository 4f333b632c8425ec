/** The sequential scale as a bar from zero to the largest value. */
import { h } from './dom';
import { formatNumber } from './format';
import { createSequentialBar } from './sequentialBar';

export interface SequentialScale {
	readonly element: HTMLElement;
	readonly bar: HTMLCanvasElement;
	show(end: number, unit: string): void;
}

export function createSequentialScale(): SequentialScale {
	const bar = createSequentialBar();
	const high = h('span');
	const element = h(
		'div',
		{ class: 'signed-scale numbers' },
		h('span', {}, '0'),
		h('span', { class: 'signed-scale-track' }, bar),
		high,
	);
	return {
		element,
		bar,
		show(end, unit) {
			high.textContent = unit === '' ? formatNumber(end) : `${formatNumber(end)} ${unit}`;
		},
	};
}
