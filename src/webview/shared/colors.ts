/**
 * Colours of data that are not the model's own.
 *
 * Dilation rates are ordered, so their branches share one hue (violet) and differ in lightness: the larger the
 * rate, the further from the background. Each step has a contrast of at least 3:1 to the background it is for.
 */

/** Red, green, blue, 0…255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** OKLCH of the smallest and of the largest rate. */
const rateRamps = {
	dark: { from: { lightness: 0.58, chroma: 0.19 }, to: { lightness: 0.9, chroma: 0.06 } },
	light: { from: { lightness: 0.65, chroma: 0.15 }, to: { lightness: 0.3, chroma: 0.15 } },
} as const;
const rateHue = 292;

/**
 * One colour a branch, from the smallest rate to the largest.
 *
 * @param count number of branches
 * @param background what the colours are drawn on
 */
export function rateColors(count: number, background: 'dark' | 'light'): readonly Rgb[] {
	const { from, to } = rateRamps[background];
	return Array.from({ length: count }, (_, index) => {
		const t = count < 2 ? 1 : index / (count - 1);
		return oklchToRgb(
			from.lightness + (to.lightness - from.lightness) * t,
			from.chroma + (to.chroma - from.chroma) * t,
			rateHue,
		);
	});
}

/** Matplotlib's viridis (CC0) at equal steps; straight lines between them are within 3 of 255 of it. */
const viridis: readonly Rgb[] = [
	[68, 1, 84],
	[72, 20, 103],
	[72, 37, 118],
	[70, 52, 128],
	[65, 68, 135],
	[59, 82, 139],
	[52, 96, 141],
	[47, 108, 142],
	[42, 120, 142],
	[37, 132, 142],
	[33, 145, 140],
	[30, 156, 137],
	[34, 168, 132],
	[47, 180, 124],
	[68, 191, 112],
	[92, 200, 99],
	[122, 209, 81],
	[155, 217, 60],
	[189, 223, 38],
	[221, 227, 24],
	[253, 231, 37],
];

/** The sequential scale of unsigned quantities, viridis: 0 is the dark end. @param t 0…1 */
export function sequentialColor(t: number): Rgb {
	const position = Math.min(1, Math.max(0, t)) * (viridis.length - 1);
	const index = Math.min(viridis.length - 2, Math.floor(position));
	const [from, to] = [viridis[index]!, viridis[index + 1]!];
	const between = (channel: 0 | 1 | 2) =>
		Math.round(from[channel] + (to[channel] - from[channel]) * (position - index));
	return [between(0), between(1), between(2)];
}

/** Ties fade out below a tenth of the largest: most pixels have none, and the picture is to show there. */
export const clearTies = 26;

/**
 * The sequential scale as canvas pixels, one for each of the 256 values of a byte map.
 *
 * @param clear so many of the lowest values fade out towards zero, so that zero shows what is below
 */
export function sequentialPixels(clear = 0): Uint32Array {
	return Uint32Array.from({ length: 256 }, (_, value) =>
		pixelOf(sequentialColor(value / 255), value < clear ? Math.round((255 * value) / clear) : 255),
	);
}

/** OKLCH of the signed scale's ends: the page's `--below-zero` and `--above-zero`. */
const signedEnds = {
	dark: { below: [0.7, 0.13, 250], above: [0.75, 0.14, 60] },
	light: { below: [0.5, 0.15, 250], above: [0.58, 0.15, 50] },
} as const;

/** Place of zero on a signed scale's {@link signedPixels}. */
export const signedZero = 255;

/**
 * The diverging scale of signed quantities as canvas pixels: 511 steps from below to above zero, with zero, which is
 * the neutral colour, in the middle. Straight lines in OKLab, so that equal steps look alike.
 *
 * @param neutral what zero disappears in: the editor's background
 */
export function signedPixels(neutral: Rgb, background: 'dark' | 'light'): Uint32Array {
	const zero = rgbToOklab(neutral);
	const { below, above } = signedEnds[background];
	return Uint32Array.from({ length: 2 * signedZero + 1 }, (_, step) => {
		const t = (step - signedZero) / signedZero;
		const [lightness, chroma, hue] = t < 0 ? below : above;
		const angle = (hue * Math.PI) / 180;
		const end: Lab = [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
		const mixed = zero.map((from, axis) => from + (end[axis]! - from) * Math.abs(t)) as unknown as Lab;
		return pixelOf(oklabToRgb(mixed), 255);
	});
}

/** Step of {@link signedPixels} for a value. @param scale end of the scale, symmetric about zero */
export function signedStep(value: number, scale: number): number {
	const t = scale > 0 ? value / scale : 0;
	return signedZero + Math.round(Math.min(1, Math.max(-1, t)) * signedZero);
}

/** The colour of a canvas pixel. */
export function colorOf(pixel: number): Rgb {
	return [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];
}

/** A pixel in little-endian canvas memory, alpha highest byte. @param alpha 0…255 */
export function pixelOf([red, green, blue]: Rgb, alpha: number): number {
	return ((alpha << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}

/** CSS colour. */
export function cssColor([red, green, blue]: Rgb): string {
	return `rgb(${red} ${green} ${blue})`;
}

/** Reads `#rgb`, `#rrggbb`, `rgb(…)` and `rgba(…)`, as theme tokens have it; undefined for anything else. */
export function parseColor(text: string): Rgb | undefined {
	const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{1,2})?$/i.exec(text.trim())?.[1];
	if (hex !== undefined) {
		const digits = hex.length === 3 ? [...hex].map((digit) => digit + digit) : (hex.match(/../g) ?? []);
		const [red = 0, green = 0, blue = 0] = digits.map((pair) => Number.parseInt(pair, 16));
		return [red, green, blue];
	}
	const numbers = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/.exec(text.trim());
	return numbers ? [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])] : undefined;
}

/**
 * OKLCH to sRGB, clipped to 0…255 a channel.
 *
 * Source: B. Ottosson, "A perceptual color space for image processing" (2020), the published matrices.
 *
 * @param hue in degrees
 */
export function oklchToRgb(lightness: number, chroma: number, hue: number): Rgb {
	const angle = (hue * Math.PI) / 180;
	return oklabToRgb([lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)]);
}

type Lab = readonly [lightness: number, a: number, b: number];

function oklabToRgb([lightness, a, b]: Lab): Rgb {
	const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
	return [
		encode(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
		encode(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
		encode(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
	];
}

function rgbToOklab(color: Rgb): Lab {
	const [red, green, blue] = [decode(color[0]), decode(color[1]), decode(color[2])];
	const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
	const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
	const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
	return [
		0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
		1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
		0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
	];
}

function encode(linear: number): number {
	const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
	return Math.round(Math.min(1, Math.max(0, value)) * 255);
}

function decode(value: number): number {
	const share = value / 255;
	return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
