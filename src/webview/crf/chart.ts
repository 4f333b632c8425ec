/** Draws the chart over the iterations: pixels that changed as bars, entropy and divergence as lines, each with its axis. */
import * as l10n from '@vscode/l10n';
import { line, type ScaleLinear, scaleLinear, select } from 'd3';
import type { CrfStepFigures } from '../../shared/protocol/crf';
import { formatCount, formatNats, formatNumber, formatShare } from '../shared/format';
import { type ChartKey, type ChartRow, chartRows, iterationTicks, nearestIteration } from './chartData';

export interface IterationChart {
	readonly element: SVGSVGElement;
	/**
	 * @param pixels of the CRF's grid
	 * @param current the iteration that is marked
	 */
	show(steps: readonly CrfStepFigures[], pixels: number, current: number): void;
	resize(width: number): void;
}

export interface IterationChartEvents {
	onChoose(iteration: number): void;
	/** The iteration under the pointer. */
	onPoint(iteration: number | undefined): void;
}

/** Left of the first iteration there is room for the numbers of the axes; the scrubber above keeps to the same. */
export const plotLeft = 60;
export const plotRight = 12;
const titleHeight = 20;
const plotHeight = 36;
const rowHeight = titleHeight + plotHeight + 8;
const axisHeight = 36;

