/** Where the layers of DeepLabv2 on ResNet are in a checkpoint. */
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

const torchParts = { reduce: '1', conv3x3: '2', increase: '3' } as const;

/** PyTorch code bases in the manner of torchvision. */
export const torchvisionNames: ResNetNames = {
	stem: { conv: 'conv1', norm: 'bn1' },
	layer(stage, block, part) {
		const at = `layer${stage - 1}.${block}`;
		return part === 'shortcut'
			? [{ conv: `${at}.downsample.0`, norm: `${at}.downsample.1` }]
			: [{ conv: `${at}.conv${torchParts[part]}`, norm: `${at}.bn${torchParts[part]}` }];
	},
};

/** kazuto1011/deeplab-pytorch; before 2019 a shortcut was a `proj`. */
export const kazutoNames: ResNetNames = {
	stem: { conv: 'layer1.conv1.conv', norm: 'layer1.conv1.bn' },
	layer(stage, block, part) {
		const at = `layer${stage}.block${block + 1}`;
		const names = part === 'shortcut' ? ['shortcut', 'proj'] : [part];
		return names.map((name) => ({ conv: `${at}.${name}.conv`, norm: `${at}.${name}.bn` }));
	},
};

/** The same names behind a prefix, e.g. `module.` or `Scale.`. */
export function prefixed(names: ResNetNames, prefix: string): ResNetNames {
	const add = ({ conv, norm }: LayerNames): LayerNames => ({ conv: prefix + conv, norm: prefix + norm });
	return {
		stem: add(names.stem),
		layer: (stage, block, part) => names.layer(stage, block, part).map(add),
	};
}

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
