import type { BackendChoice } from '../../core/backend';
import type { OutputStride } from '../../core/onnx/networks/outputStride';
import {
	atOutputStride,
	InferenceClient,
	type InferenceClientOptions,
	type ModelHandle,
} from '../../worker/client/client';
import { startNodeWorker } from '../../worker/client/startWorker.node';
import { nodeGpuModule } from '../../worker/gpu/gpuModule.node';
import { readModel } from './files.node';
import { assetsFolder, bundledModelFile, defaultThreads, distFolder, workerScript } from './product.node';

export interface InferenceChoices extends Pick<InferenceClientOptions, 'onBackend' | 'onFallback'> {
	/** Undefined: WASM. */
	readonly backend?: BackendChoice;
}

/**
 * The inference worker for one command; to be disposed of at its end.
 * @param threads for the network; undefined: one a processor, at most 8
 */
export function inferenceClient(
	threads: number | undefined,
	{ backend = 'wasm', ...told }: InferenceChoices = {},
): InferenceClient {
	const gpuModule = nodeGpuModule(distFolder);
	return new InferenceClient({
		startWorker: () => startNodeWorker(workerScript),
		setup: () => ({
			assets: assetsFolder,
			threads: threads ?? defaultThreads(),
			backend,
			...(gpuModule ? { gpuModule } : {}),
		}),
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
		...told,
	});
}

/**
 * @param file undefined: the bundled model
 * @param outputStride undefined: the file's own
 */
export function modelHandle(file: string | undefined, outputStride?: OutputStride): ModelHandle {
	const path = file ?? bundledModelFile;
	const handle = { key: path, name: path, load: () => readModel(path) };
	return outputStride === undefined ? handle : atOutputStride(handle, outputStride);
}
