/** The product's parts that the benchmark measures, bundled by it. */
export { createPictureDecoder } from '../../src/core/image/decode';
export { prepareInput } from '../../src/core/image/prepare';
export { InferenceClient } from '../../src/worker/client';
export { startNodeWorker } from '../../src/worker/startWorker.node';
