/** onnxruntime-web's version that is shipped: what was found with another one is out of date. A test compares. */
export const runtimeVersion = '1.30.0';
