/** What the numbers of branches are of, where a run fused several scales. */
import * as l10n from '@vscode/l10n';
import { h, setText } from './dom';

export interface ScaleNote {
	readonly element: HTMLElement;
	/** @param isMixed whether branches have no shares of a logit */
	show(view: { readonly fullScaleAlone?: boolean }, isMixed?: boolean): void;
}

export function createScaleNote(): ScaleNote {
	const element = h('p', { class: 'dim scale-note' });
	element.hidden = true;
	return {
		element,
		show({ fullScaleAlone }, isMixed = false) {
			element.hidden = fullScaleAlone !== true;
			setText(
				element,
				isMixed
					? l10n.t(
							'This run fused three scales (MSC). Branches and logits here are those of the full scale alone, and changes are counted from its mask.',
						)
					: l10n.t(
							'This run fused three scales (MSC). Branches are those of the full scale alone: shares add up to its logits, not to the fused ones, and changes are counted from its mask.',
						),
			);
		},
	};
}
