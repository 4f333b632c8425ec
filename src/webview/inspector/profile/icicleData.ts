/** Where the nodes of a profile lie in an icicle chart, and how the keyboard moves in it. */
import { type HierarchyRectangularNode, hierarchy, partition } from 'd3';
import { type ProfileNode, profileTree } from '../../../core/profile/profileTree';
import type { RunProfile } from '../../../shared/protocol/profile';

/** A node of the tree as a cell: rows are levels, width is time. */
export interface IcicleCell {
	readonly node: ProfileNode;
	/** Row from the top, 0 the run. */
	readonly depth: number;
	/** Share of the run's time at which it begins and ends, 0…1. */
	readonly from: number;
	readonly to: number;
	readonly parent: string | undefined;
	/** From the run to this one, without the run. */
	readonly trail: readonly ProfileNode[];
	/** From 1, among its parent's children, and how many those are. */
	readonly place: number;
	readonly siblings: number;
	/** Of the network's time, within the network; else of the run's. */
	readonly share: number;
	readonly inNetwork: boolean;
}

export interface Icicle {
	/** Parents before their children, in the order of time. */
	readonly cells: readonly IcicleCell[];
	readonly byId: ReadonlyMap<string, IcicleCell>;
	readonly rows: number;
}

export function icicleOf(profile: RunProfile): Icicle {
	const root = hierarchy(profileTree(profile)).eachAfter((node) => {
		// Not the sum of the leaves: some time of the network is in none of them, and a node may have none.
		Object.assign(node, { value: node.data.milliseconds });
	});
	const laid = partition<ProfileNode>().size([1, root.height + 1])(root);
	const network = laid.children?.find(({ data }) => data.name === 'network');
	const cells = laid.descendants().map((node) => cellOf(node, laid, network));
	return { cells, byId: new Map(cells.map((cell) => [cell.node.id, cell])), rows: root.height + 1 };
}

/** What is in sight while the chart is zoomed to a cell: its descendants, and over it the cells it is in. */
export function cellsInSight({ cells, byId }: Icicle, zoomed: string): readonly IcicleCell[] {
	const zoom = byId.get(zoomed);
	return cells.filter((cell) => zoom && (isWithin(cell, zoom) || isWithin(zoom, cell)));
}

/** A cell's edges on the screen, 0…1, while the chart is zoomed to another. */
export function edgesOf({ from, to }: IcicleCell, zoom: IcicleCell): readonly [left: number, right: number] {
	const width = zoom.to - zoom.from;
	const place = (at: number) =>
		width > 0 ? Math.min(1, Math.max(0, (at - zoom.from) / width)) : at <= zoom.from ? 0 : 1;
	return [place(from), place(to)];
}

export type IcicleMove = 'parent' | 'child' | 'previous' | 'next' | 'first' | 'last';

/** @returns the cell that a key leads to; the same where there is none */
export function moved(icicle: Icicle, zoomed: string, focused: string, move: IcicleMove): string {
	const cell = icicle.byId.get(focused);
	if (!cell) {
		return zoomed;
	}
	const row = cellsInSight(icicle, zoomed).filter(({ depth }) => depth === cell.depth);
	const at = row.indexOf(cell);
	const target = {
		parent: () => cell.parent,
		child: () => cellsInSight(icicle, zoomed).find(({ parent }) => parent === focused)?.node.id,
		previous: () => row[at - 1]?.node.id,
		next: () => row[at + 1]?.node.id,
		first: () => row[0]?.node.id,
		last: () => row.at(-1)?.node.id,
	}[move]();
	return target ?? focused;
}

function isWithin(cell: IcicleCell, outer: IcicleCell): boolean {
	return outer.parent === undefined || cell === outer || cell.trail.includes(outer.node);
}

function cellOf(
	node: HierarchyRectangularNode<ProfileNode>,
	root: HierarchyRectangularNode<ProfileNode>,
	network: HierarchyRectangularNode<ProfileNode> | undefined,
): IcicleCell {
	const { data, depth, x0, x1, parent } = node;
	const ancestors = node.ancestors().reverse();
	const inNetwork = network !== undefined && node !== network && ancestors.includes(network);
	const whole = inNetwork ? network.data.milliseconds : root.data.milliseconds;
	return {
		node: data,
		depth,
		from: x0,
		to: x1,
		parent: parent?.data.id,
		trail: ancestors.slice(1).map((each) => each.data),
		place: (parent?.children?.indexOf(node) ?? 0) + 1,
		siblings: parent?.children?.length ?? 1,
		share: whole > 0 ? data.milliseconds / whole : 0,
		inNetwork,
	};
}
