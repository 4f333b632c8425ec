/** What is said of a comparison of output strides. */
import * as l10n from '@vscode/l10n';
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import type { InspectorStrides, StridePair, StrideSide } from '../../../shared/protocol/strides';
import type { Geometry } from '../../../shared/protocol/types';
import { formatMilliseconds, formatShare, formatWhole } from '../../shared/format';

/** A line of the table; undefined where it is not known yet. */
export interface StrideRow {
	readonly stride: number;
	readonly grid: string | undefined;
	readonly rates: string | undefined;
	readonly time: string | undefined;
	/** What is to be known of its time. */
	readonly title: string | undefined;
}

export function strideRows({ pair, sides }: InspectorStrides): readonly StrideRow[] {
	return pair.map((stride, index) => {
		const side = sides[index];
		return {
			stride,
			grid: side && `${side.gridWidth} x ${side.gridHeight}`,
			rates: side && (side.rates.length === 0 ? '–' : side.rates.join(' ')),
			time: side && formatMilliseconds(side.milliseconds),
			title: side?.own ? l10n.t('The run’s own mask, and its time') : undefined,
		};
	});
}

/** How far the two masks differ; undefined until both are there. */
export function effectText({ effect }: InspectorStrides, geometry: Geometry): string | undefined {
	if (!effect) {
		return undefined;
	}
	const share = formatShare(effect.changedPixels / (geometry.pictureWidth * geometry.pictureHeight));
	return effect.changedPixels === 0
		? l10n.t('No pixel differs')
		: l10n.t('{0} pixels differ, {1} of the picture', formatWhole(effect.changedPixels), share);
}

/** Which rates had to be rounded, so that taps moved; undefined where none. */
export function roundingText(sides: readonly (StrideSide | undefined)[]): string | undefined {
	const texts = sides.flatMap((side) =>
		side && side.rounded.length > 0
			? [l10n.t('At {0}, rates {1} do not divide and are rounded.', side.stride, side.rounded.join(', '))]
			: [],
	);
	return texts.length === 0 ? undefined : texts.join(' ');
}

export interface StrideReading {
	readonly text: string;
	/** Label at the second stride. */
	readonly label: number;
}

/** What a pixel is at both strides. @param masks at the run's display size, in the order of the pair */
export function strideReading(
	run: InspectorRun,
	pair: StridePair,
	masks: readonly [Uint8Array, Uint8Array],
	{ x, y }: Probe,
): StrideReading | undefined {
	const column = Math.min(run.displayWidth - 1, Math.floor(x / run.displayStep));
	const row = Math.min(run.displayHeight - 1, Math.floor(y / run.displayStep));
	const [first, second] = masks.map((labels) => labels[row * run.displayWidth + column]);
	if (first === undefined || second === undefined) {
		return undefined;
	}
	const name = (label: number) => run.info.model.classes[label]?.name ?? String(label);
	const text =
		first === second
			? l10n.t('{0} at strides {1} and {2}', name(first), ...pair)
			: l10n.t('{0} at stride {1}, {2} at {3}', name(first), pair[0], name(second), pair[1]);
	return { text, label: second };
}
