import { nearestCell, pixelOfCell } from '../../core/aspp/cellView';
import { gridOf } from '../../core/aspp/channelMaps';
import { bestLabel, logitsOfCell } from '../../core/aspp/explain';
import type { CellView, Mixing } from '../../core/aspp/types';
import { InspectorError } from '../../core/problem';
import type { FeatureMap, Geometry } from '../../core/run';
import { mixedBranchNames } from '../../shared/mixedBranchNames';
import type { SegmentResult } from '../../shared/protocol/worker';
import type { InferenceClient, ModelHandle } from '../../worker/client/client';

/** A branch of a head whose branches later layers mix. */
export interface ReportedMixedBranch {
	readonly name: string;
	readonly kind: Mixing['branches'][number]['kind'];
	readonly rate: number | null;
	/** L2 norm over its channels at the cell. */
	readonly norm: number;
	/** The channel of the largest magnitude there. */
	readonly strongest: { readonly channel: number; readonly value: number };
	/** The class's logit with this branch's map at zero, by the network's own later layers. */
	readonly logitWithout: number;
	/** Less the logit with all branches. These do not add up to it. */
	readonly change: number;
	/** The class with the largest logit then. */
	readonly winnerWithout: { readonly label: number; readonly name: string };
	/** Whether a tap of its kernel looks into the zero padding; null for a branch without a rate. */
	readonly padding: readonly boolean[] | null;
}

export interface MixedPlace {
	/** Of the logit grid. */
	readonly row: number;
	readonly column: number;
	readonly label: number;
	/** What the cell sees at each rate, in the order of the rates. */
	readonly view: CellView;
}

/** Geometry of the branches' grid, and the cell of it that lies at one of the logits' cells. */
export function branchCell(
	{ tensors }: SegmentResult,
	geometry: Geometry,
	row: number,
	column: number,
): { readonly grid: Geometry; readonly row: number; readonly column: number } {
	const grid = gridOf(tensors.features, geometry);
	const { x, y } = pixelOfCell(geometry, row, column);
	return { grid, ...nearestCell(grid, x, y) };
}

/**
 * Each branch at a cell, and the logit without it.
 * @throws InspectorError with the model's problem, `runtime.*`, or `cancelled`
 */
export async function mixedBranches(
	client: InferenceClient,
	model: ModelHandle,
	{ branches }: Mixing,
	run: SegmentResult,
	{ row, column, label, view }: MixedPlace,
	signal: AbortSignal,
): Promise<ReportedMixedBranch[]> {
	const { info, tensors } = run;
	const { geometry, model: metadata } = info;
	const picture = { rgb: tensors.rgb, geometry, preprocessing: metadata.preprocessing };
	const source = { model, features: tensors.features, picture };
	const others = await client.mixedMaps(source, { signal });
	const maps = branches.map(({ output }, branch) => {
		const kept = metadata.branches.findIndex((each) => each.output === output);
		const map = output === undefined ? others[branch] : tensors.branches[kept];
		if (!map) {
			throw new InspectorError({ code: 'internal', detail: `the map of branch ${branch} is missing` });
		}
		return map;
	});
	const without = await client.ablate(
		{ ...source, maps, on: maps.map((_, off) => maps.map((_, branch) => branch !== off)) },
		{ signal },
	);
	const names = mixedBranchNames(branches);
	const logit = logitsOfCell(tensors.logits, row, column)[label]!;
	const at = branchCell(run, geometry, row, column);
	return branches.map(({ kind, rate }, branch): ReportedMixedBranch => {
		const values = logitsOfCell(maps[branch]!, at.row, at.column);
		const strongest = strongestOf(maps[branch]!, values);
		const logits = logitsOfCell(without[branch]!, row, column);
		const winner = bestLabel(logits)!;
		const seen = rate === undefined ? undefined : view.branches.find((each) => each.rate === rate);
		return {
			name: names[branch]!,
			kind,
			rate: rate ?? null,
			norm: Math.hypot(...values),
			strongest,
			logitWithout: logits[label]!,
			change: logits[label]! - logit,
			winnerWithout: { label: winner, name: metadata.classes[winner]!.name },
			padding: seen ? seen.taps.map(({ padding }) => padding) : null,
		};
	});
}

function strongestOf({ channels }: FeatureMap, values: Float64Array): ReportedMixedBranch['strongest'] {
	let channel = 0;
	for (let other = 1; other < channels; other++) {
		channel = Math.abs(values[other]!) > Math.abs(values[channel]!) ? other : channel;
	}
	return { channel, value: values[channel]! };
}
