/** The product's parts that the dense CRF's benchmark measures, bundled by it. */
export { decodeNpz } from '../../src/core/checkpoint/npz';
export { createDenseCrf } from '../../src/core/crf/denseCrf';
export { compileWasm } from '../../src/core/crf/webAssembly';
export { nodeCrfThreads } from '../../src/worker/crfThreads.node';
