/** What comparing WebGPU with WASM on one picture has found. */
import type { GpuAdapter } from '../backend';

/** Up to here two backends agree; both must hold. */
export interface ParityLimit {
	/** Largest difference of the logits, as a share of their largest magnitude. */
	readonly difference: number;
	/** Least share of the picture's pixels that have the same label, 0…1. */
	readonly labels: number;
}

export const parityLimit: ParityLimit = { difference: 1e-3, labels: 0.999 };

/** The layer at which two backends begin to differ: what it reads is within the limit, what it gives is not. */
export interface DivergentLayer {
	/** Dotted name, as layers are listed; an activation behind it belongs to it. */
	readonly layer: string;
	/** `op_type`; with an activation `Conv + Relu`. */
	readonly operator: string;
	/** Of its output, as a share of its largest magnitude; null where a value is not finite. */
	readonly difference: number | null;
	/** The largest of its inputs'; 0 for the picture. */
	readonly inputDifference: number;
}

/** Plain JSON. WASM is what WebGPU is held against. */
export interface ParityReport {
	/** Of the logits, as a share of WASM's largest magnitude; null where a value is not finite, or the sizes differ. */
	readonly largestDifference: number | null;
	/** Share of the picture's pixels that have the same label, 0…1. */
	readonly labelAgreement: number;
	readonly limit: ParityLimit;
	readonly agrees: boolean;
	/** What WebGPU ran on; undefined where it did not say. */
	readonly adapter?: GpuAdapter;
	/** onnxruntime's version. */
	readonly runtime: string;
	/** Milliseconds since the epoch. */
	readonly comparedAt: number;
	/** Undefined where they agree, where it was not looked for, or where no layer alone exceeds the limit. */
	readonly firstDiffering?: DivergentLayer;
}
