/** What the numbers of branches are of, where a run fused several scales. */
import * as l10n from '@vscode/l10n';
import { h } from './dom';

export interface ScaleNote {
	readonly element: HTMLElement;
	show(view: { readonly fullScaleAlone?: boolean }): void;
}

export function createScaleNote(): ScaleNote {
	const element = h(
		'p',
		{ class: 'dim scale-note' },
		l10n.t(
			'This run fused three scales (MSC). Branches are those of the full scale alone: shares add up to its logits, not to the fused ones, and changes are counted from its mask.',
		),
	);
	element.hidden = true;
	return {
		element,
		show({ fullScaleAlone }) {
			element.hidden = fullScaleAlone !== true;
		},
	};
}
