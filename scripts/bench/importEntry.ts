/** What the benchmark of importing needs, bundled by it. */
export { buildRandomNetwork, randomResNet101 } from '../../src/core/onnx/networks/randomWeights';
export { caffeModelFile, kazutoTensors, torchLegacyFile, torchZipFile } from '../../test/support/checkpointFiles';
