/** Draws the waterfall: bias and branches from zero to the logit, the rival's thinner bars under the chosen class's. */
import * as l10n from '@vscode/l10n';
import { scaleLinear, select } from 'd3';
import { rateName } from '../shared/branches';
import { formatNumber, formatSigned } from '../shared/format';
import { roving } from '../shared/roving';
import { axisEnds, type Step, type Waterfall, type WaterfallRow } from './waterfallData';

export interface WaterfallChart {
	readonly element: SVGSVGElement;
	show(found: Waterfall, names: WaterfallNames): void;
	resize(width: number): void;
	/** The row that is pointed at or has the focus. */
	onRow(callback: (row: WaterfallRow | undefined) => void): void;
}

export interface WaterfallNames {
	readonly chosen: string;
	readonly rival: string;
	/** As they are set. */
	readonly rates: readonly number[];
	/** Place in the colours, by branch. */
	readonly places: readonly number[];
}

/** Of a mark and the widest name, in pixels: so much, and so much a character. */
const labelStart = 22;
const characterWidth = 6.6;
/** The same of a column of numbers, whose totals are bold. */
const valueStart = 8;
const valueCharacter = 7.6;
const rowHeight = 24;
const headHeight = 20;
const axisHeight = 22;
/** Of the bars within a row. */
const chosenTop = 4;
const chosenHeight = 9;
const rivalTop = 15;
const rivalHeight = 5;

interface End {
	readonly kind: 'chosen' | 'rival';
	readonly value: number;
}

