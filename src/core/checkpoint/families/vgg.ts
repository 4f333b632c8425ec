/** Where the layers of DeepLabv2 on VGG-16 are in a checkpoint. */
import type { BranchWeights } from '../../onnx/networks/aspp';
import type { VggWeights } from '../../onnx/networks/vgg';
import type { ConvWeights } from '../../onnx/networks/weights';
import type { LayerTensors } from '../layerTensors';
import { numbered } from './resnet';

/**
 * The released `.caffemodel` files: `conv1_1` … `conv5_3` and, for each branch k, `fc6_k`, `fc7_k`, `fc8_<data set>_k`;
 * LargeFOV's one branch has no number.
 *
 * @throws InspectorError `weights.damaged` naming a tensor that is missing
 */
export function caffeVggWeights(source: LayerTensors): VggWeights {
	return { stages: stages(source), branches: caffeVggBranches(source) };
}

function stages(source: LayerTensors): ConvWeights[][] {
	return [1, 2, 3, 4, 5].map((stage) => {
		const convs: ConvWeights[] = [];
		do {
			convs.push(source.conv(`conv${stage}_${convs.length + 1}`));
		} while (source.has(`conv${stage}_${convs.length + 1}`));
		return convs;
	});
}

function caffeVggBranches(source: LayerTensors): BranchWeights[] {
	const several = numbered(source, /^fc6_(\d+)$/);
	const numbers = several.length > 0 ? several.map((layer) => layer.slice('fc6'.length)) : [''];
	return numbers.map((number): BranchWeights => {
		const last = numbered(source, new RegExp(`^fc8(?:_[^\\d].*?)?${number}()$`))[0] ?? `fc8${number}`;
		return [source.conv(`fc6${number}`), source.conv(`fc7${number}`), source.conv(last)];
	});
}
