/** A picture and its labels at a size that a page can hold. */
export interface DisplayRaster {
	/** Picture pixels a display pixel, in each direction. */
	readonly step: number;
	readonly width: number;
	readonly height: number;
	/** RGB, 3 bytes a pixel. */
	readonly rgb: Uint8Array;
	readonly labels: Uint8Array;
}

export const displayPixelLimit = 16_000_000;

/** Smallest whole step with which a picture of this size has at most `limit` pixels. */
export function displayStepFor(width: number, height: number, limit = displayPixelLimit): number {
	let step = 1;
	while (Math.ceil(width / step) * Math.ceil(height / step) > limit) {
		step++;
	}
	return step;
}

/**
 * Reduces a picture by a whole step: colours are block means, a label is that of the block's middle pixel, since
 * labels have no mean. The last row and column of blocks may be cut by the picture's edge.
 *
 * Works in slices with a pause between them, so that the caller's thread stays free.
 *
 * @param rgb width * height * 3
 * @param labels width * height
 * @param pause lets the thread do something else
 * @returns the same arrays where `step` is 1
 */
export async function reduceRaster(
	rgb: Uint8Array,
	labels: Uint8Array,
	width: number,
	height: number,
	step: number,
	pause: () => Promise<void> = nextTurn,
): Promise<DisplayRaster> {
	if (step === 1) {
		return { step, width, height, rgb, labels };
	}
	const reducedWidth = Math.ceil(width / step);
	const reducedHeight = Math.ceil(height / step);
	const reducedRgb = new Uint8Array(reducedWidth * reducedHeight * 3);
	const reducedLabels = new Uint8Array(reducedWidth * reducedHeight);
	let since = performance.now();
	for (let y = 0; y < reducedHeight; y++) {
		const top = y * step;
		const bottom = Math.min(height, top + step);
		const middleRow = Math.min(height - 1, top + (step >> 1)) * width;
		for (let x = 0; x < reducedWidth; x++) {
			const left = x * step;
			const right = Math.min(width, left + step);
			let red = 0;
			let green = 0;
			let blue = 0;
			for (let row = top; row < bottom; row++) {
				for (let i = (row * width + left) * 3, end = (row * width + right) * 3; i < end; i += 3) {
					red += rgb[i]!;
					green += rgb[i + 1]!;
					blue += rgb[i + 2]!;
				}
			}
			const count = (bottom - top) * (right - left);
			const to = y * reducedWidth + x;
			reducedRgb[to * 3] = Math.round(red / count);
			reducedRgb[to * 3 + 1] = Math.round(green / count);
			reducedRgb[to * 3 + 2] = Math.round(blue / count);
			reducedLabels[to] = labels[middleRow + Math.min(width - 1, left + (step >> 1))]!;
		}
		if (performance.now() - since > 8) {
			await pause();
			since = performance.now();
		}
	}
	return { step, width: reducedWidth, height: reducedHeight, rgb: reducedRgb, labels: reducedLabels };
}

/** Ends when everything that waits for this thread has had its turn. */
export function nextTurn(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}