export function createIterationChart(events: IterationChartEvents): IterationChart {
	const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
		.attr('class', 'chart')
		.attr('aria-hidden', 'true');
	const element = svg.node()!;
	let steps: readonly CrfStepFigures[] = [];
	let pixels = 1;
	let current = 0;
	let pointed: number | undefined;
	let width = 276;

	const last = () => Math.max(0, steps.length - 1);
	const xScale = () => scaleLinear([0, Math.max(1, last())], [plotLeft, width - plotRight]);
	const iterationAt = (event: PointerEvent) =>
		nearestIteration(event.clientX - element.getBoundingClientRect().left, plotLeft, width - plotRight, last());
	const point = (iteration: number | undefined) => {
		if (iteration !== pointed) {
			pointed = iteration;
			events.onPoint(iteration);
			draw();
		}
	};
	element.addEventListener('pointerdown', (event) => {
		if (event.button === 0 && steps.length > 0) {
			element.setPointerCapture(event.pointerId);
			events.onChoose(iterationAt(event));
		}
	});
	element.addEventListener('pointermove', (event) => {
		point(iterationAt(event));
		if (event.buttons === 1) {
			events.onChoose(iterationAt(event));
		}
	});
	element.addEventListener('pointerleave', () => point(undefined));

	const draw = () => {
		const rows = chartRows(steps);
		const height = rows.length * rowHeight + axisHeight;
		const x = xScale();
		const marked = pointed ?? current;
		svg.attr('width', width).attr('height', height).attr('viewBox', `0 0 ${width} ${height}`);
		svg
			.selectAll<SVGGElement, ChartRow>('g.row')
			.data(rows, (row) => row.key)
			.join((enter) => enter.append('g').attr('class', (row) => `row ${row.key}`))
			.attr('transform', (_, index) => `translate(0,${index * rowHeight})`)
			.each(function (row) {
				drawRow(this, row, x, marked);
			});
		drawAxis(x, rows.length * rowHeight);
	};

	const drawRow = (node: SVGGElement, row: ChartRow, x: ScaleLinear<number, number>, marked: number) => {
		const group = select(node);
		const y = scaleLinear([0, row.top], [titleHeight + plotHeight, titleHeight]);
		const end = width - plotRight;
		const text = (name: string, at: number, baseline: number, anchor: string, content: string) =>
			group
				.selectAll<SVGTextElement, string>(`text.${name}`)
				.data([content])
				.join('text')
				.attr('class', name)
				.attr('x', at)
				.attr('y', baseline)
				.attr('text-anchor', anchor)
				.text((entry) => entry);
		group
			.selectAll<SVGLineElement, number>('line.grid')
			.data([0, row.top])
			.join('line')
			.attr('class', (value) => (value === 0 ? 'grid zero' : 'grid'))
			.attr('x1', plotLeft - 4)
			.attr('x2', end)
			.attr('y1', y)
			.attr('y2', y);
		group
			.selectAll<SVGLineElement, number>('line.cursor')
			.data(pointed === undefined || pointed === current ? [current] : [current, pointed])
			.join('line')
			.attr('class', (_, index) => (index === 0 ? 'cursor current' : 'cursor'))
			.attr('x1', x)
			.attr('x2', x)
			.attr('y1', titleHeight)
			.attr('y2', titleHeight + plotHeight);
		text('title', 0, 12, 'start', rowTitle(row.key));
		text('value', width, 12, 'end', valueText(row.key, row.values[marked], pixels));
		text('top', plotLeft - 8, titleHeight + 8, 'end', axisText(row.key, row.top));
		text('bottom', plotLeft - 8, titleHeight + plotHeight + 4, 'end', '0');
		const points = row.values.flatMap((value, iteration) => (value === undefined ? [] : [{ iteration, value }]));
		if (row.key === 'changed') {
			const barWidth = Math.max(1, Math.min(16, ((end - plotLeft) / Math.max(1, last())) * 0.6));
			group
				.selectAll<SVGRectElement, (typeof points)[number]>('rect')
				.data(points)
				.join('rect')
				.attr('class', ({ iteration }) => (iteration === marked ? 'bar marked' : 'bar'))
				.attr('x', ({ iteration }) => x(iteration) - barWidth / 2)
				.attr('width', barWidth)
				.attr('y', ({ value }) => y(value))
				.attr('height', ({ value }) => y(0) - y(value));
			return;
		}
		const path = line<(typeof points)[number]>(
			({ iteration }) => x(iteration),
			({ value }) => y(value),
		);
		group.selectAll('path').data([points]).join('path').attr('class', 'line').attr('d', path);
		group
			.selectAll<SVGCircleElement, (typeof points)[number]>('circle')
			.data(points)
			.join('circle')
			.attr('class', ({ iteration }) => (iteration === marked ? 'dot marked' : 'dot'))
			.attr('cx', ({ iteration }) => x(iteration))
			.attr('cy', ({ value }) => y(value))
			.attr('r', ({ iteration }) => (iteration === marked ? 3.5 : 1.5));
	};

	const drawAxis = (x: ScaleLinear<number, number>, top: number) => {
		const ticks = steps.length === 0 ? [] : iterationTicks(last(), width - plotLeft - plotRight);
		svg
			.selectAll<SVGTextElement, number>('text.tick')
			.data(ticks)
			.join('text')
			.attr('class', 'tick')
			.attr('x', x)
			.attr('y', top + 8)
			.attr('text-anchor', 'middle')
			.text(String);
		svg
			.selectAll<SVGTextElement, string>('text.axis')
			.data([l10n.t('iteration')])
			.join('text')
			.attr('class', 'axis')
			.attr('x', (plotLeft + width - plotRight) / 2)
			.attr('y', top + 26)
			.attr('text-anchor', 'middle')
			.text((entry) => entry);
	};

	return {
		element,
		show(nextSteps, nextPixels, nextCurrent) {
			steps = nextSteps;
			pixels = Math.max(1, nextPixels);
			current = nextCurrent;
			if (pointed !== undefined && pointed > last()) {
				pointed = undefined;
			}
			draw();
		},
		resize(next) {
			if (next > 0 && next !== width) {
				width = next;
				draw();
			}
		},
	};
}

function rowTitle(key: ChartKey): string {
	switch (key) {
		case 'changed':
			return l10n.t('Pixels changed');
		case 'entropy':
			return l10n.t('Mean entropy');
		case 'divergence':
			return l10n.t('KL to the one before');
		default: {
			const unknown: never = key;
			throw new Error(`unknown row ${String(unknown)}`);
		}
	}
}

function axisText(key: ChartKey, value: number): string {
	return key === 'changed' ? l10n.t('{0} px', formatCount(value)) : l10n.t('{0} nats', formatNumber(value));
}

function valueText(key: ChartKey, value: number | undefined, pixels: number): string {
	if (value === undefined) {
		return '–';
	}
	return key === 'changed'
		? l10n.t('{0} px, {1}', value === 0 ? '0' : formatCount(value), formatShare(value / pixels))
		: formatNats(value);
}
