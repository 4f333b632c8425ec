import * as l10n from '@vscode/l10n';
import { cellView, nearestCell } from '../../core/aspp/cellView';
import { bestLabel, explainCell, logitsOfCell, type ShareSource } from '../../core/aspp/explain';
import type { AsppHead, BranchView, CellView, ClassExplanation, PictureBox } from '../../core/aspp/types';
import type { ClassInfo } from '../../core/model';
import { InspectorError } from '../../core/problem';
import type { Geometry } from '../../core/run';
import type { SegmentResult } from '../../shared/protocol/worker';
import type { InferenceClient } from '../../worker/client/client';
import type { ExplainCommand } from '../commandLine/commands';
import { readPicture } from '../platform/files.node';
import { inferenceClient, modelHandle } from '../platform/inference.node';
import type { Terminal } from '../terminal';
import { nearNames } from '../text/nearNames';
import { branchCell, mixedBranches, type ReportedMixedBranch } from './explainMixed.node';
import { explanationLines } from './explanationText';

/** What `--json` prints: why a class has its logit at a cell of the logit grid. */
export interface ExplainReport {
	readonly image: string;
	readonly cell: { readonly row: number; readonly column: number };
	/** The picture pixel that was asked for; absent where a cell was. */
	readonly pixel?: { readonly x: number; readonly y: number };
	readonly grid: { readonly width: number; readonly height: number };
	readonly class: { readonly label: number; readonly name: string };
	/** The class with the largest logit at this cell. */
	readonly winner: { readonly label: number; readonly name: string; readonly logit: number };
	/** Of the class; where branches have shares, their sum. */
	readonly logit: number;
	/** None where later layers mix the branches: then see `mixed`. */
	readonly branches: readonly ReportedBranch[];
	/** All that meets in a mixed head: it has no shares of a logit. */
	readonly mixed?: readonly ReportedMixedBranch[];
	readonly receptiveFields: readonly ReportedField[];
}

export interface ReportedBranch {
	readonly rate: number;
	/** Null where the head is not linear: then it is known as a whole alone, as are its taps. */
	readonly bias: number | null;
	/** Bias and taps. */
	readonly share: number;
	/** Nine, row by row from the top left. */
	readonly taps: readonly number[] | null;
	/** Whether a tap looks into the zero padding. */
	readonly padding: readonly boolean[];
}

export interface ReportedField {
	readonly rate: number;
	/** Height and width in pixels of the network's input. */
	readonly size: readonly [number, number];
	/** In picture pixels; `right` and `bottom` exclusive. */
	readonly box: PictureBox;
	/** Share of the picture inside the box, and of the box outside the picture, 0…1. */
	readonly shareOfPicture: number;
	readonly outside: number;
}

/**
 * Says why a class has its logit at one place of a picture.
 * @returns exit code
 * @throws InspectorError with the picture's or the model's problem, or `usage` for a place or class there is none of
 */
export async function explain(command: ExplainCommand, terminal: Terminal, signal: AbortSignal): Promise<number> {
	const client = inferenceClient(command.threads);
	try {
		const report = await explained(client, command, signal);
		for (const line of command.json ? [JSON.stringify(report, null, '\t')] : explanationLines(report)) {
			terminal.out(line);
		}
	} finally {
		await client.dispose();
	}
	return 0;
}

