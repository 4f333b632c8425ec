/** The scale of the taps' shares, over the picture's foot. */
import * as l10n from '@vscode/l10n';
import { h } from '../../shared/dom';
import { createSignedScale } from '../../shared/signedScale';

export interface TapScale {
	readonly element: HTMLElement;
	/** @param largest end of the scale, symmetric about zero; undefined hides it */
	show(largest: number | undefined): void;
}

export function createTapScale(): TapScale {
	const scale = createSignedScale();
	const element = h(
		'div',
		{ class: 'tap-scale', hidden: true },
		h('span', { class: 'scale-title' }, l10n.t('Share of each tap')),
		scale.element,
	);
	return {
		element,
		show(largest) {
			element.hidden = largest === undefined || largest === 0;
			if (largest !== undefined && largest > 0) {
				scale.show(largest, l10n.t('logit'));
			}
		},
	};
}
