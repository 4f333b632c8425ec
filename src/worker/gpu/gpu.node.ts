import type { WorkerSetup } from '../../shared/protocol/worker';
import { type Gpu, type RefusedGpu, refused } from './gpu';

/** Older ones refuse shared memory in `writeBuffer`, which onnxruntime's wasm is. */
const oldestNode = 24;

/** Collected, it would take its adapters and devices with it. */
let kept: Gpu | undefined;

/** Why Dawn is not even tried. */
export function whyNoNodeGpu({ gpuModule }: WorkerSetup): RefusedGpu | undefined {
	if (Number(process.versions.node.split('.')[0]) < oldestNode) {
		return refused('nodeTooOld', process.version);
	}
	return gpuModule === undefined ? refused('notInBuild', `${process.platform}-${process.arch}`) : undefined;
}

/**
 * Dawn as Node's WebGPU, put where onnxruntime looks for it.
 * @returns the reason where there is none
 */
export async function openNodeGpu(setup: WorkerSetup): Promise<Gpu | RefusedGpu> {
	const reason = whyNoNodeGpu(setup);
	if (reason) {
		return reason;
	}
	try {
		kept ??= await openDawn(setup.gpuModule!);
		return kept;
	} catch (error) {
		return refused('noWebGpu', error instanceof Error ? error.message : String(error));
	}
}

interface Dawn {
	create(flags: readonly string[]): Gpu;
	readonly globals: Readonly<Record<string, unknown>>;
}

async function openDawn(module: string): Promise<Gpu> {
	const { create, globals } = (await import(module)) as Dawn;
	Object.assign(globalThis, globals);
	const gpu = create([]);
	if (!('navigator' in globalThis)) {
		Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
	}
	const { navigator } = globalThis as unknown as { readonly navigator: object };
	Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
	return gpu;
}
