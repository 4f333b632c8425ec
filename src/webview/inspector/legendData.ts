/** The lines of the legend: the classes of the mask that is shown, and what the CRF gave and took. */
import type { InspectorCrf } from '../../shared/protocol/crf';
import type { RunInfo } from '../../shared/protocol/types';

export interface LegendLine {
	readonly label: number;
	/** Of the picture's area, 0…1, in the mask that is shown. */
	readonly share: number;
	/** Pixels of the picture; undefined without a CRF. */
	readonly gained: number | undefined;
	readonly lost: number | undefined;
}

/**
 * One line a class, by area before the CRF, then those that only it brought: the order stays while the iterations
 * pass.
 *
 * @param mask the one whose shares are shown
 */
export function legendLines(
	info: RunInfo,
	crf: InspectorCrf | undefined,
	mask: 'before' | 'after',
): readonly LegendLine[] {
	const changes = new Map(crf?.changes.map((change) => [change.label, change]));
	const area = info.geometry.pictureWidth * info.geometry.pictureHeight;
	const present = info.classes.map(({ label, share }): LegendLine => {
		const change = changes.get(label);
		return {
			label,
			share: change && mask === 'after' ? change.after / area : share,
			gained: crf && (change?.gained ?? 0),
			lost: crf && (change?.lost ?? 0),
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
