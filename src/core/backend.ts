/** The backends that a network can run on, what a user may ask for, and why another one is not used. */

/** `auto`: WebGPU where an adapter is there and it agrees with WASM, else WASM. */
export const backendChoices = ['auto', 'webgpu', 'wasm'] as const;
export type BackendChoice = (typeof backendChoices)[number];

export type BackendName = 'wasm' | 'webgpu';

/** The GPU that WebGPU runs on, in its own words; empty where it does not say. */
export interface GpuAdapter {
	readonly vendor: string;
	readonly architecture: string;
	readonly device: string;
	readonly description: string;
}

/** What ran a network. */
export interface BackendInfo {
	readonly name: BackendName;
	/** Of the CPU. */
	readonly threads: number;
	/** With WebGPU alone. */
	readonly adapter?: GpuAdapter;
}

/** Why WebGPU does not run, though it was asked for or would be taken. */
export const refusalReasons = [
	/** The setting says WASM. */
	'notChosen',
	/** There is WebGPU, but no adapter. */
	'noAdapter',
	/** The host has no WebGPU at all. */
	'noWebGpu',
	/** Node before 24 cannot pass shared memory to it. */
	'nodeTooOld',
	/** Node needs a native package that this build does not carry: the universal one. */
	'notInBuild',
	/** Only a software adapter is there: no GPU, or one that browser or driver do not let be used. */
	'blocklisted',
	/** The adapter gave no device, or too small a one. */
	'noDevice',
	/** Its logits were too far from WASM's. */
	'disagrees',
	/** The device was lost, ran out of memory, or ended the worker in an earlier run. */
	'failed',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export interface BackendRefusal {
	readonly reason: RefusalReason;
	/** In the words of what refused; may be empty. */
	readonly detail: string;
}

/** What would run a network now, and why it is not WebGPU where it is not. */
export interface BackendStatus {
	readonly chosen: BackendChoice;
	readonly runs: BackendInfo;
	/** Whether threads share memory; where they do not, one runs: in pages that are not cross-origin isolated. */
	readonly sharedMemory: boolean;
	/** Undefined where WebGPU runs. */
	readonly webgpuRefused?: BackendRefusal;
}
