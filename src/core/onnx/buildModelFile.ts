import { decodeSafetensors } from '../checkpoint/safetensors';
import { parseArchitecture } from './architecture';
import { buildDeepLabMobileNetV2 } from './deeplabMobilenetV2';
import { encodeOnnx } from './encode';

/**
 * From a checkpoint to a model file.
 *
 * @param architecture The parsed content of `architecture.json`.
 * @param weights The bytes of the `.safetensors` file.
 * @param name The weights' file name, for errors.
 * @returns The bytes of the `.onnx` file, and its number of weights.
 * @throws InspectorError `weights.damaged` saying what does not fit.
 */
export function buildModelFile(
	architecture: unknown,
	weights: Uint8Array,
	name: string,
): { bytes: Uint8Array; parameters: number } {
	const tensors = decodeSafetensors(weights, name);
	const model = buildDeepLabMobileNetV2(parseArchitecture(architecture, 'architecture.json'), tensors, name);
	let parameters = 0;
	for (const tensor of tensors.values()) {
		parameters += tensor.data.length;
	}
	return { bytes: encodeOnnx(model), parameters };
}
