/** Where the layers of DeepLabv2 on ResNet are in a checkpoint. */
import type { BranchWeights } from '../../onnx/networks/aspp';
import type { BottleneckWeights, ResNetWeights } from '../../onnx/networks/resnet';
import { InspectorError } from '../../problem';
import type { LayerNames, LayerTensors } from '../layerTensors';

type Part = 'reduce' | 'conv3x3' | 'increase' | 'shortcut';

/** How a code base names the layers of ResNet. */
export interface ResNetNames {
	readonly stem: LayerNames;
	/** The names a layer may have: `stage` 2 … 5, `block` from 0. */
	layer(stage: number, block: number, part: Part): readonly LayerNames[];
}

/** The released `.caffemodel` files and what was converted from them layer by layer. */
export const caffeNames: ResNetNames = {
	stem: { conv: 'conv1', norm: 'bn_conv1' },
	layer(stage, block, part) {
		const suffix = { shortcut: 'branch1', reduce: 'branch2a', conv3x3: 'branch2b', increase: 'branch2c' }[part];
		const blocks = block === 0 ? ['a'] : [`b${block}`, String.fromCharCode(97 + block)];
		return blocks.map((name) => ({
			conv: `res${stage}${name}_${suffix}`,
			norm: `bn${stage}${name}_${suffix}`,
		}));
	},
};

/**
 * The network's weights below the head.
 * @throws InspectorError `weights.damaged` naming a tensor that is missing
 */
export function resNetStages(source: LayerTensors, names: ResNetNames): Omit<ResNetWeights, 'branches'> {
	const find = (stage: number, block: number, part: Part) =>
		names.layer(stage, block, part).find(({ conv }) => source.has(conv));
	const stages = [2, 3, 4, 5].map((stage) => {
		const blocks: BottleneckWeights[] = [];
		while (find(stage, blocks.length, 'reduce')) {
			const block = blocks.length;
			const part = (part: Part) => {
				const layer = find(stage, block, part) ?? names.layer(stage, block, part)[0]!;
				return source.conv(layer.conv, layer.norm);
			};
			blocks.push({
				reduce: part('reduce'),
				conv3x3: part('conv3x3'),
				increase: part('increase'),
				shortcut: find(stage, block, 'shortcut') && part('shortcut'),
			});
		}
		if (blocks.length === 0) {
			const { conv } = names.layer(stage, 0, 'reduce')[0]!;
			throw new InspectorError({
				code: 'weights.damaged',
				name: source.file,
				detail: `tensor “${conv}.weight” is missing`,
			});
		}
		return blocks;
	});
	return { stem: source.conv(names.stem.conv, names.stem.norm), stages };
}

/** The branches `fc1_<data set>_c<k>` in the order of k. */
export function caffeResNetBranches(source: LayerTensors): BranchWeights[] {
	return numbered(source, /^(fc1_.+_c)(\d+)$/).map((layer) => [source.conv(layer)]);
}

/** The layers whose names fit a pattern, by the number that its last group holds. */
export function numbered(source: LayerTensors, pattern: RegExp): string[] {
	const found: { layer: string; number: number }[] = [];
	for (const key of source.tensors.keys()) {
		const layer = key.endsWith('.weight') ? key.slice(0, -'.weight'.length) : '';
		const match = pattern.exec(layer);
		if (match) {
			found.push({ layer, number: Number(match.at(-1)) });
		}
	}
	return found.sort((a, b) => a.number - b.number).map(({ layer }) => layer);
}
