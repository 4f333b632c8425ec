/** `session.run` and nothing else, in a worker thread as the product's own is. */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';

const { runtime, modelFile, assets, threads, shape, outputs } = workerData;
const ort = await import(runtime === 'native' ? 'onnxruntime-node' : 'onnxruntime-web');
/** @type {import('onnxruntime-common').InferenceSession.SessionOptions} */
let options = { graphOptimizationLevel: 'all' };
if (runtime === 'native') {
	options = { ...options, executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1 };
} else {
	ort.env.wasm.wasmPaths = assets;
	ort.env.wasm.numThreads = threads;
	options = { ...options, executionProviders: ['wasm'] };
}
const session = await ort.InferenceSession.create(await readFile(modelFile), options);

parentPort?.on('message', async (/** @type {Float32Array} */ input) => {
	const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', input, shape) };
	const start = performance.now();
	await session.run(feeds, outputs);
	parentPort?.postMessage(performance.now() - start);
});
parentPort?.postMessage('ready');
