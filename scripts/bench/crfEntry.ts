/** The product's parts that the dense CRF's benchmark measures, bundled by it. */
export { decodeNpz } from '../../src/core/checkpoint/npz';
export { createDenseCrf } from '../../src/core/crf/denseCrf';
export { defaultCrfParameters, defaultPruning } from '../../src/core/crf/parameters';
export { compileWasm } from '../../src/core/crf/webAssembly';
export { InferenceClient } from '../../src/worker/client/client';
export { startNodeWorker } from '../../src/worker/client/startWorker.node';
export { nodeCrfThreads } from '../../src/worker/crf/crfThreads.node';
