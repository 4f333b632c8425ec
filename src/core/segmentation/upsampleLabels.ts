import type { FeatureMap, Geometry } from '../run';
import { type AxisGeometry, gridPosition, horizontalAxis, verticalAxis } from './gridAxis';

/**
 * The mask: for every picture pixel the class with the largest bilinearly interpolated logit; of equal ones the
 * lowest label, as PyTorch's argmax.
 *
 * Exact, but quick: inside a grid cell every interpolated value is a convex combination of four corners, so a class
 * whose largest corner is below another's smallest cannot win anywhere in it. Most cells have one candidate left
 * and are filled; the others interpolate the candidates only.
 *
 * @param logits classes x gridHeight x gridWidth, at most 256 classes
 * @returns pictureHeight x pictureWidth labels
 */
export function upsampleLabels(logits: FeatureMap, geometry: Geometry): Uint8Array {
	const { pictureWidth, pictureHeight } = geometry;
	const labels = new Uint8Array(pictureWidth * pictureHeight);
	const columns = positions(horizontalAxis(geometry));
	const rows = positions(verticalAxis(geometry));
	const candidates = new CellCandidates(logits);
	for (const rowSpan of rows.spans) {
		for (const columnSpan of columns.spans) {
			const count = candidates.find(rowSpan.cell, columnSpan.cell);
			if (count <= 1) {
				const label = count === 1 ? candidates.label[0]! : 0;
				for (let y = rowSpan.start; y < rowSpan.end; y++) {
					labels.fill(label, y * pictureWidth + columnSpan.start, y * pictureWidth + columnSpan.end);
				}
				continue;
			}
			for (let y = rowSpan.start; y < rowSpan.end; y++) {
				candidates.enterRow(rows.fractions[y]!);
				const line = y * pictureWidth;
				for (let x = columnSpan.start; x < columnSpan.end; x++) {
					labels[line + x] = candidates.winner(columns.fractions[x]!);
				}
			}
		}
	}
	return labels;
}

/** Picture pixels `start` … `end - 1`, all in one grid cell. */
interface Span {
	readonly cell: number;
	readonly start: number;
	readonly end: number;
}

function positions(axis: AxisGeometry): { readonly spans: readonly Span[]; readonly fractions: Float64Array } {
	const spans: Span[] = [];
	const fractions = new Float64Array(axis.picture);
	let start = 0;
	let current = -1;
	for (let pixel = 0; pixel < axis.picture; pixel++) {
		const { cell, fraction } = gridPosition(axis, pixel);
		fractions[pixel] = fraction;
		if (cell !== current) {
			if (pixel > start) {
				spans.push({ cell: current, start, end: pixel });
			}
			start = pixel;
			current = cell;
		}
	}
	if (axis.picture > start) {
		spans.push({ cell: current, start, end: axis.picture });
	}
	return { spans, fractions };
}

/** The classes that can win in one grid cell, and their corners; reused for every cell. */
class CellCandidates {
	/** Labels of the candidates, ascending. */
	readonly label: Uint8Array;
	private count = 0;
	private readonly corners: Float64Array;
	/** Left and right edge of the cell at the row entered. */
	private readonly edges: Float64Array;

	constructor(private readonly logits: FeatureMap) {
		this.label = new Uint8Array(logits.channels);
		this.corners = new Float64Array(logits.channels * 4);
		this.edges = new Float64Array(logits.channels * 2);
	}

	/** @returns how many classes can win in the cell whose upper left corner is grid row `y`, column `x`. */
	find(y: number, x: number): number {
		const { channels, height, width, data } = this.logits;
		const right = x + 1 < width ? 1 : 0;
		const below = y + 1 < height ? width : 0;
		const plane = height * width;
		const first = y * width + x;
		let floor = Number.NEGATIVE_INFINITY;
		for (let c = 0, at = first; c < channels; c++, at += plane) {
			const smallest = Math.min(data[at]!, data[at + right]!, data[at + below]!, data[at + below + right]!);
			if (smallest > floor) {
				floor = smallest;
			}
		}
		let count = 0;
		for (let c = 0, at = first; c < channels; c++, at += plane) {
			const a = data[at]!;
			const b = data[at + right]!;
			const d = data[at + below]!;
			const e = data[at + below + right]!;
			if (a >= floor || b >= floor || d >= floor || e >= floor) {
				this.label[count] = c;
				const to = count * 4;
				this.corners[to] = a;
				this.corners[to + 1] = b;
				this.corners[to + 2] = d;
				this.corners[to + 3] = e;
				count++;
			}
		}
		this.count = count;
		return count;
	}

	/** @param fraction the row's position in the cell, 0…1 */
	enterRow(fraction: number): void {
		const { corners, edges, count } = this;
		const upper = 1 - fraction;
		for (let i = 0; i < count; i++) {
			edges[i * 2] = upper * corners[i * 4]! + fraction * corners[i * 4 + 2]!;
			edges[i * 2 + 1] = upper * corners[i * 4 + 1]! + fraction * corners[i * 4 + 3]!;
		}
	}

	/** @param fraction the column's position in the cell, 0…1 */
	winner(fraction: number): number {
		const { edges, count } = this;
		const left = 1 - fraction;
		let best = 0;
		let largest = left * edges[0]! + fraction * edges[1]!;
		for (let i = 1; i < count; i++) {
			const value = left * edges[i * 2]! + fraction * edges[i * 2 + 1]!;
			if (value > largest) {
				largest = value;
				best = i;
			}
		}
		return this.label[best]!;
	}
}
