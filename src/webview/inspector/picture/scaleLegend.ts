/** The scale of what is drawn, over the picture's foot: the colours from zero to the largest value, with its unit. */
import * as l10n from '@vscode/l10n';
import { clearTies } from '../../shared/colors';
import { h, setText } from '../../shared/dom';
import { formatNumber } from '../../shared/format';
import { createSequentialBar } from '../../shared/sequentialBar';
import type { OverlayScale } from './overlayScale';

export interface ScaleLegend {
	readonly element: HTMLElement;
	show(scale: OverlayScale | undefined): void;
}

export function createScaleLegend(): ScaleLegend {
	const title = h('span', { class: 'scale-title' });
	const bar = h('span', { class: 'scale-bar' });
	const largest = h('span', { class: 'scale-largest numbers' });
	const element = h(
		'div',
		{ class: 'scale', hidden: true },
		title,
		h('span', { class: 'scale-ends' }, h('span', { class: 'numbers' }, '0'), bar, largest),
	);
	return {
		element,
		show(scale) {
			element.hidden = scale === undefined;
			if (!scale) {
				return;
			}
			switch (scale.kind) {
				case 'entropyBefore':
				case 'entropyAfter':
					bar.replaceChildren(createSequentialBar());
					setText(title, scale.kind === 'entropyBefore' ? l10n.t('Entropy before CRF') : l10n.t('Entropy after CRF'));
					setText(largest, l10n.t('{0} nats = ln {1}', scale.largest.toFixed(2), scale.classes));
					return;
				case 'bilateral':
				case 'spatial':
					bar.replaceChildren(createSequentialBar(clearTies));
					setText(title, scale.kind === 'bilateral' ? l10n.t('Ties by colour and place') : l10n.t('Ties by place'));
					setText(largest, l10n.t('{0} of score', formatNumber(scale.largest)));
					return;
				case 'gradient':
					bar.replaceChildren(createSequentialBar(clearTies));
					setText(title, l10n.t('Gradient: logit a unit of input'));
					setText(largest, formatNumber(scale.largest));
					return;
				default: {
					const unknown: never = scale;
					throw new Error(`unknown scale ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
