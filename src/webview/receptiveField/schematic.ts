/** Draws the feature grid around the probe's cell with the nine taps of each rate; those in the padding are hollow. */
import * as l10n from '@vscode/l10n';
import { select } from 'd3';
import type { CellView } from '../../shared/protocol/aspp';
import type { Geometry } from '../../shared/protocol/types';
import { colorOf, cssColor, signedStep } from '../shared/colors';
import { type GridPart, middleTap, schematicPart, type TapMark } from './fieldData';

export interface Schematic {
	readonly element: SVGSVGElement;
	show(shown: SchematicView): void;
	resize(width: number): void;
	/** Fades the taps of all branches but this one; undefined fades none. */
	highlight(tap: PointedTap | undefined): void;
}

export interface PointedTap {
	readonly branch: number;
	readonly tap: number | undefined;
}

export interface SchematicView {
	readonly cell: CellView;
	readonly geometry: Geometry;
	readonly marks: readonly TapMark[];
	/** End of the scale of the shares. */
	readonly scale: number;
	readonly colors: Uint32Array;
	/** Place in the colours, by branch. */
	readonly places: readonly number[];
}

const tallest = 300;
/** From the upper left tap to the rate's number, in pixels. */
const nameGap = 8;
const nameDrop = 12;

/** @param onPoint the tap under the pointer; undefined for none */
export function createSchematic(onPoint: (tap: PointedTap | undefined) => void): Schematic {
	const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
		.attr('class', 'schematic')
		.attr('role', 'img')
		.attr('aria-label', l10n.t('The taps of each rate on the feature grid'));
	const element = svg.node()!;
	const ground = svg.append('rect').attr('class', 'grid-ground');
	const lines = svg.append('g').attr('class', 'grid-lines');
	const squares = svg.append('g').attr('class', 'kernel-squares');
	const names = svg.append('g').attr('class', 'kernel-names');
	const taps = svg.append('g').attr('class', 'taps');
	const center = svg.append('path').attr('class', 'cell-mark');
	let shown: SchematicView | undefined;
	let width = 276;
	let pointed: PointedTap | undefined;

	const draw = () => {
		if (!shown) {
			return;
		}
		const { cell, geometry, marks, scale, colors, places } = shown;
		const part: GridPart = schematicPart(geometry, marks);
		const [columns, rows] = [part.right - part.left, part.bottom - part.top];
		const size = Math.min(width / columns, tallest / rows);
		const [drawnWidth, height] = [columns * size, rows * size];
		const x = (column: number) => (column - part.left) * size;
		const y = (row: number) => (row - part.top) * size;
		svg.attr('width', drawnWidth).attr('height', height).attr('viewBox', `0 0 ${drawnWidth} ${height}`);
		ground
			.attr('x', x(0))
			.attr('y', y(0))
			.attr('width', geometry.gridWidth * size)
			.attr('height', geometry.gridHeight * size);
		const every = size >= 4 ? 1 : 8;
		const steps = (length: number) =>
			Array.from({ length: Math.ceil(length / every) - 1 }, (_, index) => (index + 1) * every);
		const grid = [
			...steps(geometry.gridWidth).map((column) => ({
				x1: x(column),
				x2: x(column),
				y1: y(0),
				y2: y(geometry.gridHeight),
			})),
			...steps(geometry.gridHeight).map((row) => ({ x1: x(0), x2: x(geometry.gridWidth), y1: y(row), y2: y(row) })),
		];
		lines
			.selectAll<SVGLineElement, (typeof grid)[number]>('line')
			.data(grid)
			.join('line')
			.attr('x1', (line) => line.x1)
			.attr('x2', (line) => line.x2)
			.attr('y1', (line) => line.y1)
			.attr('y2', (line) => line.y2);

		const faded = (branch: number) => pointed !== undefined && pointed.branch !== branch;
		const color = (branch: number) => `var(--rate-${places[branch] ?? branch})`;
		squares
			.selectAll<SVGRectElement, number>('rect')
			.data(cell.branches.map((_, branch) => branch))
			.join('rect')
			.attr('x', (branch) => x(cell.column - cell.branches[branch]!.rate + 0.5))
			.attr('y', (branch) => y(cell.row - cell.branches[branch]!.rate + 0.5))
			.attr('width', (branch) => 2 * cell.branches[branch]!.rate * size)
			.attr('height', (branch) => 2 * cell.branches[branch]!.rate * size)
			.classed('faded', faded)
			.style('stroke', color);
		const rates = cell.branches.map(({ rate }) => rate);
		names
			.selectAll<SVGTextElement, number>('text')
			.data(cell.branches.map((_, branch) => branch))
			.join('text')
			.attr('x', (branch) => x(cell.column - rates[branch]! + 0.5) + nameGap)
			.attr('y', (branch) => y(cell.row - rates[branch]! + 0.5) + nameDrop)
			.classed('faded', faded)
			.style('fill', color)
			// Where several have the same place, one name stands for all.
			.text((branch) => (rates.indexOf(rates[branch]!) === branch ? rates[branch]! : ''));
		// The middle taps of all branches share a cell: that of the branch pointed at is drawn, else none.
		const visible = marks.filter(({ branch, tap }) => tap !== middleTap || pointed?.branch === branch);
		const side = Math.max(7, Math.min(14, size * 1.6));
		taps
			.selectAll<SVGRectElement, TapMark>('rect')
			.data(visible, ({ branch, tap }) => `${branch} ${tap}`)
			.join('rect')
			.attr('class', 'tap')
			.attr('x', (mark) => x(mark.column + 0.5) - side / 2)
			.attr('y', (mark) => y(mark.row + 0.5) - side / 2)
			.attr('width', side)
			.attr('height', side)
			.classed('padding', ({ padding }) => padding)
			.classed('faded', ({ branch }) => faded(branch))
			.classed('pointed', ({ branch, tap }) => pointed?.branch === branch && pointed.tap === tap)
			.style('stroke', ({ branch }) => color(branch))
			.style('fill', ({ padding, share, branch }) =>
				padding ? 'none' : share === undefined ? color(branch) : cssColor(colorOf(colors[signedStep(share, scale)]!)),
			)
			.order()
			.on('pointerenter', (_, { branch, tap }) => onPoint({ branch, tap }))
			.on('pointerleave', () => onPoint(undefined));
		const [cx, cy] = [x(cell.column + 0.5), y(cell.row + 0.5)];
		const near = pointed === undefined ? 0 : side / 2 + 1;
		center.attr(
			'd',
			[
				[1, 0],
				[-1, 0],
				[0, 1],
				[0, -1],
			]
				.map(([dx, dy]) => `M${cx + dx! * near},${cy + dy! * near}L${cx + dx! * (near + 5)},${cy + dy! * (near + 5)}`)
				.join(''),
		);
	};
	return {
		element,
		show(next) {
			shown = next;
			draw();
		},
		resize(next) {
			if (next > 0 && next !== width) {
				width = next;
				draw();
			}
		},
		highlight(next) {
			if (next?.branch !== pointed?.branch || next?.tap !== pointed?.tap) {
				pointed = next;
				draw();
			}
		},
	};
}
