import * as l10n from '@vscode/l10n';
import type { ExplainReport, ReportedBranch, ReportedField } from './explain.node';
import { type Column, formatTable } from './table';

/** A report for people: the place and the class, the shares of the logit, the receptive fields. */
export function explanationLines(report: ExplainReport): string[] {
	return [...headLines(report), '', ...shareTable(report), '', ...fieldTable(report.receptiveFields)];
}

function headLines({ image, cell, pixel, grid, class: chosen, winner, logit }: ExplainReport): string[] {
	const place = l10n.t(
		'row {0}, column {1} of the {2} x {3} logit grid',
		cell.row,
		cell.column,
		grid.height,
		grid.width,
	);
	return [
		pixel ? l10n.t('{0}  pixel {1}, {2}: {3}', image, pixel.x, pixel.y, place) : `${image}  ${place}`,
		chosen.label === winner.label
			? l10n.t('Class {0}, logit {1}, the largest here', chosen.name, decimals(logit))
			: l10n.t(
					'Class {0}, logit {1}; the largest here is {2}, {3}',
					chosen.name,
					decimals(logit),
					winner.name,
					decimals(winner.logit),
				),
	];
}

const tapTitles = ['↖', '↑', '↗', '←', '·', '→', '↙', '↓', '↘'];

/** A branch a line, and their sum. Taps in the padding add nothing and are marked. */
function shareTable({ branches, logit }: ExplainReport): string[] {
	const right = (title: string): Column => ({ title, align: 'right' });
	const taps = branches.some((branch) => branch.taps) ? tapTitles : [];
	const columns = [l10n.t('Rate'), ...(taps.length > 0 ? [l10n.t('Bias'), ...taps] : []), l10n.t('Share')].map(right);
	const padding = l10n.t('pad');
	const row = ({ rate, bias, taps: nine, share, padding: outside }: ReportedBranch) => [
		String(rate),
		...(taps.length > 0 ? [bias === null ? '' : decimals(bias)] : []),
		...taps.map((_, tap) => (outside[tap] ? padding : decimals(nine?.[tap] ?? 0))),
		decimals(share),
	];
	const blank = columns.slice(2).map(() => '');
	return formatTable(columns, [...branches.map(row), [l10n.t('Sum'), ...blank, decimals(logit)]]);
}

function fieldTable(fields: readonly ReportedField[]): string[] {
	const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
	return formatTable(
		[
			{ title: l10n.t('Rate'), align: 'right' },
			{ title: l10n.t('Receptive field'), align: 'right' },
			{ title: l10n.t('Box in the picture (left, top – right, bottom)'), align: 'left' },
			{ title: l10n.t('Of the picture'), align: 'right' },
			{ title: l10n.t('Outside'), align: 'right' },
		],
		fields.map(({ rate, size, box, shareOfPicture, outside }) => [
			String(rate),
			size.join('x'),
			`${pixels(box.left)}, ${pixels(box.top)} – ${pixels(box.right)}, ${pixels(box.bottom)}`,
			percent(shareOfPicture),
			percent(outside),
		]),
	);
}

function decimals(value: number): string {
	return value.toFixed(4);
}

function pixels(value: number): string {
	return String(Math.round(value));
}
