/** What is said of a pixel. */
import { topClassesAt } from '../../../core/segmentation/probabilities';
import type { InspectorBranches } from '../../../shared/protocol/aspp';
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import type { ClassInfo, FeatureMap, Geometry } from '../../../shared/protocol/types';
import { formatProbability } from '../../shared/format';

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

/**
 * What is read out of the network's mask, or of that of some branches: of one whose logits have not followed yet the
 * class alone.
 */
export function readingOf(run: InspectorRun, branches: InspectorBranches | undefined, pixel: Probe): ReadoutData {
	const { geometry, model } = run.info;
	if (!branches || branches.logits) {
		return readoutData(branches?.logits ?? run.logits, geometry, model.classes, pixel);
	}
	const column = Math.min(Math.floor(pixel.x / run.displayStep), run.displayWidth - 1);
	const row = Math.min(Math.floor(pixel.y / run.displayStep), run.displayHeight - 1);
	const label = branches.labels[row * run.displayWidth + column]!;
	return {
		x: pixel.x,
		y: pixel.y,
		best: { ...named(model.classes, label), probability: '…', logit: '…' },
		runnerUp: undefined,
	};
}

/** The two most probable classes at a picture pixel. */
export function readoutData(
	logits: FeatureMap,
	geometry: Geometry,
	classes: readonly ClassInfo[],
	pixel: Probe,
): ReadoutData {
	const [best, runnerUp] = topClassesAt(logits, geometry, pixel.x, pixel.y, 2).map(({ label, probability, logit }) => ({
		...named(classes, label),
		probability: formatProbability(probability),
		logit: logit.toFixed(2),
	}));
	return { x: pixel.x, y: pixel.y, best, runnerUp };
}

function named(classes: readonly ClassInfo[], label: number): Pick<ReadoutClass, 'label' | 'name' | 'color'> {
	const known = classes[label];
	return { label, name: known?.name ?? String(label), color: known?.color ?? [128, 128, 128] };
}
