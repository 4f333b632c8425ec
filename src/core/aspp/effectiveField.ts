/** The effective receptive field: the gradient of a logit with respect to the picture, as people look at it. */

/** A measured field over the picture. Source of the notion: Luo et al., NeurIPS 2016 (arXiv 1701.04128). */
export interface EffectiveField {
	/** Size of `values`: the picture inside the network's input, without its padding. */
	readonly width: number;
	readonly height: number;
	/** Sum over the channels of |gradient| of each input pixel, 0…255 of `largest`. */
	readonly values: Uint8Array;
	/** In logits a unit of the network's input. */
	readonly largest: number;
	/** Centre of the circles, in picture pixels: the middle of the cell, or the centroid of the object's cells. */
	readonly x: number;
	readonly y: number;
	/** Radii in picture pixels of the circles about the centre that hold half and nine tenths of the sum of |gradient|. */
	readonly radius50: number;
	readonly radius90: number;
	/** Value of the logit (or its mean over the object). */
	readonly logit: number;
	readonly milliseconds: number;
}