async function explained(
	client: InferenceClient,
	command: ExplainCommand,
	signal: AbortSignal,
): Promise<ExplainReport> {
	const { image, place } = command;
	const model = modelHandle(command.model);
	const bytes = await readPicture(image);
	const head = await client.readHead(model, { signal });
	const run = await client.segment(
		{ picture: { name: image, bytes }, model, longestSide: command.longestSide },
		{ signal },
	);
	const { geometry, model: metadata } = run.info;
	const { row, column } = cellOf(place, geometry, image);
	const logits = logitsOfCell(run.tensors.logits, row, column);
	const winner = bestLabel(logits)!;
	const label = command.className === undefined ? winner : labelOf(command.className, metadata.classes);
	const name = (of: number) => metadata.classes[of]!.name;
	const common = {
		image,
		cell: { row, column },
		...(place.kind === 'pixel' ? { pixel: { x: place.x, y: place.y } } : {}),
		grid: { width: geometry.gridWidth, height: geometry.gridHeight },
		class: { label, name: name(label) },
		winner: { label: winner, name: name(winner), logit: logits[winner]! },
	};
	if (head.mixing) {
		const at = branchCell(run, geometry, row, column);
		const rates = head.branches.map(({ rate }) => rate);
		const view = cellView(head, rates, at.grid, at.row, at.column);
		const mixed = await mixedBranches(client, model, head.mixing, run, { row, column, label, view }, signal);
		const receptiveFields = view.branches.map(reportedField);
		return { ...common, logit: logits[label]!, branches: [], mixed, receptiveFields };
	}
	const source = await shareSource(client, head, run, model, signal);
	const on = head.branches.map(() => true);
	const explanation = explainCell(source, { row, column, label, on });
	const view = cellView(head, source.rates, geometry, row, column);
	return {
		...common,
		logit: explanation.logit,
		branches: reportedBranches(explanation, view),
		receptiveFields: view.branches.map(reportedField),
	};
}

async function shareSource(
	client: InferenceClient,
	head: AsppHead,
	{ tensors }: SegmentResult,
	model: ReturnType<typeof modelHandle>,
	signal: AbortSignal,
): Promise<ShareSource> {
	const rates = head.branches.map(({ rate }) => rate);
	return head.linear
		? { kind: 'taps', taps: await client.tapMaps({ model, features: tensors.features }, { signal }), rates }
		: { kind: 'maps', maps: tensors.branches, rates };
}

function reportedBranches({ branches }: ClassExplanation, view: CellView): ReportedBranch[] {
	return branches.map(({ rate, bias, share, taps }, index) => ({
		rate,
		bias: taps ? bias : null,
		share,
		taps: taps ?? null,
		padding: view.branches[index]!.taps.map(({ padding }) => padding),
	}));
}

function reportedField({ rate, size, box, shareOfPicture, outside }: BranchView): ReportedField {
	return { rate, size, box, shareOfPicture, outside };
}

function cellOf(
	place: ExplainCommand['place'],
	geometry: Geometry,
	image: string,
): { readonly row: number; readonly column: number } {
	const { pictureWidth, pictureHeight, gridWidth, gridHeight } = geometry;
	switch (place.kind) {
		case 'pixel':
			if (place.x >= pictureWidth || place.y >= pictureHeight) {
				throw usage(
					l10n.t(
						'“{0}” has {1} x {2} pixels: --at takes X from 0 to {3} and Y from 0 to {4}.',
						image,
						pictureWidth,
						pictureHeight,
						pictureWidth - 1,
						pictureHeight - 1,
					),
				);
			}
			return nearestCell(geometry, place.x, place.y);
		case 'cell':
			if (place.row >= gridHeight || place.column >= gridWidth) {
				throw usage(
					l10n.t(
						'The logit grid of “{0}” has {1} rows and {2} columns: --cell takes ROW from 0 to {3} and COL from 0 to {4}.',
						image,
						gridHeight,
						gridWidth,
						gridHeight - 1,
						gridWidth - 1,
					),
				);
			}
			return place;
	}
}

/** The label of a class by its name or its index. */
function labelOf(typed: string, classes: readonly ClassInfo[]): number {
	const names = classes.map(({ name }) => name);
	const byName = names.findIndex((name) => name.toLowerCase() === typed.toLowerCase());
	if (byName >= 0) {
		return byName;
	}
	if (/^\d+$/.test(typed)) {
		if (Number(typed) < names.length) {
			return Number(typed);
		}
		throw usage(l10n.t('The model has the classes 0 to {0}; there is no class {1}.', names.length - 1, typed));
	}
	const near = nearNames(typed, names);
	throw usage(
		near.length > 0
			? l10n.t('There is no class “{0}”. Did you mean {1}?', typed, near.join(', '))
			: l10n.t('There is no class “{0}”. The model has {1}.', typed, names.join(', ')),
	);
}

function usage(detail: string): InspectorError {
	return new InspectorError({ code: 'usage', detail });
}
