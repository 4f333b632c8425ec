/** Where a run's time goes: its stages, and within the network every operator. Plain JSON. */
import type { BackendInfo } from '../backend';
import type { StageTiming } from '../run';

/** One operator of the graph that was run, as the runtime had fused it. */
export interface OperatorTime {
	/** Groups and name, as the network's tree has them. */
	readonly path: readonly string[];
	/** The runtime's operator, e.g. `FusedConv`. */
	readonly opType: string;
	/** Of the first output; undefined where the runtime does not say. */
	readonly outputShape?: readonly number[];
	/** Milliseconds from the first operator's run of the network. */
	readonly start: number;
	readonly milliseconds: number;
	/** Of the input, with several scales alone. */
	readonly scale?: number;
}

/** Most memory that was held at a time, and of what. */
export interface ProfileMemory {
	/**
	 * `wasmHeap`: onnxruntime's heap in a worker of its own that ran this network alone; it only ever grows.
	 * `process`: the resident memory of the whole process, at its highest since it began.
	 */
	readonly kind: (typeof memoryKinds)[number];
	readonly bytes: number;
}
export const memoryKinds = ['wasmHeap', 'process'] as const;

/**
 * A picture was taken through the network several times, without and then with the runtime's own clock on. Stages and
 * operators are those of one of the latter passes, the one whose network took the median time.
 */
export interface RunProfile {
	readonly version: 1;
	readonly pictureName: string;
	readonly modelName: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	readonly backend: BackendInfo;
	readonly pictureSize: readonly [height: number, width: number];
	/** Of the network's input, padding included. */
	readonly inputSize: readonly [height: number, width: number];
	/** In their order. `model`: the runtime and the network loaded anew; `draw` is measured by the page. */
	readonly stages: readonly StageTiming[];
	/** In the order they ran. */
	readonly operators: readonly OperatorTime[];
	/** Measured passes with the clock on; there were as many without, and one before each to warm up. */
	readonly passes: number;
	/** Median time of the network with the operators being timed. */
	readonly profiledMilliseconds: number;
	/** The same without. */
	readonly plainMilliseconds: number;
	readonly memory?: ProfileMemory;
}

/** How often as long the network takes while its operators are timed; undefined where that cannot be told. */
export function overheadOf({ profiledMilliseconds, plainMilliseconds }: RunProfile): number | undefined {
	return plainMilliseconds > 0 ? profiledMilliseconds / plainMilliseconds : undefined;
}
