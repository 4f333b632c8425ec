/**
 * The PASCAL VOC palette: bit k of a label's three lowest bits goes to the highest free bit of red, green and
 * blue in turn. Source: VOCdevkit's `VOClabelcolormap`.
 *
 * @returns `count` sRGB colours, 0…255, one a label; label 0 is black.
 */
export function vocPalette(count: number): [red: number, green: number, blue: number][] {
	return Array.from({ length: count }, (_, label) => {
		const color: [number, number, number] = [0, 0, 0];
		for (let bit = 0, rest = label; rest > 0; bit++, rest >>= 3) {
			for (let channel = 0; channel < 3; channel++) {
				color[channel] = color[channel]! | (((rest >> channel) & 1) << (7 - bit));
			}
		}
		return color;
	});
}
