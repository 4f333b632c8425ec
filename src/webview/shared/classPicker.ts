/** The class that a view speaks of: a list, those in the mask first, and the way back to the probe pixel's own. */
import * as l10n from '@vscode/l10n';
import type { ClassInfo } from '../../shared/protocol/types';
import { classSwatch } from './classSwatch';
import { h, icon, setAttribute } from './dom';

export interface ClassPicker {
	readonly element: HTMLElement;
	/**
	 * @param present labels of the mask, largest first
	 * @param follows whether the class is the probe pixel's winner; undefined where that is not known
	 */
	show(classes: readonly ClassInfo[], present: readonly number[], label: number, follows: boolean | undefined): void;
}

/** @param onClass null: back to the probe pixel's winner */
export function createClassPicker(onClass: (label: number | null) => void): ClassPicker {
	const swatch = h('span', { class: 'picker-swatch' });
	const select = h('select', { class: 'select class-list', id: 'chosen-class', title: '[ ]' });
	const follow = h(
		'button',
		{ type: 'button', class: 'icon-button', 'aria-pressed': 'false' },
		icon('target'),
		h('span', {}, l10n.t('Winner')),
	);
	setAttribute(follow, 'title', l10n.t('Take the class that wins at the probe pixel'));
	setAttribute(follow, 'aria-label', l10n.t('Winner: take the class that wins at the probe pixel'));
	const element = h(
		'div',
		{ class: 'class-picker' },
		h('label', { for: 'chosen-class' }, l10n.t('Class')),
		swatch,
		select,
		follow,
	);
	let listed = '';
	let following = false;
	select.addEventListener('change', () => onClass(Number(select.value)));
	follow.addEventListener('click', () => onClass(following ? Number(select.value) : null));

	return {
		element,
		show(classes, present, label, follows) {
			const key = JSON.stringify([classes.map(({ name }) => name), present]);
			if (key !== listed) {
				listed = key;
				const seen = new Set(present);
				const others = classes.map((_, index) => index).filter((index) => !seen.has(index));
				select.replaceChildren(
					...options(
						l10n.t('In the mask'),
						present.filter((index) => classes[index]),
						classes,
					),
					...options(present.length > 0 ? l10n.t('Not in the mask') : l10n.t('All classes'), others, classes),
				);
			}
			select.value = String(label);
			setAttribute(select, 'title', `${classes[label]?.name ?? label} ([ ])`);
			swatch.replaceChildren(classSwatch(classes, label));
			follow.hidden = follows === undefined;
			following = follows === true;
			setAttribute(follow, 'aria-pressed', String(following));
		},
	};
}

function options(label: string, labels: readonly number[], classes: readonly ClassInfo[]): readonly HTMLElement[] {
	return labels.length === 0
		? []
		: [h('optgroup', { label }, ...labels.map((index) => h('option', { value: index }, classes[index]!.name)))];
}
