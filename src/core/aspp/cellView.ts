/** Where a cell of the logit grid lies in the picture, and what it could see of it. */
import type { ReceptiveField } from '../model';
import { effectiveKernel } from '../onnx/window';
import type { Geometry } from '../run';
import { type AxisGeometry, gridPosition, horizontalAxis, verticalAxis } from '../segmentation/gridAxis';
import {
	type AsppHead,
	type BranchView,
	type CellView,
	type HeadBranch,
	type PictureBox,
	type SeenArea,
	type TapPosition,
	tapCount,
} from './types';

/**
 * What a grid cell could see: through the backbone alone, and through each branch at its rate. Positions are picture
 * coordinates: pixel i covers i … i + 1, so its middle is i + 0.5.
 *
 * The cell lies where the network's upsampling puts it, taps and boxes where the convolutions look. With align_corners
 * false the two grids drift apart, by at most half a cell at the edges.
 *
 * @param rates Dilation rates, one a branch; others than trained widen or narrow the branch's field.
 * @param row Of the logit grid, as is `column`.
 */
export function cellView(
	head: AsppHead,
	rates: readonly number[],
	geometry: Geometry,
	row: number,
	column: number,
): CellView {
	const seen = (field: ReceptiveField): SeenArea => areaOf(field, geometry, row, column);
	return {
		row,
		column,
		x: middleOfCell(horizontalAxis(geometry), column),
		y: middleOfCell(verticalAxis(geometry), row),
		backbone: head.features && seen(head.features),
		branches: head.branches.map((branch, index): BranchView => {
			const rate = rates[index]!;
			const taps = Array.from({ length: tapCount }, (_, tap) =>
				tapPosition(head, geometry, row + (Math.floor(tap / 3) - 1) * rate, column + ((tap % 3) - 1) * rate),
			);
			const field = fieldAtRate(branch, head.features, rate);
			return {
				...(field ? seen(field) : everything(geometry)),
				rate,
				effectiveKernel: effectiveKernel(3, rate),
				taps,
				tapsInPadding: taps.filter(({ padding }) => padding).length,
			};
		}),
	};
}

/** The cell of the logit grid that counts most at a picture pixel. */
export function nearestCell(geometry: Geometry, x: number, y: number): { row: number; column: number } {
	const nearest = (axis: AxisGeometry, pixel: number): number => {
		const { cell, next, fraction } = gridPosition(axis, pixel);
		return fraction < 0.5 ? cell : next;
	};
	return { row: nearest(verticalAxis(geometry), y), column: nearest(horizontalAxis(geometry), x) };
}

/** The picture pixel at the middle of a cell; for a cell beside the picture, the nearest one inside. */
export function pixelOfCell(geometry: Geometry, row: number, column: number): { x: number; y: number } {
	const pixel = (axis: AxisGeometry, cell: number) =>
		Math.min(Math.max(Math.floor(middleOfCell(axis, cell)), 0), axis.picture - 1);
	return { x: pixel(horizontalAxis(geometry), column), y: pixel(verticalAxis(geometry), row) };
}

/** Input coordinate (pixel i covers i … i + 1) of a cell's middle, as the network's upsampling has it. */
function inputOfCell({ input, grid, alignCorners }: AxisGeometry, cell: number): number {
	if (alignCorners) {
		return grid > 1 ? (cell * (input - 1)) / (grid - 1) + 0.5 : 0.5;
	}
	return ((cell + 0.5) * input) / grid;
}

/** Picture coordinate of the middle of a row or column of cells; it may lie beside the picture. */
export function middleOfCell(axis: AxisGeometry, cell: number): number {
	return inputOfCell(axis, cell) * scaleOf(axis);
}

/** Picture pixels an input pixel. The picture lies in the input's upper left corner. */
function scaleOf({ picture, resized }: AxisGeometry): number {
	return picture / resized;
}

function tapPosition(head: AsppHead, geometry: Geometry, row: number, column: number): TapPosition {
	const middle = (side: 0 | 1, axis: AxisGeometry, cell: number): number => {
		const field = head.features;
		return field
			? (field.offset[side] + field.stride[side] * cell + field.size[side] / 2) * scaleOf(axis)
			: middleOfCell(axis, cell);
	};
	return {
		row,
		column,
		padding: row < 0 || row >= geometry.gridHeight || column < 0 || column >= geometry.gridWidth,
		x: middle(1, horizontalAxis(geometry), column),
		y: middle(0, verticalAxis(geometry), row),
	};
}

/** The taps of a 3x3 kernel lie one rate to either side, each rate a step of the feature grid. */
function fieldAtRate(
	{ rate: trained, receptiveField }: HeadBranch,
	features: ReceptiveField | undefined,
	rate: number,
): ReceptiveField | undefined {
	if (!receptiveField || !features) {
		return undefined;
	}
	const { size, stride, offset } = receptiveField;
	const wider = (side: 0 | 1) => (rate - trained) * features.stride[side];
	return {
		size: [size[0] + 2 * wider(0), size[1] + 2 * wider(1)],
		stride,
		offset: [offset[0] - wider(0), offset[1] - wider(1)],
	};
}

function areaOf(field: ReceptiveField, geometry: Geometry, row: number, column: number): SeenArea {
	const across = scaleOf(horizontalAxis(geometry));
	const down = scaleOf(verticalAxis(geometry));
	const top = field.offset[0] + field.stride[0] * row;
	const left = field.offset[1] + field.stride[1] * column;
	const box = {
		left: left * across,
		top: top * down,
		right: (left + field.size[1]) * across,
		bottom: (top + field.size[0]) * down,
	};
	return { size: field.size, box, ...sharesOf(box, geometry) };
}

function sharesOf(
	{ left, top, right, bottom }: PictureBox,
	{ pictureWidth, pictureHeight }: Geometry,
): Pick<SeenArea, 'shareOfPicture' | 'outside'> {
	const width = Math.max(0, Math.min(right, pictureWidth) - Math.max(left, 0));
	const height = Math.max(0, Math.min(bottom, pictureHeight) - Math.max(top, 0));
	return {
		shareOfPicture: (width * height) / (pictureWidth * pictureHeight),
		outside: 1 - (width * height) / ((right - left) * (bottom - top)),
	};
}

/** Behind a layer without a fixed window, every pixel may count. */
function everything({ pictureWidth, pictureHeight, inputWidth, inputHeight }: Geometry): SeenArea {
	return {
		size: [inputHeight, inputWidth],
		box: { left: 0, top: 0, right: pictureWidth, bottom: pictureHeight },
		shareOfPicture: 1,
		outside: 0,
	};
}
