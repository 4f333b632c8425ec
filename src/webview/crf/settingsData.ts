/** The CRF's settings as sliders, typed numbers and presets see them. */
import { type CrfParameters, crfBounds } from '../../core/crf/parameters';
import type { CrfPresetItem, CrfResolution, CrfSettings } from '../../shared/protocol/crf';
import type { Geometry } from '../../shared/protocol/types';

/** The numbers that have a slider. */
export type NumberName = Exclude<keyof CrfParameters, 'normalization' | 'pruning'>;

/** The values a slider goes through: fine where settings are usually sought, coarse beyond. Typing reaches all others. */
export const sliderStops: Readonly<Record<NumberName, readonly number[]>> = {
	iterations: range(0, 30, 1),
	bilateralWeight: [...range(0, 10, 0.5), ...range(11, 20, 1)],
	bilateralSigmaXy: [...range(1, 100, 1), ...range(105, 300, 5)],
	bilateralSigmaRgb: [...range(0.5, 10, 0.5), ...range(11, 30, 1), ...range(35, 100, 5)],
	spatialWeight: [...range(0, 10, 0.5), ...range(11, 20, 1)],
	spatialSigma: [...range(0.5, 10, 0.5), ...range(11, 30, 1)],
};

/** What the DeepLab paper (arXiv 1606.00915, section 4.1) searched through. */
export const searchedRanges: Readonly<Partial<Record<NumberName, readonly [number, number]>>> = {
	bilateralWeight: [3, 6],
	bilateralSigmaXy: [30, 100],
	bilateralSigmaRgb: [3, 6],
};

function range(first: number, last: number, step: number): readonly number[] {
	return Array.from({ length: Math.round((last - first) / step) + 1 }, (_, index) => first + index * step);
}

/** Where a value lies among the stops: their index, or a fraction between two; the ends stand for all beyond. */
export function stopPosition(stops: readonly number[], value: number): number {
	const next = stops.findIndex((stop) => stop >= value);
	if (next <= 0) {
		return next === 0 ? 0 : stops.length - 1;
	}
	const [low, high] = [stops[next - 1]!, stops[next]!];
	return next - 1 + (value - low) / (high - low);
}

/** The stop at a slider's position. */
export function stopAt(stops: readonly number[], position: number): number {
	return stops[Math.min(stops.length - 1, Math.max(0, Math.round(position)))]!;
}

/** The stop that a key leads to from a value; undefined for keys that are not a slider's. */
export function steppedStop(stops: readonly number[], value: number, key: string): number | undefined {
	const at = stopPosition(stops, value);
	const up = Math.floor(at + 1e-9);
	const down = Math.ceil(at - 1e-9);
	const position = new Map([
		['ArrowRight', up + 1],
		['ArrowUp', up + 1],
		['ArrowLeft', down - 1],
		['ArrowDown', down - 1],
		['PageUp', up + 10],
		['PageDown', down - 10],
		['Home', 0],
		['End', stops.length - 1],
	]).get(key);
	return position === undefined ? undefined : stopAt(stops, position);
}

export type TypedNumber =
	| { readonly kind: 'value'; readonly value: number }
	| { readonly kind: 'noNumber' }
	| { readonly kind: 'notWhole' }
	| { readonly kind: 'outside'; readonly low: number; readonly high: number };

/** Reads what was typed for a number; a decimal comma is as good as a point. */
export function parseNumber(name: NumberName, text: string): TypedNumber {
	const trimmed = text.trim().replace(',', '.');
	const value = trimmed === '' ? Number.NaN : Number(trimmed);
	const [low, high] = crfBounds[name];
	if (!Number.isFinite(value)) {
		return { kind: 'noNumber' };
	}
	if (value < low || value > high) {
		return { kind: 'outside', low, high };
	}
	return name === 'iterations' && !Number.isInteger(value) ? { kind: 'notWhole' } : { kind: 'value', value };
}

/** The preset that has these parameters; pruning alone, which changes no label to speak of, does not make another one. */
export function matchPreset(presets: readonly CrfPresetItem[], parameters: CrfParameters): CrfPresetItem | undefined {
	return (
		presets.find((preset) => sameParameters(preset.parameters, parameters)) ??
		presets.find((preset) => sameParameters({ ...preset.parameters, pruning: parameters.pruning }, parameters))
	);
}

export function sameSettings(a: CrfSettings, b: CrfSettings): boolean {
	return a.resolution === b.resolution && sameParameters(a.parameters, b.parameters);
}

function sameParameters(a: CrfParameters, b: CrfParameters): boolean {
	return (Object.keys(a) as (keyof CrfParameters)[]).every((name) => a[name] === b[name]);
}

/** Size of the grid that the CRF runs on. */
export function crfGrid(resolution: CrfResolution, geometry: Geometry): { width: number; height: number } {
	return resolution === 'network'
		? { width: geometry.resizedWidth, height: geometry.resizedHeight }
		: { width: geometry.pictureWidth, height: geometry.pictureHeight };
}

export interface Reach {
	/** One σ in pixels of the picture. */
	readonly pixels: number;
	/** 2σ as a share of the picture's width. */
	readonly share: number;
	/** Whether the CRF's grid has other pixels than the picture. */
	readonly scaled: boolean;
}

/** What a spatial σ, in pixels of the CRF's grid, comes to in the picture. */
export function sigmaReach(sigma: number, resolution: CrfResolution, geometry: Geometry): Reach {
	const { width } = crfGrid(resolution, geometry);
	const pixels = (sigma * geometry.pictureWidth) / width;
	return { pixels, share: (2 * pixels) / geometry.pictureWidth, scaled: width !== geometry.pictureWidth };
}

/** A colour so many levels lighter or darker, with how strongly it is tied to the one in the middle, 0…1. */
export interface TiedColor {
	/** Distance in RGB, negative for darker, in levels of 0…255. */
	readonly distance: number;
	readonly color: readonly [red: number, green: number, blue: number];
	readonly tie: number;
}

/**
 * The colours from darker to lighter around one, along grey, as the Gaussian of σβ weighs them.
 *
 * @param reach the largest distance, in levels
 */
export function tiedColors(
	color: readonly [red: number, green: number, blue: number],
	sigma: number,
	reach: number,
	count: number,
): readonly TiedColor[] {
	return Array.from({ length: count }, (_, index) => {
		const distance = ((2 * index) / (count - 1) - 1) * reach;
		const shift = distance / Math.sqrt(3);
		const channel = (value: number) => Math.min(255, Math.max(0, Math.round(value + shift)));
		return {
			distance,
			color: [channel(color[0]), channel(color[1]), channel(color[2])],
			tie: Math.exp(-(distance ** 2) / (2 * sigma ** 2)),
		};
	});
}
