/** What a model file says about itself; kept in an ONNX file's `metadata_props` under `deeplab.*`. */

/** How a picture becomes the network's input, and how the logits come back. */
export interface Preprocessing {
	readonly channelOrder: 'RGB' | 'BGR';
	/** Per channel, in channel order: input = (value - mean) / std, value 0…255. */
	readonly mean: readonly [number, number, number];
	readonly std: readonly [number, number, number];
	/** Value 0…255 that the picture is padded with, per channel in channel order. */
	readonly padValue: readonly [number, number, number];
	/** The longest side is reduced to at most this many pixels, never enlarged. */
	readonly longestSide: number;
	/** Each side is padded, right and below, to the next `padMultiple * k + padRemainder`. */
	readonly padMultiple: number;
	/** Undefined: 1, so that the corners of the grid lie on the input's. */
	readonly padRemainder?: 0 | 1;
	/** Height and width of a network that takes pictures of one size alone: what is padded to, instead. */
	readonly inputSize?: readonly [height: number, width: number];
	/**
	 * `fit` (undefined): reduced with its proportions kept, then padded. `stretch`: to the whole input, `inputSize` or a
	 * square of `longestSide`, proportions lost.
	 */
	readonly resize?: 'fit' | 'stretch';
	/** Whether the corners of the logit grid and of the input coincide when logits are upsampled. */
	readonly alignCorners: boolean;
}

export interface ClassInfo {
	readonly name: string;
	/** sRGB, 0…255. */
	readonly color: readonly [number, number, number];
}

export interface AsppBranch {
	/** Dilation rate of the branch's 3x3 convolution. */
	readonly rate: number;
	/** Name of the graph output that holds the branch's logits, `aspp.<rate>`. */
	readonly output: string;
}

export interface ModelMetadata {
	readonly name: string;
	readonly family: string;
	readonly backbone: string;
	/** Input pixels a step of the logit grid. */
	readonly outputStride: number;
	readonly preprocessing: Preprocessing;
	readonly classes: readonly ClassInfo[];
	/** Label of pixels that count for nothing in ground truth. */
	readonly ignoreLabel: number;
	/** Empty for a network without an ASPP head. */
	readonly branches: readonly AsppBranch[];
	/**
	 * How the branches become logits. `sum` (undefined), as in DeepLabv2: they are logits and add up to the network's.
	 * `mixed`, as in DeepLabv3: they are feature maps that later layers mix (Concat and convolutions), so no branch has a
	 * share of a logit, and their sum means nothing.
	 */
	readonly join?: 'sum' | 'mixed';
	/** True where each branch is one convolution and their sum the logits, so that branch shares and live rates are exact. */
	readonly linearHead: boolean;
}

/** One line of the network's tree: a layer, or a group of layers. */
export interface NetworkNode {
	/** Last part of the dotted layer name, e.g. `block3`, `expand`, `aspp.12`. */
	readonly name: string;
	/** Full dotted name; unique within a network. */
	readonly path: string;
	/** ONNX operator, e.g. `Conv`; undefined for a group. */
	readonly operator?: string;
	/** Output as channels, height, width at {@link NetworkDescription.inputSize}; undefined where unknown. */
	readonly outputShape?: readonly [channels: number, height: number, width: number];
	readonly parameters: number;
	readonly kernel?: readonly [height: number, width: number];
	readonly stride?: readonly [number, number];
	readonly padding?: readonly [top: number, left: number, bottom: number, right: number];
	readonly dilation?: readonly [number, number];
	readonly groups?: number;
	/** Theoretical receptive field of one output value, in input pixels, over every path from the input. */
	readonly receptiveField?: ReceptiveField;
	readonly children: readonly NetworkNode[];
}

/** Of one output position: input rows (columns) `offset + stride * i` … `+ size - 1`. */
export interface ReceptiveField {
	/** Height and width in input pixels. */
	readonly size: readonly [number, number];
	/** Input pixels between neighbouring outputs. */
	readonly stride: readonly [number, number];
	/** Input coordinate of the first pixel that output 0 sees; negative inside the padding. */
	readonly offset: readonly [number, number];
}

export interface NetworkDescription {
	readonly metadata: ModelMetadata;
	/** Height and width the shapes are given for. */
	readonly inputSize: readonly [number, number];
	readonly parameters: number;
	/** Size of the model file in bytes. */
	readonly bytes: number;
	readonly opset: number;
	readonly tree: readonly NetworkNode[];
	/** Of the health check, the gravest first. */
	readonly findings: readonly Finding[];
}

/** How much a finding of the health check matters. */
export type Severity = 'error' | 'warning' | 'info';

/** One line of the health check: what is odd about a layer or about the head. */
export type Finding = { readonly severity: Severity; readonly path: string | undefined } & FindingKind;

/** `branch` is the branch's dilation rate; numbers are in the units their names say. */
export type FindingKind =
	/** The branch's output does not reach the logits. */
	| { readonly code: 'branch.notSummed'; readonly branch: number }
	/** The branch's weights look like their initial noise N(0, 0.01): it was probably never trained. */
	| {
			readonly code: 'branch.untrained';
			readonly branch: number;
			readonly standardDeviation: number;
			readonly kurtosis: number;
	  }
	| { readonly code: 'head.equalRates'; readonly rates: readonly number[] }
	/** Rates that are none of the paper's. */
	| { readonly code: 'head.unusualRates'; readonly rates: readonly number[] }
	| { readonly code: 'head.missing'; readonly detail: string }
	| { readonly code: 'weights.zero'; readonly tensor: string }
	| { readonly code: 'weights.nonFinite'; readonly tensor: string; readonly count: number }
	/** At the input size given, these taps (0…8, row by row) look into the padding from every cell. */
	| { readonly code: 'taps.alwaysPadding'; readonly branch: number; readonly taps: readonly number[] }
	| { readonly code: 'shapes.open'; readonly detail: string }
	/** Running mean 0 and variance 1: the statistics were never updated. */
	| { readonly code: 'batchNorm.untouched'; readonly tensor: string };
