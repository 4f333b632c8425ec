import { InferenceClient, type ModelHandle } from '../worker/client';
import { startNodeWorker } from '../worker/startWorker.node';
import { readModel } from './files.node';
import { assetsFolder, bundledModelFile, defaultThreads, workerScript } from './product.node';

/**
 * The inference worker for one command; to be disposed of at its end.
 * @param threads for the network; undefined: one a processor, at most 8
 */
export function inferenceClient(threads: number | undefined): InferenceClient {
	return new InferenceClient({
		startWorker: () => startNodeWorker(workerScript),
		setup: () => ({ assets: assetsFolder, threads: threads ?? defaultThreads() }),
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
	});
}

/** @param file undefined: the bundled model */
export function modelHandle(file: string | undefined): ModelHandle {
	const path = file ?? bundledModelFile;
	return { key: path, name: path, load: () => readModel(path) };
}
