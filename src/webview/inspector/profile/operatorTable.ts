/** The operators that take longest, as a table. */
import * as l10n from '@vscode/l10n';
import { profileTree, slowestOperators } from '../../../core/profile/profileTree';
import type { RunProfile } from '../../../shared/protocol/profile';
import { h } from '../../shared/dom';
import { formatShare } from '../../shared/format';
import { formatTime, shapeText } from './profileText';

export interface OperatorTable {
	readonly element: HTMLElement;
	show(profile: RunProfile): void;
}

const rowCount = 10;

/** @param onChoose with the id of the operator's node in the profile's tree */
export function createOperatorTable(onChoose: (id: string) => void): OperatorTable {
	const body = h('tbody');
	const head = (text: string, kind = '') => h('th', { scope: 'col', class: kind }, text);
	const element = h(
		'table',
		{ class: 'operator-table numbers' },
		h('caption', {}, l10n.t('Slowest operators')),
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				head(l10n.t('layer')),
				head(l10n.t('operator'), 'operator-type'),
				head(l10n.t('output'), 'number operator-output'),
				head(l10n.t('time'), 'number'),
				head(l10n.t('of network'), 'number'),
			),
		),
		body,
	);
	return {
		element,
		show(profile) {
			const tree = profileTree(profile);
			const network = tree.children.find(({ name }) => name === 'network')?.milliseconds ?? 0;
			body.replaceChildren(
				...slowestOperators(tree, rowCount).map(({ id, milliseconds, operator }) => {
					const { path, opType, outputShape, scale } = operator!;
					// What all layers of the backbone begin with would push their own names out.
					const name = (path.length > 2 ? path.slice(1) : path).join('.');
					const button = h(
						'button',
						{ type: 'button', class: 'operator-name', title: path.join('.') },
						scale === undefined ? name : `${name} (${scale})`,
					);
					button.addEventListener('click', () => onChoose(id));
					return h(
						'tr',
						{},
						h('th', { scope: 'row' }, button),
						h('td', { class: 'operator-type' }, opType),
						h('td', { class: 'number operator-output' }, outputShape ? shapeText(outputShape) : ''),
						h('td', { class: 'number' }, formatTime(milliseconds)),
						h('td', { class: 'number' }, formatShare(network > 0 ? milliseconds / network : 0)),
					);
				}),
			);
		},
	};
}
