import * as l10n from '@vscode/l10n';
import { type Column, formatTable } from '../text/table';
import type { ExplainReport, ReportedBranch, ReportedField } from './explain.node';
import type { ReportedMixedBranch } from './explainMixed.node';

/** A report for people: the place and the class, the shares of the logit, the receptive fields. */
export function explanationLines(report: ExplainReport): string[] {
	const { mixed, receptiveFields } = report;
	const branches = mixed ? mixedLines(report, mixed) : shareTable(report);
	return [...headLines(report), '', ...branches, '', ...fieldTable(receptiveFields)];
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

/** What meets in a mixed head, a branch a line: no shares, but what the network says without each. */
function mixedLines({ winner }: ExplainReport, branches: readonly ReportedMixedBranch[]): string[] {
	return [
		l10n.t('Later layers mix the branches: none has a share of the logit.'),
		'',
		...formatTable(
			[
				{ title: l10n.t('Branch'), align: 'left' },
				{ title: l10n.t('Norm'), align: 'right' },
				{ title: l10n.t('Strongest channel'), align: 'right' },
				{ title: l10n.t('Taps in padding'), align: 'right' },
				{ title: l10n.t('Logit without it'), align: 'right' },
				{ title: l10n.t('Change'), align: 'right' },
				{ title: l10n.t('Largest then'), align: 'left' },
			],
			branches.map(({ name, norm, strongest, padding, logitWithout, change, winnerWithout }) => [
				name,
				decimals(norm),
				`${strongest.channel}: ${decimals(strongest.value)}`,
				padding ? String(padding.filter(Boolean).length) : '',
				decimals(logitWithout),
				`${change > 0 ? '+' : ''}${decimals(change)}`,
				winnerWithout.label === winner.label ? '' : winnerWithout.name,
			]),
		),
		'',
		l10n.t('Without a branch: its map at zero, the layers behind run again. The changes do not add up to the logit.'),
	];
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
