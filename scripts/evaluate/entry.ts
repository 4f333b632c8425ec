/** The product's parts that the evaluation runs, bundled by it. */
export { createDenseCrf } from '../../src/core/crf/denseCrf';
export { defaultCrfParameters } from '../../src/core/crf/parameters';
export { unaryFromLogits } from '../../src/core/crf/unary';
export { compileWasm } from '../../src/core/crf/webAssembly';
export { decodeLabelPng } from '../../src/core/image/palettePng';
export { ConfusionMatrix } from '../../src/core/metrics/confusion';
export { TrimapCurve } from '../../src/core/metrics/trimap';
export { InferenceClient } from '../../src/worker/client/client';
export { startNodeWorker } from '../../src/worker/client/startWorker.node';
export { nodeCrfThreads } from '../../src/worker/crf/crfThreads.node';
