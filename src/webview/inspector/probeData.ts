/** Moves of the probe pixel, and what is said of a pixel. */
import { type AxisGeometry, gridPosition, horizontalAxis, verticalAxis } from '../../core/segmentation/gridAxis';
import { topClassesAt } from '../../core/segmentation/probabilities';
import type { Probe } from '../../shared/protocol/inspector';
import type { ClassInfo, FeatureMap, Geometry } from '../../shared/protocol/types';
import { formatProbability } from '../shared/format';

/**
 * The probe one cell of the logit grid (or one pixel) further, onto the cell's centre, within the picture.
 *
 * @param probe undefined starts in the picture's middle, without a move
 */
export function moveProbe(
	probe: Probe | undefined,
	geometry: Geometry,
	dx: number,
	dy: number,
	unit: 'cell' | 'pixel',
): Probe {
	const { pictureWidth, pictureHeight } = geometry;
	if (!probe) {
		return { x: Math.floor(pictureWidth / 2), y: Math.floor(pictureHeight / 2) };
	}
	if (unit === 'pixel') {
		return { x: clamp(probe.x + dx, pictureWidth), y: clamp(probe.y + dy, pictureHeight) };
	}
	return {
		x: dx === 0 ? probe.x : cellStep(horizontalAxis(geometry), probe.x, dx),
		y: dy === 0 ? probe.y : cellStep(verticalAxis(geometry), probe.y, dy),
	};
}

function cellStep(axis: AxisGeometry, pixel: number, step: number): number {
	const last = axis.grid - 1;
	const cellLength = axis.alignCorners ? (last > 0 ? (axis.input - 1) / last : axis.input) : axis.input / axis.grid;
	const { cell, fraction } = gridPosition(axis, pixel);
	const position = cell + fraction;
	// A pixel counts as a cell's centre where no pixel is nearer to it.
	const tolerance = (0.5 * axis.resized) / (axis.picture * cellLength) + 1e-6;
	const target = step > 0 ? Math.floor(position + tolerance) + step : Math.ceil(position - tolerance) + step;
	const inInput = axis.alignCorners ? target * cellLength : (target + 0.5) * cellLength - 0.5;
	return clamp(Math.round(((inInput + 0.5) * axis.picture) / axis.resized - 0.5), axis.picture);
}

function clamp(value: number, size: number): number {
	return Math.min(Math.max(value, 0), size - 1);
}

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
