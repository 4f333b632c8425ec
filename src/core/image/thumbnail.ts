import { resizeRgb } from './resize';

/**
 * A small picture with its mask over it.
 *
 * Black classes (VOC's background) and labels without a colour leave the picture as it is.
 * @param rgb `height x width x 3`
 * @param labels one a pixel
 * @param size longest side in pixels; smaller pictures stay as small as they are
 * @param opacity of the mask, 0…1
 */
export function maskThumbnail(
	rgb: Uint8Array,
	labels: Uint8Array,
	width: number,
	height: number,
	colors: readonly (readonly [red: number, green: number, blue: number])[],
	size = 96,
	opacity = 0.6,
): { width: number; height: number; rgb: Uint8Array } {
	const scale = Math.min(1, size / Math.max(width, height));
	const newWidth = Math.max(1, Math.round(width * scale));
	const newHeight = Math.max(1, Math.round(height * scale));
	const small = resizeRgb(rgb, width, height, newWidth, newHeight).slice();
	for (let y = 0, to = 0; y < newHeight; y++) {
		const row = Math.floor(((y + 0.5) * height) / newHeight) * width;
		for (let x = 0; x < newWidth; x++, to += 3) {
			const color = colors[labels[row + Math.floor(((x + 0.5) * width) / newWidth)]!];
			if (color?.some((value) => value > 0)) {
				for (let i = 0; i < 3; i++) {
					small[to + i] = Math.round(small[to + i]! * (1 - opacity) + color[i]! * opacity);
				}
			}
		}
	}
	return { width: newWidth, height: newHeight, rgb: small };
}
