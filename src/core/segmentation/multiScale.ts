/**
 * Multi-scale input (MSC) of the DeepLab papers: the network sees the picture at three scales, and every class has at
 * every cell of the full scale's grid the largest of its three logits. Source: Chen et al., "DeepLab", TPAMI 2018, 4.1.2.
 */
import { dominantBranches } from '../aspp/dominance';
import type { FeatureMap, Geometry } from '../run';
import { resizeMap } from './resizeMap';

/**
 * Whose sizes and resizing are kept to. `caffe`, the release's: (n − 1)·s + 1 pixels, corners on corners (513 → 385,
 * 257). `kazuto`, kazuto1011/deeplab-pytorch's: n·s rounded down, half-pixel centres (513 → 384, 256).
 */
export const multiScaleRules = ['caffe', 'kazuto'] as const;
export type MultiScaleRule = (typeof multiScaleRules)[number];

/** The full scale first. */
export const multiScales = [1, 0.75, 0.5] as const;

/** What a run that fused scales notes of it. */
export interface MultiScaleNote {
	readonly rule: MultiScaleRule;
	/** The full scale first. */
	readonly scales: readonly number[];
	/** Of the picture's pixels, those whose class has its largest logit at each scale, 0…1. */
	readonly shares: readonly number[];
}

/** The network's input at one scale. @param input 3 x height x width, prepared for the full scale */
export function scaledInput(input: FeatureMap, scale: number, rule: MultiScaleRule): FeatureMap {
	const size = (side: number) => scaledSize(side, scale, rule);
	return resizeMap(input, size(input.height), size(input.width), alignsCorners(rule));
}

/** Pixels of a side at a scale, at least 1. */
export function scaledSize(side: number, scale: number, rule: MultiScaleRule): number {
	switch (rule) {
		case 'caffe':
			return Math.floor((side - 1) * scale) + 1;
		case 'kazuto':
			return Math.max(1, Math.floor(side * scale));
		default: {
			const unknown: never = rule;
			throw new Error(`unknown rule ${String(unknown)}`);
		}
	}
}

export interface FusedScales {
	/** Of the full scale's grid: the largest of the scales' logits. */
	readonly logits: FeatureMap;
	/** Each scale's logits on that grid. */
	readonly scales: readonly FeatureMap[];
}

/** @param logits a map a scale, each on its own grid, the full scale first */
export function fuseScales(logits: readonly FeatureMap[], rule: MultiScaleRule): FusedScales {
	const [{ channels, height, width }] = logits as readonly [FeatureMap, ...FeatureMap[]];
	const scales = logits.map((map) => resizeMap(map, height, width, alignsCorners(rule)));
	const data = new Float32Array(channels * height * width).fill(Number.NEGATIVE_INFINITY);
	for (const { data: from } of scales) {
		for (let at = 0; at < data.length; at++) {
			data[at] = Math.max(data[at]!, from[at]!);
		}
	}
	return { logits: { channels, height, width, data }, scales };
}

export interface WinningScales {
	/** Index of a scale, one a picture pixel. */
	readonly scales: Uint8Array;
	/** Pixels by scale, divided by the picture's, 0…1. */
	readonly shares: readonly number[];
}

/**
 * At every picture pixel the scale at which that pixel's class has its largest logit, interpolated as the fused ones
 * are; of equal ones the larger scale.
 *
 * @param scales of {@link FusedScales}
 * @param labels pictureHeight x pictureWidth: the mask of the fused logits
 */
export function winningScales(scales: readonly FeatureMap[], labels: Uint8Array, geometry: Geometry): WinningScales {
	const on = scales.map(() => true);
	const { branches, shares } = dominantBranches(scales, on, labels, geometry);
	return { scales: branches, shares };
}

function alignsCorners(rule: MultiScaleRule): boolean {
	return rule === 'caffe';
}
