import type { DecodedPixels } from './pixels';

/**
 * Turns and mirrors stored pixels as their EXIF orientation asks, so that row 0 is the top of what was seen.
 * Returns the same bytes for orientation 1.
 */
export function orient({ width, height, rgb, orientation }: DecodedPixels): {
	width: number;
	height: number;
	rgb: Uint8Array;
} {
	if (orientation === 1) {
		return { width, height, rgb };
	}
	const swapped = orientation >= 5;
	const newWidth = swapped ? height : width;
	const newHeight = swapped ? width : height;
	const { start, right, down } = walk(orientation, width, height);
	const turned = new Uint8Array(rgb.length);
	for (let y = 0, to = 0; y < newHeight; y++) {
		let from = (start + y * down) * 3;
		for (let x = 0; x < newWidth; x++, to += 3, from += right * 3) {
			turned[to] = rgb[from]!;
			turned[to + 1] = rgb[from + 1]!;
			turned[to + 2] = rgb[from + 2]!;
		}
	}
	return { width: newWidth, height: newHeight, rgb: turned };
}

/** Which stored pixel is the seen picture's first, and how far it is from there to the right and down. */
function walk(orientation: number, width: number, height: number): { start: number; right: number; down: number } {
	const lastColumn = width - 1;
	const lastRow = (height - 1) * width;
	switch (orientation) {
		case 2:
			return { start: lastColumn, right: -1, down: width };
		case 3:
			return { start: lastRow + lastColumn, right: -1, down: -width };
		case 4:
			return { start: lastRow, right: 1, down: -width };
		case 5:
			return { start: 0, right: width, down: 1 };
		case 6:
			return { start: lastRow, right: -width, down: 1 };
		case 7:
			return { start: lastRow + lastColumn, right: -width, down: -1 };
		case 8:
			return { start: lastColumn, right: width, down: -1 };
		default:
			return { start: 0, right: 1, down: width };
	}
}
