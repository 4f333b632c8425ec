/** Where picture pixels lie between the cells of the logit grid, one axis at a time. */
import type { Geometry } from '../run';

export interface AxisGeometry {
	/** Sizes in pixels: the picture, the picture inside the network input, the padded input; the grid in cells. */
	readonly picture: number;
	readonly resized: number;
	readonly input: number;
	readonly grid: number;
	readonly alignCorners: boolean;
}

/** Linear interpolation between grid cells `cell` and `next` with weights `1 - fraction` and `fraction`. */
export interface GridPosition {
	readonly cell: number;
	readonly next: number;
	/** 0…1. */
	readonly fraction: number;
}

export function horizontalAxis(geometry: Geometry): AxisGeometry {
	return {
		picture: geometry.pictureWidth,
		resized: geometry.resizedWidth,
		input: geometry.inputWidth,
		grid: geometry.gridWidth,
		alignCorners: geometry.alignCorners,
	};
}

export function verticalAxis(geometry: Geometry): AxisGeometry {
	return {
		picture: geometry.pictureHeight,
		resized: geometry.resizedHeight,
		input: geometry.inputHeight,
		grid: geometry.gridHeight,
		alignCorners: geometry.alignCorners,
	};
}

/**
 * The grid position of picture pixel `pixel` (0 … picture - 1): its centre in the resized picture by the
 * half-pixel rule, clamped to it, then in the grid as the network's own upsampling has it.
 */
export function gridPosition(axis: AxisGeometry, pixel: number): GridPosition {
	const inInput = clamp(((pixel + 0.5) * axis.resized) / axis.picture - 0.5, axis.resized - 1);
	const last = axis.grid - 1;
	const position = axis.alignCorners
		? axis.input > 1
			? (inInput * last) / (axis.input - 1)
			: 0
		: ((inInput + 0.5) * axis.grid) / axis.input - 0.5;
	const clamped = clamp(position, last);
	// The last grid line belongs to the cell before it, so that every cell has both its neighbours.
	const cell = Math.min(Math.floor(clamped), Math.max(last - 1, 0));
	return { cell, next: Math.min(cell + 1, last), fraction: clamped - cell };
}

function clamp(value: number, last: number): number {
	return Math.min(Math.max(value, 0), last);
}
