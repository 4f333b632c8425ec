import { decodeOnnx } from '../../core/onnx/decode';
import { encodeOnnx } from '../../core/onnx/encode';
import type { OnnxModel } from '../../core/onnx/ir';
import { withOutputStride } from '../../core/onnx/networks/withOutputStride';
import { InspectorError } from '../../core/problem';
import type { ModelSource } from '../../shared/protocol/worker';

/** The network that pictures go through: the file's, or the same at the output stride that is wanted. */
export interface Network {
	readonly graph: OnnxModel;
	/** An ONNX file of it; the given one where nothing was changed. */
	encoded(): Uint8Array;
}

/** @throws InspectorError with the model's problem, such as `model.fixedStride`; `internal` where its bytes are missing */
export function readNetwork(model: ModelSource): Network {
	const { name, outputStride } = model;
	const bytes = bytesOf(model);
	const given = decodeOnnx(bytes, name);
	if (outputStride === undefined) {
		return { graph: given, encoded: () => bytes };
	}
	const graph = withOutputStride(given, outputStride, name);
	return { graph, encoded: () => (graph === given ? bytes : encodeOnnx(graph)) };
}

/** @throws InspectorError `internal` where they are missing */
export function bytesOf({ bytes, name }: ModelSource): Uint8Array {
	if (!bytes) {
		throw new InspectorError({ code: 'internal', detail: `the worker does not hold ${name}` });
	}
	return bytes;
}
