/** Where the layers of DeepLabv2 on VGG-16 are in a checkpoint. */
import type { BranchWeights } from '../../onnx/networks/aspp';
import type { VggWeights } from '../../onnx/networks/vgg';
import type { ConvWeights } from '../../onnx/networks/weights';
import { InspectorError } from '../../problem';
import type { LayerTensors } from '../layerTensors';
import { numbered } from './resnet';

/**
 * The released `.caffemodel` files: `conv1_1` … `conv5_3` and, for each branch k, `fc6_k`, `fc7_k`, `fc8_<data set>_k`;
 * LargeFOV's one branch has no number.
 *
 * @throws InspectorError `weights.damaged` naming a tensor that is missing, `weights.unsupported` for VGG-16 alone
 */
export function caffeVggWeights(source: LayerTensors): VggWeights {
	refuseUntrained(source);
	const stages = [1, 2, 3, 4, 5].map((stage) => {
		const convs: ConvWeights[] = [];
		do {
			convs.push(source.conv(`conv${stage}_${convs.length + 1}`));
		} while (source.has(`conv${stage}_${convs.length + 1}`));
		return convs;
	});
	const branches = caffeFc6(source).map((fc6): BranchWeights => {
		const number = fc6.slice('fc6'.length);
		const fc8 = numbered(source, new RegExp(`^fc8(?:_[^\\d].*?)?${number}()$`))[0] ?? `fc8${number}`;
		return [source.conv(fc6), source.conv(`fc7${number}`), source.conv(fc8)];
	});
	return { stages, branches };
}

/** VGG-16 as a classifier, or as the training of DeepLab begins with it. */
function refuseUntrained(source: LayerTensors): void {
	const hasBranches = caffeFc6(source).every((fc6) => source.tensors.get(`${fc6}.weight`)?.shape.length === 4);
	if (!hasBranches || numbered(source, /^fc8.*()$/).length === 0) {
		const detail = 'it is VGG-16 as training begins with it: it has no ASPP or LargeFOV head';
		throw new InspectorError({ code: 'weights.unsupported', name: source.file, detail });
	}
}

/** The first layers of the branches, in their order. */
export function caffeFc6(source: LayerTensors): readonly string[] {
	const several = numbered(source, /^fc6_(\d+)$/);
	return several.length > 0 ? several : ['fc6'];
}

/** Convolutions of conv1 … conv5 and of the trunk, by their place in `features`: ReLUs and pools are counted too. */
const torchvisionPlaces = [
	[0, 2],
	[5, 7],
	[10, 12, 14],
	[17, 19, 21],
	[23, 25, 27],
] as const;
const trunkPlaces = [29, 31] as const;

/**
 * AdaptSegNet's network: torchvision's VGG-16 without its last two pools, two dilated convolutions of 1024 channels and
 * linear branches on them.
 *
 * @param prefix What stands before `features.` and `classifier.`.
 * @throws InspectorError `weights.damaged` naming a tensor that is missing
 */
export function torchVggWeights(source: LayerTensors, prefix: string, branches: readonly BranchWeights[]): VggWeights {
	const conv = (place: number) => source.conv(`${prefix}features.${place}`);
	return {
		stages: torchvisionPlaces.map((places) => places.map(conv)),
		trunk: trunkPlaces.map(conv),
		branches,
	};
}
