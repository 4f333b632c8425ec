/** The network as an ARIA treegrid: name, output size, parameters, receptive field. */
import * as l10n from '@vscode/l10n';
import { describeFinding } from '../../shared/describeFinding';
import type { NetworkDescription } from '../../shared/protocol/types';
import { h, icon, setText } from '../shared/dom';
import { formatCount } from '../shared/format';
import { applyRateColors, onThemeChange } from '../shared/theme';
import { severityIcon } from './findingList';
import {
	branchRates,
	columnWidths,
	type DetailPart,
	findingsOf,
	gravest,
	initiallyExpanded,
	nodeDetails,
	receptiveFieldText,
	shapeText,
	type TreeRow,
	treeKey,
	treeRows,
	wayTo,
} from './treeData';

export interface TreeChoice {
	/** Paths; undefined takes what is open at first. */
	readonly expanded: readonly string[] | undefined;
	readonly selected: string | undefined;
}

export interface NetworkTree {
	readonly element: HTMLElement;
	show(network: NetworkDescription, choice: TreeChoice): void;
	/** Opens what leads to a line, selects it and gives it the focus; nothing for a path that is no line. */
	reveal(path: string): void;
}

/** @param onChoice what is open or selected changed. */
export function createNetworkTree(onChoice: (choice: TreeChoice) => void): NetworkTree {
	const body = h('div', { class: 'tree-body', role: 'rowgroup' });
	const columns: readonly (readonly [string, string])[] = [
		[l10n.t('Layer'), ''],
		[l10n.t('Output'), l10n.t('Channels × height × width of the output')],
		[l10n.t('Params'), l10n.t('Parameters')],
		[l10n.t('RF px'), l10n.t('Receptive field of one output value, in input pixels')],
	];
	const head = h(
		'div',
		{ role: 'rowgroup' },
		h(
			'div',
			{ class: 'tree-row tree-head dim', role: 'row' },
			...columns.map(([text, title]) => h('span', { role: 'columnheader', title: title || undefined }, text)),
		),
	);
	const grid = h('div', { class: 'tree', role: 'treegrid', 'aria-label': l10n.t('Network') }, head, body);
	const details = h('div', { class: 'tree-details', 'aria-live': 'polite' });
	const element = h('section', { class: 'network' }, grid, details);

	let network: NetworkDescription | undefined;
	let expanded: ReadonlySet<string> = new Set();
	let selected: string | undefined;
	let rows: readonly TreeRow[] = [];

	const render = (focus: boolean) => {
		if (!network) {
			return;
		}
		rows = treeRows(network, expanded);
		if (!rows.some(({ node }) => node.path === selected)) {
			// The selected row went out of sight with the group that was closed: that group takes its place.
			const group = rows.findLast(({ node }) => selected?.startsWith(`${node.path}.`));
			selected = group?.node.path;
		}
		body.replaceChildren(...rows.map(rowElement));
		const current = rows.findIndex(({ node }) => node.path === selected);
		const stop = body.children[Math.max(0, current)];
		if (stop instanceof HTMLElement) {
			stop.tabIndex = 0;
			if (focus) {
				stop.focus();
				stop.scrollIntoView({ block: 'nearest' });
			}
		}
		showDetails(rows[current]);
	};
	const rowElement = (row: TreeRow): HTMLElement => {
		const { node } = row;
		const found = findingsOf(row, network?.findings ?? []);
		const severity = gravest(found);
		const twistie = h(
			'span',
			{ class: 'twistie', 'aria-hidden': 'true' },
			row.expanded !== undefined && icon(row.expanded ? 'chevron-down' : 'chevron-right'),
		);
		const name = h(
			'span',
			{ class: 'tree-name', role: 'gridcell' },
			twistie,
			h('span', { class: 'tree-text' }, row.rate === undefined ? node.name : branchName(node.name, row.rate)),
			row.rate !== undefined && rateChip(row.rate, row.branch ?? 0),
			severity && severityIcon(severity),
		);
		name.style.paddingInlineStart = `${(row.level - 1) * 12}px`;
		const element = h(
			'div',
			{
				class: 'tree-row',
				role: 'row',
				tabindex: '-1',
				title: [node.path, detailText(row), ...found.map(describeFinding)].filter((text) => text !== '').join('\n'),
				'aria-level': row.level,
				'aria-posinset': row.position,
				'aria-setsize': row.siblings,
				'aria-expanded': row.expanded === undefined ? undefined : String(row.expanded),
				'aria-selected': String(node.path === selected),
			},
			name,
			h('span', { class: 'numbers', role: 'gridcell' }, shapeText(node.outputShape)),
			h('span', { class: 'numbers', role: 'gridcell' }, formatCount(node.parameters)),
			h('span', { class: 'numbers', role: 'gridcell' }, receptiveFieldText(node)),
		);
		element.addEventListener('click', (event) => {
			const onTwistie = event.target instanceof Node && twistie.contains(event.target);
			selected = node.path;
			if (row.expanded !== undefined && (onTwistie || event.detail % 2 === 0)) {
				toggle(node.path, !row.expanded);
			}
			changed();
		});
		return element;
	};
	const toggle = (path: string, open: boolean) => {
		const next = new Set(expanded);
		if (open) {
			next.add(path);
		} else {
			next.delete(path);
		}
		expanded = next;
	};
	const changed = () => {
		render(true);
		onChoice({ expanded: [...expanded], selected });
	};
	const showDetails = (row: TreeRow | undefined) => {
		setText(
			details,
			row
				? [row.node.path, detailText(row), ...findingsOf(row, network?.findings ?? []).map(describeFinding)]
						.filter((text) => text !== '')
						.join(' · ')
				: l10n.t('Select a layer for its details.'),
		);
		details.classList.toggle('dim', row === undefined);
	};

	body.addEventListener('keydown', (event) => {
		if (event.ctrlKey || event.metaKey || event.altKey) {
			return;
		}
		const current = [...body.children].indexOf(document.activeElement as Element);
		const action = treeKey(rows, current, event.key);
		if (!action) {
			return;
		}
		event.preventDefault();
		if (action.kind === 'focus') {
			selected = rows[action.row]?.node.path;
		} else {
			selected = action.path;
			toggle(action.path, action.kind === 'expand');
		}
		changed();
	});
	onThemeChange(() => network && applyRateColors(network.metadata.branches.length));

	return {
		element,
		reveal(path) {
			const way = network && wayTo(network.tree, path);
			if (way) {
				expanded = new Set([...expanded, ...way]);
				selected = path;
				changed();
			}
		},
		show(next, choice) {
			network = next;
			expanded = choice.expanded ? new Set(choice.expanded) : initiallyExpanded(next);
			selected = choice.selected;
			applyRateColors(branchRates(next.metadata).length);
			for (const [column, characters] of Object.entries(columnWidths(next))) {
				grid.style.setProperty(`--${column}`, `${characters}ch`);
			}
			render(false);
		},
	};
}

