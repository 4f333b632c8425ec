/** What a format's decoder hands over: pixels as stored, not yet turned by an EXIF orientation. */
export interface DecodedPixels {
	readonly width: number;
	readonly height: number;
	/** 3 bytes a pixel, row by row. */
	readonly rgb: Uint8Array;
	/** EXIF orientation 1…8 still to be applied. */
	readonly orientation: number;
}

/**
 * Drops the alpha of RGBA bytes by laying the picture over white.
 *
 * White, because the colour behind transparent pixels is arbitrary (often black, sometimes leftovers of an
 * editor), and cut-out pictures are made to be seen on a light page; a network shown the raw colour would
 * see what no viewer shows.
 */
export function overWhite(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
	const pixels = rgba.length >> 2;
	const rgb = new Uint8Array(pixels * 3);
	for (let pixel = 0, from = 0, to = 0; pixel < pixels; pixel++, from += 4, to += 3) {
		const alpha = rgba[from + 3]!;
		if (alpha === 255) {
			rgb[to] = rgba[from]!;
			rgb[to + 1] = rgba[from + 1]!;
			rgb[to + 2] = rgba[from + 2]!;
		} else {
			rgb[to] = blendWhite(rgba[from]!, alpha);
			rgb[to + 1] = blendWhite(rgba[from + 1]!, alpha);
			rgb[to + 2] = blendWhite(rgba[from + 2]!, alpha);
		}
	}
	return rgb;
}

/** One value 0…255 with alpha 0…255 over white, rounded to nearest. */
export function blendWhite(value: number, alpha: number): number {
	return ((value * alpha + 255 * (255 - alpha)) / 255 + 0.5) | 0;
}
