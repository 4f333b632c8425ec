/** What a cell could see, as rows of a table; its taps as marks on the feature grid. */
import type { AsppHead, CellView, ReceptiveFieldRunView, SeenArea } from '../../shared/protocol/aspp';
import type { Geometry } from '../../shared/protocol/types';

/** Taps of a kernel, row by row from the top left. */
export const tapsOfKernel = 9;
export const middleTap = 4;

export interface FieldRow {
	/** Index of the branch; undefined for the backbone alone. */
	readonly branch: number | undefined;
	/** In cells; undefined for the backbone. */
	readonly effectiveKernel: number | undefined;
	/** Height and width in input pixels; undefined where there is no fixed window. */
	readonly size: readonly [height: number, width: number] | undefined;
	/** Of the cell at the probe; undefined without one. */
	readonly seen: Pick<SeenArea, 'shareOfPicture' | 'outside'> | undefined;
}

/** The backbone alone first, then the branches in their order. */
export function fieldRows(head: AsppHead, rates: readonly number[], cell: CellView | undefined): readonly FieldRow[] {
	return [
		{ branch: undefined, effectiveKernel: undefined, size: head.features?.size, seen: cell?.backbone },
		...head.branches.map(({ rate: trained, receptiveField }, branch): FieldRow => {
			const rate = rates[branch] ?? trained;
			const size = receptiveField && head.features && receptiveField.size;
			// Each step of the rate moves the outer taps by one step of the feature grid, on either side.
			const wider = (side: 0 | 1) => 2 * (rate - trained) * (head.features?.stride[side] ?? 0);
			return {
				branch,
				effectiveKernel: 3 + 2 * (rate - 1),
				size: size && [size[0] + wider(0), size[1] + wider(1)],
				seen: cell?.branches[branch],
			};
		}),
	];
}

/** `491`, or `491×483` (height x width) where they differ; a dash where unknown. */
export function sizeText(size: readonly [height: number, width: number] | undefined): string {
	if (!size) {
		return '–';
	}
	return size[0] === size[1] ? String(size[0]) : `${size[0]}×${size[1]}`;
}

export interface TapMark {
	readonly branch: number;
	readonly tap: number;
	readonly row: number;
	readonly column: number;
	readonly padding: boolean;
	/** What it adds to the logit; undefined where the head is not linear, or later layers mix its branches. */
	readonly share: number | undefined;
}

/** Every tap of every branch; the widest first, so that nearer ones are drawn over them. */
export function tapMarks({ explanation }: Pick<ReceptiveFieldRunView, 'explanation'>): readonly TapMark[] {
	if (!explanation) {
		return [];
	}
	const { cell, chosen } = explanation;
	return cell.branches
		.map((view, branch) => ({ view, branch }))
		.sort((a, b) => b.view.rate - a.view.rate || b.branch - a.branch)
		.flatMap(({ view, branch }) =>
			view.taps.map(({ row, column, padding }, tap) => ({
				branch,
				tap,
				row,
				column,
				padding,
				share: chosen?.branches[branch]?.taps?.[tap],
			})),
		);
}

/** Largest |share| of a tap: the scale's end. */
export function largestShare(marks: readonly TapMark[]): number {
	return Math.max(0, ...marks.map(({ share }) => Math.abs(share ?? 0)));
}

/** A part of the feature grid and of the padding around it, in cells; right and bottom are exclusive. */
export interface GridPart {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** The whole grid, with the padding as far as taps reach into it, and a cell of margin. */
export function schematicPart(geometry: Geometry, marks: readonly TapMark[]): GridPart {
	const rows = marks.map(({ row }) => row);
	const columns = marks.map(({ column }) => column);
	return {
		left: Math.min(0, ...columns) - 1,
		top: Math.min(0, ...rows) - 1,
		right: Math.max(geometry.gridWidth, ...columns.map((column) => column + 1)) + 1,
		bottom: Math.max(geometry.gridHeight, ...rows.map((row) => row + 1)) + 1,
	};
}

/** The part of the grid that lies over the picture, without the input's padding, in cells. */
export function pictureCells({
	resizedWidth,
	resizedHeight,
	inputWidth,
	inputHeight,
	gridWidth,
	gridHeight,
}: Geometry): {
	readonly width: number;
	readonly height: number;
} {
	return { width: (resizedWidth / inputWidth) * gridWidth, height: (resizedHeight / inputHeight) * gridHeight };
}

/** The tap a key leads to within the 3x3 kernel; undefined for other keys and at its edges. */
export function steppedTap(tap: number, key: string): number | undefined {
	const [row, column] = [Math.floor(tap / 3), tap % 3];
	const step = new Map([
		['ArrowLeft', [row, column - 1]],
		['ArrowRight', [row, column + 1]],
		['ArrowUp', [row - 1, column]],
		['ArrowDown', [row + 1, column]],
		['Home', [0, 0]],
		['End', [2, 2]],
	]).get(key) as readonly [number, number] | undefined;
	return step && step[0] >= 0 && step[0] < 3 && step[1] >= 0 && step[1] < 3 ? step[0] * 3 + step[1] : undefined;
}
