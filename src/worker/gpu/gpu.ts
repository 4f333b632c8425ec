/** WebGPU as far as it is used here: finding the adapter, getting one device of it, or the reason why there is none. */
import type { BackendRefusal, GpuAdapter, RefusalReason } from '../../core/backend';

/** `navigator.gpu`, in Node Dawn's. Structural, since Node's types know none. */
export interface Gpu {
	requestAdapter(options?: { readonly powerPreference?: 'high-performance' }): Promise<GpuAdapterHandle | null>;
}

export interface GpuAdapterHandle {
	readonly info?: Partial<GpuAdapter> & { readonly isFallbackAdapter?: boolean };
	/** Where browsers told it before it moved to `info`. */
	readonly isFallbackAdapter?: boolean;
	readonly features: { has(name: string): boolean };
	readonly limits: Readonly<Record<string, unknown>>;
	requestDevice(wanted: {
		readonly requiredFeatures: readonly string[];
		readonly requiredLimits: Readonly<Record<string, number>>;
	}): Promise<GpuDevice>;
}

export interface GpuDevice {
	/** Fulfilled when the device is lost, never rejected. */
	readonly lost: Promise<{ readonly reason?: string; readonly message: string }>;
	onuncapturederror: ((event: { readonly error: { readonly message: string } }) => void) | null;
}

/** A device that onnxruntime can run on, and what it belongs to. */
export interface GpuConnection {
	readonly adapter: GpuAdapter;
	readonly handle: GpuAdapterHandle;
	readonly device: GpuDevice;
}

export interface RefusedGpu {
	readonly refused: BackendRefusal;
}

/**
 * Gets a device of the best adapter.
 * @param gpu undefined: the host has none
 * @param options `allowSoftware`: whether an adapter that computes on the CPU will do
 */
export async function connectGpu(
	gpu: Gpu | undefined,
	{ allowSoftware, patience = answerPatience }: { readonly allowSoftware: boolean; readonly patience?: number },
): Promise<GpuConnection | RefusedGpu> {
	if (!gpu) {
		return refused('noWebGpu');
	}
	try {
		const handle = await answered(gpu.requestAdapter({ powerPreference: 'high-performance' }), patience);
		if (!handle) {
			return refused('noAdapter');
		}
		const adapter = adapterInfo(handle);
		if (!allowSoftware && (handle.info?.isFallbackAdapter ?? handle.isFallbackAdapter)) {
			return refused('blocklisted', adapter.description || adapter.architecture);
		}
		const device = await answered(handle.requestDevice(wantedOf(handle)), patience).catch((error: unknown) =>
			refused('noDevice', textOf(error)),
		);
		return 'refused' in device ? device : { adapter, handle, device };
	} catch (error) {
		return refused('noAdapter', textOf(error));
	}
}

/** @param detail in the words of what refused */
export function refused(reason: RefusalReason, detail = ''): RefusedGpu {
	return { refused: { reason, detail } };
}

/** A driver that does not answer must not hold up everything, in milliseconds. */
const answerPatience = 15_000;

async function answered<T>(answer: Promise<T>, patience: number): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience);
	});
	try {
		return await Promise.race([answer, late]);
	} finally {
		clearTimeout(timer);
	}
}

function adapterInfo({ info = {} }: GpuAdapterHandle): GpuAdapter {
	const { vendor = '', architecture = '', device = '', description = '' } = info;
	return { vendor, architecture, device, description };
}

/** What onnxruntime asks of a device of its own: the adapter's limits for compute shaders, and features it can use. */
function wantedOf({ features, limits }: GpuAdapterHandle): Parameters<GpuAdapterHandle['requestDevice']>[0] {
	const requiredLimits: Record<string, number> = {};
	for (const name of wantedLimits) {
		const value = limits[name];
		if (typeof value === 'number') {
			requiredLimits[name] = value;
		}
	}
	return { requiredFeatures: wantedFeatures.filter((name) => features.has(name)), requiredLimits };
}

const wantedFeatures = ['shader-f16', 'subgroups'] as const;
const wantedLimits = [
	'maxBindGroups',
	'maxBufferSize',
	'maxComputeInvocationsPerWorkgroup',
	'maxComputeWorkgroupSizeX',
	'maxComputeWorkgroupSizeY',
	'maxComputeWorkgroupSizeZ',
	'maxComputeWorkgroupStorageSize',
	'maxComputeWorkgroupsPerDimension',
	'maxStorageBufferBindingSize',
	'maxStorageBuffersPerShaderStage',
] as const;

function textOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
