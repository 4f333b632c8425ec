/** Moves of the probe pixel. */
import { type AxisGeometry, gridPosition, horizontalAxis, verticalAxis } from '../../core/segmentation/gridAxis';
import type { Probe } from '../../shared/protocol/inspector';
import type { Geometry } from '../../shared/protocol/types';

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
