/** Class borders as lines between pixels, for zooms where a pixel is larger than a line. */

/** A part of a picture, in pixels; right and bottom are exclusive. */
export interface Region {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/**
 * Lines between pixels of different labels, neighbouring ones joined.
 *
 * @param labels one byte a pixel
 * @param edge by label: where both labels have 0 there is no line
 * @returns x0, y0, x1, y1 of each line, in pixel corners
 */
export function borderLines(
	labels: Uint8Array,
	width: number,
	height: number,
	edge: Uint8Array,
	region: Region,
): readonly number[] {
	const left = Math.max(0, region.left);
	const top = Math.max(0, region.top);
	const right = Math.min(width, region.right);
	const bottom = Math.min(height, region.bottom);
	const lines: number[] = [];
	const differs = (a: number, b: number) => a !== b && (edge[a]! > 0 || edge[b]! > 0);
	for (let y = top; y < Math.min(bottom, height - 1); y++) {
		let start = -1;
		for (let x = left; x <= right; x++) {
			const border = x < right && differs(labels[y * width + x]!, labels[(y + 1) * width + x]!);
			if (border && start < 0) {
				start = x;
			} else if (!border && start >= 0) {
				lines.push(start, y + 1, x, y + 1);
				start = -1;
			}
		}
	}
	// Row by row as well, for memory is read in rows; `starts` holds where each column's open line began.
	const starts = new Int32Array(Math.max(0, right - left)).fill(-1);
	for (let y = top; y <= bottom; y++) {
		for (let x = left; x < Math.min(right, width - 1); x++) {
			const border = y < bottom && differs(labels[y * width + x]!, labels[y * width + x + 1]!);
			const start = starts[x - left]!;
			if (border && start < 0) {
				starts[x - left] = y;
			} else if (!border && start >= 0) {
				lines.push(x + 1, start, x + 1, y);
				starts[x - left] = -1;
			}
		}
	}
	return lines;
}
