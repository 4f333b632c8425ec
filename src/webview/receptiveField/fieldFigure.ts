/** The page as a figure, and its numbers as CSV. */
import * as l10n from '@vscode/l10n';
import type { ReceptiveFieldRunView } from '../../shared/protocol/aspp';
import { type CsvCell, csvBytes } from '../shared/csv';
import { type Figure, type FigurePart, type FigureText, wrapText } from '../shared/figure';
import { formatNumber, formatShare } from '../shared/format';
import { fieldRows, sizeText } from './fieldData';
import { branchText, paddingText } from './fieldText';

const margin = 12;
const lineHeight = 20;

/** The schematic over its scale, with a line a branch. */
export function fieldFigure(
	view: ReceptiveFieldRunView,
	schematic: SVGSVGElement | undefined,
	scale: { readonly bar: HTMLCanvasElement; readonly end: number } | undefined,
): Figure {
	const parts: FigurePart[] = [];
	const texts: FigureText[] = [];
	const drawnWidth = schematic ? Number(schematic.getAttribute('width')) : 0;
	const inner = Math.max(drawnWidth, 440);
	let y = margin;
	const line = (text: string, bold = false) => {
		for (const part of wrapText(text, inner)) {
			y += lineHeight;
			texts.push({ x: margin, y: y - 6, text: part, bold });
		}
	};
	const { explanation, classes, label, pictureName, head, rates } = view;
	line(`${pictureName} · ${classes[label]?.name ?? label}`, true);
	if (explanation && schematic) {
		line(
			l10n.t(
				'x {0}  y {1} · cell row {2}, column {3}',
				explanation.x,
				explanation.y,
				explanation.cell.row,
				explanation.cell.column,
			),
		);
		const height = Number(schematic.getAttribute('height'));
		parts.push({ x: margin + (inner - drawnWidth) / 2, y: y + 4, width: drawnWidth, height, node: schematic });
		y += height + 12;
		if (scale) {
			const end = formatNumber(scale.end);
			parts.push({ x: margin, y, width: inner, height: 8, node: scale.bar });
			y += 24;
			texts.push({ x: margin, y: y - 2, text: `−${end}` });
			texts.push({ x: margin + inner / 2, y: y - 2, text: '0', anchor: 'middle' });
			texts.push({ x: margin + inner, y: y - 2, text: `+${end} ${l10n.t('logit')}`, anchor: 'end' });
			y += 8;
		}
	}
	for (const { branch, size, seen } of fieldRows(head, rates, explanation?.cell)) {
		const name = branch === undefined ? l10n.t('backbone') : branchText(branch, rates);
		const padding = branch === undefined ? undefined : explanation?.cell.branches[branch]?.tapsInPadding;
		line(
			[
				`${name}: ${sizeText(size)} px`,
				seen && l10n.t('{0} of the picture, {1} outside', formatShare(seen.shareOfPicture), formatShare(seen.outside)),
				padding !== undefined && paddingText(padding),
			]
				.filter((text) => text)
				.join(' · '),
		);
	}
	// What was measured is the network as it was trained, wherever the sliders stand.
	const trained = head.branches.map(({ rate }) => rate);
	for (const { branch, over, radius50, radius90 } of view.measured) {
		const text = branchText(branch, trained, head.mixing !== undefined);
		const name = over === 'cell' ? text : `${text} (${l10n.t('object')})`;
		line(`${name}: r50 ${formatNumber(radius50)} px, r90 ${formatNumber(radius90)} px`);
	}
	return { width: inner + 2 * margin, height: y + margin, parts, texts };
}

export function fieldCsv(view: ReceptiveFieldRunView): Uint8Array {
	const { head, rates, explanation, measured, classes, label } = view;
	const rows: (readonly CsvCell[])[] = [
		['part', 'rate', 'effective kernel', 'height px', 'width px', 'share of picture', 'outside', 'taps in padding'],
	];
	for (const { branch, effectiveKernel, size, seen } of fieldRows(head, rates, explanation?.cell)) {
		rows.push([
			branch === undefined ? 'backbone' : `branch ${branch + 1}`,
			branch === undefined ? undefined : rates[branch],
			effectiveKernel,
			size?.[0],
			size?.[1],
			seen?.shareOfPicture,
			seen?.outside,
			branch === undefined ? undefined : explanation?.cell.branches[branch]?.tapsInPadding,
		]);
	}
	if (explanation) {
		rows.push(
			[],
			['branch', 'rate', 'tap', 'row', 'column', 'padding', 'x', 'y', `share of ${classes[label]?.name ?? label}`],
		);
		for (const [branch, { taps, rate }] of explanation.cell.branches.entries()) {
			for (const [tap, { row, column, padding, x, y }] of taps.entries()) {
				const share = explanation.chosen?.branches[branch]?.taps?.[tap];
				rows.push([branch + 1, rate, tap, row, column, padding ? 1 : 0, x, y, share]);
			}
		}
	}
	if (measured.length > 0) {
		rows.push([], ['measured', 'over', 'class', 'radius50 px', 'radius90 px', 'ratio', 'milliseconds']);
		for (const field of measured) {
			rows.push([
				field.branch === undefined ? (head.mixing ? 'logit' : 'sum') : `branch ${field.branch + 1}`,
				field.over,
				field.label === undefined ? undefined : (classes[field.label]?.name ?? field.label),
				field.radius50,
				field.radius90,
				field.ratio,
				field.milliseconds,
			]);
		}
	}
	return csvBytes(rows);
}
