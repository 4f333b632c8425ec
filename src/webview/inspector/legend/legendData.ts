/** The lines of the legend: the classes of the mask that is shown, and what it gave and took against the network's. */
import type { ClassChange } from '../../../core/crf/changes';
import type { InspectorLayer } from '../../../shared/protocol/crf';
import type { RunInfo } from '../../../shared/protocol/types';
import { isStrideLayer, maskOf } from '../toolbar/layerData';

export interface LegendLine {
	readonly label: number;
	/** Of the picture's area, 0…1, in the mask that is shown. */
	readonly share: number;
	/** Pixels of the picture; undefined without a mask to compare with. */
	readonly gained: number | undefined;
	readonly lost: number | undefined;
}

/**
 * One line a class, by area in the network's mask, then those that only the other one brought: the order stays while
 * the other changes.
 *
 * @param other the mask after the CRF, or that of some branches
 * @param mask the one whose shares are shown
 */
export function legendLines(
	info: RunInfo,
	other: { readonly changes: readonly ClassChange[] } | undefined,
	mask: 'before' | 'after',
): readonly LegendLine[] {
	const changes = new Map(other?.changes.map((change) => [change.label, change]));
	const area = info.geometry.pictureWidth * info.geometry.pictureHeight;
	const present = info.classes.map(({ label, share }): LegendLine => {
		const change = changes.get(label);
		return {
			label,
			share: other && mask === 'after' ? (change?.after ?? 0) / area : share,
			gained: other && (change?.gained ?? 0),
			lost: other && (change?.lost ?? 0),
		};
	});
	const known = new Set(info.classes.map(({ label }) => label));
	const added = [...changes.values()].filter(({ label }) => !known.has(label));
	return [
		...present,
		...added.map(({ label, before, after, gained, lost }) => ({
			label,
			share: (mask === 'after' ? after : before) / area,
			gained,
			lost,
		})),
	];
}

type Compared = { readonly changes: readonly ClassChange[] } | undefined;

/**
 * The lines for what is drawn.
 *
 * @param branches the mask of some branches
 * @param strides the second of two output strides against the first
 */
export function linesOfLayer(
	info: RunInfo,
	layer: InspectorLayer,
	crf: Compared,
	branches: Compared,
	strides?: Compared,
): readonly LegendLine[] {
	if (strides && isStrideLayer(layer)) {
		return legendLines(info, strides, 'after');
	}
	if (layer !== 'branches') {
		return legendLines(info, crf, maskOf(layer));
	}
	const lines = legendLines(info, branches, 'after');
	// Without a CRF the legend has no columns for changes: it keeps its width, and the picture its place.
	return crf ? lines : lines.map((line) => ({ ...line, gained: undefined, lost: undefined }));
}