/** The chip says the rate, so the name need not. */
function branchName(name: string, rate: number): string {
	if (name === String(rate)) {
		return '';
	}
	return name.endsWith(`.${rate}`) ? name.slice(0, -`.${rate}`.length) : name;
}

function rateChip(rate: number, branch: number): HTMLElement {
	const mark = h('span', { class: 'rate-mark', 'aria-hidden': 'true' });
	mark.style.backgroundColor = `var(--rate-${branch})`;
	return h('span', { class: 'rate numbers' }, mark, l10n.t('rate {0}', rate));
}

function detailText({ node }: TreeRow): string {
	return [
		node.operator ?? '',
		...nodeDetails(node).map(([part, value]) => `${detailName(part)} ${value}`),
		node.parameters > 0 ? l10n.t('{0} parameters', node.parameters.toLocaleString('en').replaceAll(',', ' ')) : '',
	]
		.filter((text) => text !== '')
		.join(' · ');
}

function detailName(part: DetailPart): string {
	switch (part) {
		case 'kernel':
			return l10n.t('kernel');
		case 'stride':
			return l10n.t('stride');
		case 'padding':
			return l10n.t('padding');
		case 'dilation':
			return l10n.t('dilation');
		case 'groups':
			return l10n.t('groups');
		default: {
			const unknown: never = part;
			return unknown;
		}
	}
}
