/** What is said of a pixel. */
import { topClassesAt } from '../../core/segmentation/probabilities';
import type { Probe } from '../../shared/protocol/inspector';
import type { ClassInfo, FeatureMap, Geometry } from '../../shared/protocol/types';
import { formatProbability } from '../shared/format';

export interface ReadoutClass {
	readonly label: number;
	readonly name: string;
	readonly color: readonly [number, number, number];
	/** Two decimals. */
	readonly probability: string;
	/** Interpolated logit, two decimals. */
	readonly logit: string;
}

export interface ReadoutData {
	readonly x: number;
	readonly y: number;
	readonly best: ReadoutClass | undefined;
	readonly runnerUp: ReadoutClass | undefined;
}

/** The two most probable classes at a picture pixel. */
export function readoutData(
	logits: FeatureMap,
	geometry: Geometry,
	classes: readonly ClassInfo[],
	pixel: Probe,
): ReadoutData {
	const [best, runnerUp] = topClassesAt(logits, geometry, pixel.x, pixel.y, 2).map(({ label, probability, logit }) => ({
		label,
		name: classes[label]?.name ?? String(label),
		color: classes[label]?.color ?? ([128, 128, 128] as const),
		probability: formatProbability(probability),
		logit: logit.toFixed(2),
	}));
	return { x: pixel.x, y: pixel.y, best, runnerUp };
}
