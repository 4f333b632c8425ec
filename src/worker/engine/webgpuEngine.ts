import type { env, InferenceSession } from 'onnxruntime-web';
import type { BackendInfo } from '../../core/backend';
import { InspectorError, type Problem } from '../../core/problem';
import type { GpuConnection, GpuDevice } from '../gpu/gpu';
import { runtimeError } from './engine';
import { type Ort, OrtEngine } from './ortEngine';

/** onnxruntime's files in the assets folder: its WebGPU build, the module of the wasm file, and that. */
export const webgpuEngineFiles = [
	'ort.webgpu.min.mjs',
	'ort-wasm-simd-threaded.asyncify.mjs',
	'ort-wasm-simd-threaded.asyncify.wasm',
] as const;

/** Where {@link webgpuEngineFiles} are, in their order. */
export interface WebGpuEngineFiles {
	readonly runtimeUrl: string;
	readonly moduleUrl: string;
	/** URL or bytes. */
	readonly wasm: string | Uint8Array;
}

/**
 * onnxruntime-web on the GPU. Everything of it is loaded here and not before. Once the device is lost or complains, every
 * call fails, and so does every other engine on this connection.
 * @throws InspectorError `runtime.unavailable`
 */
export async function createWebGpuEngine(connection: GpuConnection, files: WebGpuEngineFiles): Promise<WebGpuEngine> {
	const ort = await loadRuntime(files).catch((error: unknown) => {
		const detail = error instanceof Error ? error.message : String(error);
		throw new InspectorError({ code: 'runtime.unavailable', detail }, { cause: error });
	});
	// Threads would compute what the GPU does not, which is next to nothing, and cost their start.
	ort.env.wasm.numThreads = 1;
	ort.env.wasm.proxy = false;
	ort.env.logLevel = 'error';
	if (typeof files.wasm === 'string') {
		ort.env.wasm.wasmPaths = { mjs: files.moduleUrl, wasm: files.wasm };
	} else {
		ort.env.wasm.wasmPaths = { mjs: files.moduleUrl };
		ort.env.wasm.wasmBinary = files.wasm;
	}
	Object.assign(ort.env.webgpu, { adapter: connection.handle });
	return new WebGpuEngine(ort, connection);
}

type Runtime = Ort & { readonly env: typeof env };

async function loadRuntime({ runtimeUrl }: WebGpuEngineFiles): Promise<Runtime> {
	const url = runtimeUrl;
	return (await import(url)) as Runtime;
}

export class WebGpuEngine extends OrtEngine {
	readonly backend: BackendInfo;
	private readonly trouble: Promise<never>;

	constructor(ort: Ort, { adapter, device }: GpuConnection) {
		super(ort, { name: 'webgpu', device } as InferenceSession.WebGpuExecutionProviderOption);
		this.backend = { name: 'webgpu', threads: 1, adapter };
		this.trouble = troubleOf(device);
		// It is looked at by whoever waits for the device.
		this.trouble.catch(() => undefined);
	}

	override async unload(): Promise<void> {
		const { session } = this;
		this.session = undefined;
		if (session) {
			await this.guarded(session.release()).catch((error: unknown) => {
				throw runtimeError(error, (detail) => this.loadProblem(detail));
			});
		}
	}

	protected override loadProblem(detail: string): Problem {
		// Whether the model is damaged is for WASM to say.
		return { code: 'runtime.failed', detail };
	}

	/** onnxruntime waits for ever for a device that is lost, and goes on after a validation error, with wrong numbers. */
	protected override guarded<T>(work: Promise<T>): Promise<T> {
		work.catch(() => undefined);
		return Promise.race([this.trouble, work.then(async (result) => (await soon(this.trouble)) ?? result)]);
	}
}

/** Lets a rejection that is on its way come first. */
async function soon(trouble: Promise<never>): Promise<undefined> {
	await Promise.race([trouble, new Promise((resolve) => setTimeout(resolve, 0))]);
	return undefined;
}

const troubles = new WeakMap<GpuDevice, Promise<never>>();

/** Rejected when the device is lost, runs out of memory or finds something invalid. */
function troubleOf(device: GpuDevice): Promise<never> {
	const known = troubles.get(device);
	if (known) {
		return known;
	}
	const trouble = new Promise<never>((_, reject) => {
		void device.lost.then(({ reason, message }) => {
			reject(new Error(`the GPU device was lost (${[reason, message].filter(Boolean).join(': ')})`));
		});
		device.onuncapturederror = ({ error }) => {
			const kind = error.constructor.name === 'GPUOutOfMemoryError' ? 'out of memory on the GPU: ' : '';
			reject(new Error(`${kind}${error.message}`));
		};
	});
	troubles.set(device, trouble);
	return trouble;
}