export function createWaterfallChart(): WaterfallChart {
	const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
		.attr('class', 'waterfall')
		.attr('role', 'list')
		.attr('aria-label', l10n.t('Waterfall: what adds up to the logit'));
	const element = svg.node()!;
	const back = svg.append('g').attr('aria-hidden', 'true');
	const rows = svg.append('g').attr('role', 'presentation');
	const front = svg.append('g').attr('aria-hidden', 'true');
	let shown: { readonly found: Waterfall; readonly names: WaterfallNames } | undefined;
	let width = 276;
	let report: (row: WaterfallRow | undefined) => void = () => {};
	const items = () => [...element.querySelectorAll<SVGGElement>('g.row')] as unknown as HTMLElement[];
	const stops = roving(element as unknown as HTMLElement, items);
	// A click reads a row; it does not take the arrow keys from the probe.
	element.addEventListener('mousedown', (event) => event.preventDefault());

	const draw = () => {
		if (!shown) {
			return;
		}
		const { found, names } = shown;
		const labelWidth = Math.max(
			64,
			labelStart + characterWidth * Math.max(...found.rows.map((row) => rowName(row, names).length)),
		);
		const valueWidth =
			valueStart +
			valueCharacter *
				Math.max(
					...found.rows.map((row) =>
						Math.max(...[row.chosen, row.rival].map((step) => formatSigned(step?.value ?? 0).length)),
					),
					formatSigned(found.chosen).length,
					formatSigned(found.rival ?? 0).length,
				);
		const columns = found.rival === undefined ? 1 : 2;
		const plotRight = Math.max(labelWidth + 40, width - columns * valueWidth - 4);
		const ends = axisEnds(found.extent);
		const x = scaleLinear(ends, [labelWidth, plotRight]);
		const bottom = headHeight + (found.rows.length + 1) * rowHeight;
		const height = bottom + axisHeight;
		svg.attr('width', width).attr('height', height).attr('viewBox', `0 0 ${width} ${height}`);

		back
			.selectAll<SVGLineElement, number>('line')
			.data([...new Set([ends[0], 0, ends[1]])])
			.join('line')
			.attr('class', (value) => (value === 0 ? 'grid zero' : 'grid'))
			.attr('x1', x)
			.attr('x2', x)
			.attr('y1', headHeight)
			.attr('y2', bottom);
		back
			.selectAll<SVGTextElement, readonly [string, number]>('text')
			.data([...new Set([ends[0], 0, ends[1]])].map((value) => [axisText(value, ends), value] as const))
			.join('text')
			.attr('class', 'tick')
			.attr('x', ([, value]) => x(value))
			.attr('y', bottom + 14)
			.attr('text-anchor', ([, value]) => (value === 0 ? 'middle' : value === ends[1] ? 'end' : 'start'))
			.text(([text, value]) => (roomForTick(value, x(value) - x(0)) ? text : ''));
		const columnEnd = (index: number) => width - (columns - 1 - index) * valueWidth;
		front
			.selectAll<SVGRectElement, number>('rect.head')
			.data(columns === 2 ? [0, 1] : [0])
			.join('rect')
			.attr('class', (index) => (index === 0 ? 'head key-chosen' : 'head key-rival'))
			.attr('x', (index) => columnEnd(index) - 16)
			.attr('y', (index) => (index === 0 ? 5 : 7))
			.attr('width', 16)
			.attr('height', (index) => (index === 0 ? chosenHeight : rivalHeight));

		const drawn = [...found.rows];
		rows
			.selectAll<SVGGElement, WaterfallRow>('g.row')
			.data(drawn)
			.join((enter) => {
				const group = enter.append('g').attr('class', 'row').attr('role', 'listitem').attr('tabindex', -1);
				group.append('rect').attr('class', 'hit');
				group.append('rect').attr('class', 'mark');
				group.append('text').attr('class', 'name');
				group.append('rect').attr('class', 'bar chosen');
				group.append('rect').attr('class', 'bar rival');
				group.append('text').attr('class', 'value chosen').attr('text-anchor', 'end');
				group.append('text').attr('class', 'value rival').attr('text-anchor', 'end');
				return group;
			})
			.attr('transform', (_, index) => `translate(0,${headHeight + index * rowHeight})`)
			.attr('aria-label', (row) => rowText(row, names))
			.classed('off', ({ on }) => !on)
			.on('pointerenter focus', (_, row) => report(row))
			.on('pointerleave blur', () => report(undefined))
			.each(function (row) {
				const group = select(this);
				const color =
					row.branch === undefined ? 'var(--bias-color)' : `var(--rate-${names.places[row.branch] ?? row.branch})`;
				group.select('.hit').attr('width', width).attr('height', rowHeight);
				group.select('.mark').attr('x', 0).attr('y', 8).attr('width', 8).attr('height', 8).style('fill', color);
				group.select('.name').attr('x', 14).attr('y', 16).text(rowName(row, names));
				const place = (name: string, step: Step | undefined, top: number, barHeight: number) =>
					group
						.select(name)
						.attr('display', step && row.on ? null : 'none')
						.attr('x', step ? x(Math.min(step.from, step.to)) : 0)
						.attr('width', step ? Math.max(1, Math.abs(x(step.to) - x(step.from))) : 0)
						.attr('y', top)
						.attr('height', barHeight)
						.style('fill', name.endsWith('rival') ? `color-mix(in srgb, ${color} 35%, transparent)` : color)
						.style('stroke', color);
				place('.bar.chosen', row.chosen, chosenTop, chosenHeight);
				place('.bar.rival', row.rival, rivalTop, rivalHeight);
				group
					.select('.value.chosen')
					.attr('x', columnEnd(0))
					.attr('y', 16)
					.text(row.on ? formatSigned(row.chosen.value) : l10n.t('off'));
				group
					.select('.value.rival')
					.attr('x', columnEnd(1))
					.attr('y', 16)
					.text(row.rival && row.on ? formatSigned(row.rival.value) : '');
			});
		stops.refresh();

		const links = drawn.flatMap((row, index) =>
			(['chosen', 'rival'] as const).flatMap((kind) => {
				const step = row[kind];
				const top = kind === 'chosen' ? chosenTop : rivalTop;
				const y = headHeight + index * rowHeight + top;
				return step
					? [{ kind, at: x(step.to), from: y, to: y + rowHeight + (index === drawn.length - 1 ? 2 : 0) }]
					: [];
			}),
		);
		front
			.selectAll<SVGLineElement, (typeof links)[number]>('line.link')
			.data(links)
			.join('line')
			.attr('class', ({ kind }) => `link ${kind}`)
			.attr('x1', ({ at }) => at)
			.attr('x2', ({ at }) => at)
			.attr('y1', ({ from, kind }) => from + (kind === 'chosen' ? chosenHeight : rivalHeight))
			.attr('y2', ({ to }) => to);

		const totalTop = headHeight + drawn.length * rowHeight;
		const totals: readonly End[] = [
			{ kind: 'chosen', value: found.chosen },
			...(found.rival === undefined ? [] : [{ kind: 'rival' as const, value: found.rival }]),
		];
		front
			.selectAll<SVGTextElement, string>('text.total-name')
			.data([l10n.t('logit')])
			.join('text')
			.attr('class', 'total-name')
			.attr('x', 0)
			.attr('y', totalTop + 16)
			.text((text) => text);
		front
			.selectAll<SVGRectElement, End>('rect.end')
			.data(totals)
			.join('rect')
			.attr('class', ({ kind }) => `end ${kind}`)
			.attr('x', ({ value }) => x(value) - 2)
			.attr('y', ({ kind }) => totalTop + (kind === 'chosen' ? chosenTop - 1 : rivalTop - 1))
			.attr('width', 4)
			.attr('height', ({ kind }) => (kind === 'chosen' ? chosenHeight + 2 : rivalHeight + 2));
		front
			.selectAll<SVGTextElement, End>('text.total')
			.data(totals)
			.join('text')
			.attr('class', ({ kind }) => `total ${kind}`)
			.attr('x', (_, index) => columnEnd(index))
			.attr('y', totalTop + 16)
			.attr('text-anchor', 'end')
			.text(({ value }) => formatSigned(value));
	};

	return {
		element,
		show(found, names) {
			shown = { found, names };
			draw();
		},
		resize(next) {
			if (next > 0 && next !== width) {
				width = next;
				draw();
			}
		},
		onRow: (callback) => {
			report = callback;
		},
	};
}

/** Zero has its number always; an end that lies too near to it gives way. @param distance from zero, in pixels */
function roomForTick(value: number, distance: number): boolean {
	return value === 0 || (value < 0 ? distance < -28 : distance > 56);
}

/** The unit stands at the end of the axis. */
function axisText(value: number, ends: readonly [number, number]): string {
	const text = value < 0 ? `−${formatNumber(-value)}` : formatNumber(value);
	return value === ends[1] ? l10n.t('{0} logit', text) : text;
}

function rowName({ branch }: WaterfallRow, { rates }: WaterfallNames): string {
	return branch === undefined ? l10n.t('bias') : l10n.t('rate {0}', rateName(rates, branch));
}

function rowText(row: WaterfallRow, names: WaterfallNames): string {
	const term = rowName(row, names);
	if (!row.on) {
		return l10n.t('{0}: off', term);
	}
	const chosen = `${names.chosen} ${formatSigned(row.chosen.value)}`;
	return row.rival
		? l10n.t('{0}: {1}, {2} {3} logit', term, chosen, names.rival, formatSigned(row.rival.value))
		: l10n.t('{0}: {1} logit', term, chosen);
}
