/** The network's tree as the rows of a table. */
import type { Finding, Severity } from '../../core/model';
import type { ModelMetadata, NetworkDescription, NetworkNode } from '../../shared/protocol/types';
import { formatCount } from '../shared/format';

export interface TreeRow {
	readonly node: NetworkNode;
	/** 1 for roots. */
	readonly level: number;
	/** Undefined for a leaf. */
	readonly expanded: boolean | undefined;
	/** Place among its siblings, from 1. */
	readonly position: number;
	readonly siblings: number;
	/** Index of the row of the parent; undefined for roots. */
	readonly parent: number | undefined;
	/** Place of its branch among the model's, by rate from small to large; undefined for what is no branch. */
	readonly branch: number | undefined;
	/** Dilation rate of the branch. */
	readonly rate: number | undefined;
}

/** The rows in sight: roots, and the children of what is expanded. */
export function treeRows(network: NetworkDescription, expanded: ReadonlySet<string>): readonly TreeRow[] {
	const rows: TreeRow[] = [];
	const rates = branchRates(network.metadata);
	const add = (nodes: readonly NetworkNode[], level: number, parent: number | undefined) => {
		for (const [index, node] of nodes.entries()) {
			const rate = branchRate(node, network.metadata);
			rows.push({
				node,
				level,
				expanded: node.children.length > 0 ? expanded.has(node.path) : undefined,
				position: index + 1,
				siblings: nodes.length,
				parent,
				branch: rate === undefined ? undefined : rates.indexOf(rate),
				rate,
			});
			if (expanded.has(node.path)) {
				add(node.children, level + 1, rows.length - 1);
			}
		}
	};
	add(network.tree, 1, undefined);
	return rows;
}

/** The rates of a model's branches, from small to large. */
export function branchRates(metadata: Pick<ModelMetadata, 'branches'>): readonly number[] {
	return metadata.branches.map(({ rate }) => rate).sort((a, b) => a - b);
}

/** What the health check found of a line: its own findings, and while it is closed those of what is inside it. */
export function findingsOf(
	{ node, expanded }: Pick<TreeRow, 'node' | 'expanded'>,
	findings: readonly Finding[],
): readonly Finding[] {
	return findings.filter(
		({ path }) => path === node.path || (expanded === false && path?.startsWith(`${node.path}.`) === true),
	);
}

/** The gravest of some findings; undefined for none. */
export function gravest(findings: readonly Finding[]): Severity | undefined {
	return (['error', 'warning', 'info'] as const).find((severity) =>
		findings.some((finding) => finding.severity === severity),
	);
}

/** A branch's node has the name of the branch's output as its path, or as the end of it. */
function branchRate(node: NetworkNode, metadata: Pick<ModelMetadata, 'branches'>): number | undefined {
	return metadata.branches.find(
		({ output }) => node.path === output || node.name === output || node.path.endsWith(`.${output}`),
	)?.rate;
}

/** A group this small is open at first. */
const fewChildren = 6;

/** What is open at first: what leads to a branch, and small groups of groups. */
export function initiallyExpanded(network: NetworkDescription): ReadonlySet<string> {
	const expanded = new Set<string>();
	const holdsBranch = (node: NetworkNode): boolean => {
		const inside = node.children.map(holdsBranch).includes(true);
		if (inside) {
			expanded.add(node.path);
		}
		return inside || branchRate(node, network.metadata) !== undefined;
	};
	for (const root of network.tree) {
		holdsBranch(root);
		const grouped = root.children.some(({ children }) => children.length > 0);
		if (network.tree.length === 1 || (grouped && root.children.length <= fewChildren)) {
			expanded.add(root.path);
		}
	}
	return expanded;
}

/** Channels x height x width, with the multiplication sign; empty where unknown. */
export function shapeText(shape: NetworkNode['outputShape']): string {
	return shape ? shape.join('×') : '';
}

/** `491`, or `491×483` (height x width) where they differ; empty where unknown. */
export function receptiveFieldText(node: NetworkNode): string {
	if (!node.receptiveField) {
		return '';
	}
	const [height, width] = node.receptiveField.size;
	return height === width ? String(height) : `${height}×${width}`;
}

/** Widest text of each column of numbers in the whole tree, in characters, so that opening a group moves nothing. */
export function columnWidths(network: NetworkDescription): { output: number; parameters: number; field: number } {
	const widths = { output: 0, parameters: 0, field: 0 };
	const visit = (node: NetworkNode) => {
		widths.output = Math.max(widths.output, shapeText(node.outputShape).length);
		widths.parameters = Math.max(widths.parameters, formatCount(node.parameters).length);
		widths.field = Math.max(widths.field, receptiveFieldText(node).length);
		node.children.forEach(visit);
	};
	network.tree.forEach(visit);
	return widths;
}

/** The parts of a layer's geometry that are known: name of the part and its value. */
export function nodeDetails(node: NetworkNode): readonly (readonly [part: DetailPart, value: string])[] {
	const pair = (values: readonly [number, number]) =>
		values[0] === values[1] ? String(values[0]) : `${values[0]}, ${values[1]}`;
	const details: (readonly [DetailPart, string])[] = [];
	if (node.kernel) {
		details.push(['kernel', node.kernel.join('×')]);
	}
	if (node.stride) {
		details.push(['stride', pair(node.stride)]);
	}
	if (node.padding) {
		const [top, left, bottom, right] = node.padding;
		const same = top === left && top === bottom && top === right;
		details.push(['padding', same ? String(top) : [top, left, bottom, right].join(', ')]);
	}
	if (node.dilation) {
		details.push(['dilation', pair(node.dilation)]);
	}
	if (node.groups !== undefined && node.groups !== 1) {
		details.push(['groups', String(node.groups)]);
	}
	return details;
}

export type DetailPart = 'kernel' | 'stride' | 'padding' | 'dilation' | 'groups';

export type TreeKey =
	| { readonly kind: 'focus'; readonly row: number }
	| { readonly kind: 'expand' | 'collapse'; readonly path: string };

/** What a key does on the row that has the focus, as in any tree; undefined for other keys. */
export function treeKey(rows: readonly TreeRow[], current: number, key: string): TreeKey | undefined {
	const row = rows[current];
	const focus = (index: number | undefined): TreeKey | undefined =>
		index !== undefined && rows[index] ? { kind: 'focus', row: index } : undefined;
	if (!row) {
		return undefined;
	}
	switch (key) {
		case 'ArrowDown':
			return focus(current + 1);
		case 'ArrowUp':
			return focus(current - 1);
		case 'Home':
			return focus(0);
		case 'End':
			return focus(rows.length - 1);
		case 'ArrowRight':
			if (row.expanded === false) {
				return { kind: 'expand', path: row.node.path };
			}
			return row.expanded ? focus(current + 1) : undefined;
		case 'ArrowLeft':
			return row.expanded ? { kind: 'collapse', path: row.node.path } : focus(row.parent);
		case 'Enter':
		case ' ':
			if (row.expanded === undefined) {
				return undefined;
			}
			return { kind: row.expanded ? 'collapse' : 'expand', path: row.node.path };
		default:
			return undefined;
	}
}

/** Paths of the groups that lead to a line, from the root; undefined where there is no such line. */
export function wayTo(nodes: readonly NetworkNode[], path: string): readonly string[] | undefined {
	for (const node of nodes) {
		if (node.path === path) {
			return [];
		}
		const way = wayTo(node.children, path);
		if (way) {
			return [node.path, ...way];
		}
	}
	return undefined;
}
