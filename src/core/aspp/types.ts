/** What is said of an ASPP head: its tap maps, the shares of a logit, and what a tap could see. */
import type { ReceptiveField } from '../model';

/** Taps of a 3x3 kernel, row by row from the top left. */
export const tapCount = 9;

/** One branch of a head, as it was trained. */
export interface HeadBranch {
	/** Dilation rate of its 3x3 convolution. */
	readonly rate: number;
	/** Name of the graph output with the branch's logits. */
	readonly output: string;
	/** Whether the branch is that one convolution alone, so that its taps add up to its logits. */
	readonly linear: boolean;
	/** Theoretical receptive field of one of its values, in input pixels; undefined where it has no fixed window. */
	readonly receptiveField: ReceptiveField | undefined;
}

/** A feature map that meets others in a mixed head, as DeepLabv3's Concat has them. */
export interface MixedBranch {
	/**
	 * `dilated`: a 3x3 convolution at a dilation rate. `pointwise`: convolutions that see one cell. `pooling`: what is
	 * averaged over the picture. `other`: anything else that meets them.
	 */
	readonly kind: 'dilated' | 'pointwise' | 'pooling' | 'other';
	/** Of a `dilated` one. */
	readonly rate: number | undefined;
	/** Name of the graph output that holds it; undefined for one that has to be computed from the features. */
	readonly output: string | undefined;
	/** Name of its value in the graph. */
	readonly value: string;
}

/** How branches become logits that do not add up to them: later layers mix their channels. */
export interface Mixing {
	/** All that meet, in the graph's order: branches that are dilated and those beside them. */
	readonly branches: readonly MixedBranch[];
	/** Whether the later layers also read what comes before the features, as the decoder of DeepLabv3+ does. */
	readonly readsPicture: boolean;
}

/** The parallel dilated convolutions of a network and what they read. */
export interface AsppHead {
	/** Those with a dilation rate, in the metadata's order. */
	readonly branches: readonly HeadBranch[];
	readonly classes: number;
	/** Channels of the features. */
	readonly channels: number;
	/** Whether every branch is linear: tap maps, shares and live rates are exact. */
	readonly linear: boolean;
	/** Of one value of the features, in input pixels. */
	readonly features: ReceptiveField | undefined;
	/** Undefined where the branches add up to the logits. Else they are feature maps without a share of a logit. */
	readonly mixing?: Mixing;
}

/**
 * Every tap of every branch at every position, T[branch][tap][class] = W[class, :, tap] · f: a dilated convolution is
 * their sum, each shifted by its tap's offset times the dilation rate.
 */
export interface TapMaps {
	/** Dilation rates that the weights were trained at, one a branch. */
	readonly trainedRates: readonly number[];
	readonly classes: number;
	readonly height: number;
	readonly width: number;
	/** branches x 9 x classes x height x width. */
	readonly taps: Float32Array;
	/** branches x classes. */
	readonly bias: Float32Array;
}

/** What one branch said of one class at one place. */
export interface BranchShare {
	/** Dilation rate at which it was computed. */
	readonly rate: number;
	readonly bias: number;
	/** `bias` and its taps: what it adds to the logit. */
	readonly share: number;
	/** Nine numbers; undefined where the branch is not linear. */
	readonly taps: readonly number[] | undefined;
}

/** Why a class has its logit at one place. */
export interface ClassExplanation {
	readonly label: number;
	/** Sum of the shares of the branches that are on. */
	readonly logit: number;
	/** All branches, also those that are off. */
	readonly branches: readonly BranchShare[];
}

/** Where one tap looks. Picture coordinates, here and below: pixel i covers i … i + 1, so its middle is i + 0.5. */
export interface TapPosition {
	/** On the feature grid; outside of it where the tap is in the padding. */
	readonly row: number;
	readonly column: number;
	/** In the zero padding. */
	readonly padding: boolean;
	/** Middle of what the tap's feature sees, in picture pixels. */
	readonly x: number;
	readonly y: number;
}

/** A rectangle in picture pixels; it may reach over the picture's edges. `right` and `bottom` are exclusive. */
export interface PictureBox {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** What one grid cell could see through one branch (or through the backbone alone). */
export interface SeenArea {
	/** Height and width in network input pixels: the theoretical receptive field. */
	readonly size: readonly [height: number, width: number];
	readonly box: PictureBox;
	/** Area of the box inside the picture, divided by the picture's area, 0…1. */
	readonly shareOfPicture: number;
	/** Share of the box that lies outside the picture, 0…1. */
	readonly outside: number;
}

export interface BranchView extends SeenArea {
	readonly rate: number;
	/** k + (k − 1)(r − 1), in cells of the feature grid. */
	readonly effectiveKernel: number;
	/** Nine, row by row from the top left. */
	readonly taps: readonly TapPosition[];
	readonly tapsInPadding: number;
}

/** What the grid cell could see, branch by branch. */
export interface CellView {
	readonly row: number;
	readonly column: number;
	/** Middle of the cell, in picture pixels. */
	readonly x: number;
	readonly y: number;
	/** Undefined where the backbone has no fixed window. */
	readonly backbone: SeenArea | undefined;
	readonly branches: readonly BranchView[];
}
