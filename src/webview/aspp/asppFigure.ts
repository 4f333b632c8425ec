/** The page as a figure: title, waterfall, scale and maps; and its numbers as CSV. */
import * as l10n from '@vscode/l10n';
import type { AsppMaps, AsppRunView } from '../../shared/protocol/aspp';
import { type CsvCell, csvBytes } from '../shared/csv';
import { type Figure, type FigurePart, type FigureText, wrapText } from '../shared/figure';
import { branchMap, sumMap } from './mapData';
import type { DrawnMaps } from './mapTiles';
import { waterfall } from './waterfallData';

const margin = 12;
const gap = 12;
const nameHeight = 20;
const lineHeight = 20;
/** Of the cross on the probe, in pixels of the figure. */
const crossSize = 24;

/** @param lines under the title: which classes, where, what decided */
export function asppFigure(
	title: string,
	lines: readonly string[],
	chart: SVGSVGElement | undefined,
	drawn: DrawnMaps | undefined,
): Figure {
	const parts: FigurePart[] = [];
	const texts: FigureText[] = [];
	const chartWidth = chart ? Number(chart.getAttribute('width')) : 0;
	const mapsWidth = drawn ? drawn.layout.columns * (drawn.layout.width + gap) - gap : 0;
	const inner = Math.max(chartWidth, mapsWidth, 240);
	let y = margin + 14;
	texts.push({ x: margin, y, text: title, bold: true });
	for (const text of lines.flatMap((line) => wrapText(line, inner))) {
		y += lineHeight;
		texts.push({ x: margin, y, text });
	}
	y += 12;
	if (chart) {
		const height = Number(chart.getAttribute('height'));
		parts.push({ x: margin, y, width: chartWidth, height, node: chart });
		y += height + gap;
	}
	if (drawn) {
		const { layout, maps, scaleBar, ends } = drawn;
		const [low, middle, high] = ends;
		parts.push({ x: margin, y, width: mapsWidth, height: 8, node: scaleBar });
		y += 22;
		texts.push({ x: margin, y, text: low });
		texts.push({ x: margin + mapsWidth / 2, y, text: middle, anchor: 'middle' });
		texts.push({ x: margin + mapsWidth, y, text: high, anchor: 'end' });
		y += gap;
		for (const [index, { canvas, name, value, on, probe }] of maps.entries()) {
			const column = index % layout.columns;
			const row = Math.floor(index / layout.columns);
			const left = margin + column * (layout.width + gap);
			const top = y + row * (layout.height + nameHeight + 8);
			texts.push({ x: left, y: top + 14, text: on ? name : l10n.t('{0} (off)', name) });
			texts.push({ x: left + layout.width, y: top + 14, text: value, anchor: 'end' });
			parts.push({ x: left, y: top + nameHeight, width: layout.width, height: layout.height, node: canvas });
			if (probe) {
				const at = { x: left + probe.x - crossSize / 2, y: top + nameHeight + probe.y - crossSize / 2 };
				parts.push({ ...at, width: crossSize, height: crossSize, node: probe.node });
			}
		}
		y += Math.ceil(maps.length / layout.columns) * (layout.height + nameHeight + 8);
	}
	return { width: inner + 2 * margin, height: y + margin, parts, texts };
}

/** The waterfall's terms, then every cell of every map: logits of the chosen class. */
export function asppCsv(
	view: AsppRunView,
	maps: AsppMaps | undefined,
	on: readonly boolean[],
	rates: readonly number[],
): Uint8Array {
	const { explanation, classes } = view;
	const name = (label: number) => classes[label]?.name ?? String(label);
	const rows: (readonly CsvCell[])[] = [];
	if (explanation) {
		const { chosen, runnerUp } = explanation;
		const data = waterfall(explanation, on);
		rows.push(
			['x', 'y', 'row', 'column'],
			[explanation.x, explanation.y, explanation.cell.row, explanation.cell.column],
		);
		rows.push([], ['term', 'rate', 'on', name(chosen.label), ...(runnerUp ? [name(runnerUp.label)] : [])]);
		for (const { branch, on: isOn, chosen: step, rival } of data.rows) {
			const term = branch === undefined ? 'bias' : `branch ${branch + 1}`;
			rows.push([
				term,
				branch === undefined ? undefined : rates[branch],
				isOn ? 1 : 0,
				step.value,
				...(rival ? [rival.value] : []),
			]);
		}
		rows.push(['logit', undefined, undefined, data.chosen, ...(data.rival === undefined ? [] : [data.rival])], []);
	}
	if (maps) {
		const sum = sumMap(maps, on);
		const planes = rates.map((_, branch) => branchMap(maps, branch));
		rows.push(['class', 'row', 'column', ...rates.map((rate, branch) => `branch ${branch + 1} rate ${rate}`), 'sum']);
		for (let cell = 0; cell < sum.length; cell++) {
			rows.push([
				name(maps.label),
				Math.floor(cell / maps.width),
				cell % maps.width,
				...planes.map((plane) => plane[cell]),
				sum[cell],
			]);
		}
	}
	return csvBytes(rows);
}
