/** What the last result says, and whether it still stands for the sliders. */
import type { CrfRunView, CrfSettings, CrfStepFigures } from '../../shared/protocol/crf';
import { sameSettings } from './settingsData';

/** Why a result is not that of the sliders: a new one is on its way, failed, or was given up. */
export type Staleness = 'running' | 'failed' | 'stopped';

/** @param found the result's settings @param settings as the sliders stand @returns undefined while the result is theirs */
export function staleness(
	found: CrfSettings,
	settings: CrfSettings,
	activity: CrfRunView['activity'],
): Staleness | undefined {
	if (sameSettings(found, settings)) {
		return undefined;
	}
	switch (activity.kind) {
		case 'idle':
			return 'stopped';
		case 'pending':
			return 'running';
		default:
			return activity.kind;
	}
}

/** Under this share of changed pixels a mask counts as settled. */
export const settledShare = 1e-4;

export type Settling =
	| { readonly kind: 'settled'; readonly iteration: number }
	| { readonly kind: 'moving'; readonly share: number }
	| { readonly kind: 'none' };

/**
 * From which iteration on fewer pixels change than count.
 *
 * @param pixels of the CRF's grid
 */
export function settling(steps: readonly CrfStepFigures[], pixels: number): Settling {
	const last = steps.at(-1);
	if (!last || steps.length < 2) {
		return { kind: 'none' };
	}
	const moving = steps.findLastIndex(
		({ iteration, changedPixels }) => iteration > 0 && changedPixels / pixels >= settledShare,
	);
	return moving === steps.length - 1
		? { kind: 'moving', share: last.changedPixels / pixels }
		: { kind: 'settled', iteration: steps[Math.max(moving, 0) + 1]!.iteration };
}
