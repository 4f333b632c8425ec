/** The keys of a side view, to be unfolded at its foot. */
import * as l10n from '@vscode/l10n';
import { h } from './dom';

export function createKeyList(rows: readonly (readonly [keys: readonly string[], text: string])[]): HTMLElement {
	return h(
		'details',
		{ class: 'keys' },
		h('summary', {}, l10n.t('Keys')),
		h(
			'dl',
			{ class: 'key-list' },
			...rows.flatMap(([keys, text]) => [h('dt', {}, ...keys.map((key) => h('kbd', {}, key))), h('dd', {}, text)]),
		),
	);
}
