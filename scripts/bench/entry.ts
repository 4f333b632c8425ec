/** The product's parts that the benchmark measures, bundled by it. */
export { branchLogits, sumBranches } from '../../src/core/aspp/branches';
export { dominantBranches } from '../../src/core/aspp/dominance';
export { explainPixel } from '../../src/core/aspp/explain';
export { maskChanges } from '../../src/core/crf/changes';
export { createPictureDecoder } from '../../src/core/image/decode';
export { prepareInput } from '../../src/core/image/prepare';
export { upsampleLabels } from '../../src/core/segmentation/upsampleLabels';
export { InferenceClient } from '../../src/worker/client/client';
export { startNodeWorker } from '../../src/worker/client/startWorker.node';
export { nodeGpuModule } from '../../src/worker/gpu/gpuModule.node';
