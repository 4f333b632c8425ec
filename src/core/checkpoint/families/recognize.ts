/** Tells which network of which code base a checkpoint holds, by its tensors' names and shapes. */
import type { ResNetWeights } from '../../onnx/networks/resnet';
import type { VggWeights } from '../../onnx/networks/vgg';
import { InspectorError } from '../../problem';
import { fromCaffeBlobs, fromTensorflow, LayerTensors } from '../layerTensors';
import type { Checkpoint } from '../readCheckpoint';
import type { Tensor } from '../tensor';
import { branchesOf, escaped, type FoundHeads, findHeads } from './heads';
import { caffeNames, kazutoNames, prefixed, type ResNetNames, resNetStages, torchvisionNames } from './resnet';
import { caffeFc6, caffeVggWeights, torchVggWeights } from './vgg';

/** Code bases by what their checkpoints look like. */
export type Family =
	/** The released `.caffemodel` files. */
	| 'caffe'
	/** DrSleep/tensorflow-deeplab-resnet. */
	| 'tensorflow'
	/** kazuto1011/deeplab-pytorch since 2019, and before. */
	| 'kazuto'
	| 'kazuto.old'
	/** isht7/pytorch-deeplab-resnet. */
	| 'isht7'
	/** speedinghzl/Pytorch-Deeplab, AdaptSegNet, ADVENT, BDL, CLAN and others with their names. */
	| 'torchvision';

export interface Recognized {
	readonly family: Family;
	readonly network:
		| { readonly kind: 'resnet'; readonly weights: ResNetWeights }
		| { readonly kind: 'vgg'; readonly weights: VggWeights; readonly pool5a: boolean };
	/** What stands before all names, e.g. `module.Scale.`. */
	readonly prefix: string;
	/** Prefixes of further networks in the file, e.g. of a moving average; they are left out. */
	readonly otherPrefixes: readonly string[];
	/** Heads whose outputs are added, and those of training alone, which are left out. */
	readonly heads: { readonly main: readonly string[]; readonly auxiliary: readonly string[] };
	/** The dilation rates, where the file states them. */
	readonly rates: readonly number[] | undefined;
	readonly source: LayerTensors;
}

/**
 * @param file The checkpoint's name, for errors.
 * @throws InspectorError `weights.unsupported` saying why it is no DeepLabv2 that is known,
 * `weights.damaged` naming a tensor that is missing
 */
export function recognize(checkpoint: Checkpoint, file: string): Recognized {
	const source = new LayerTensors(commonNames(checkpoint), file, isTensorflow(checkpoint) ? slimEpsilon : undefined);
	const keys = [...source.tensors.keys()];
	if (keys.some((key) => /(?:^|\.)decode_head\./.test(key))) {
		const detail = 'it is a network of mmsegmentation, whose heads are not DeepLabv2’s';
		throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
	}
	for (const body of bodies) {
		const [prefix, ...otherPrefixes] = prefixesOf(keys, body.anchor);
		if (prefix !== undefined) {
			return { source, prefix, otherPrefixes, ...body.read(source, prefix, checkpoint) };
		}
	}
	const some = keys.slice(0, 3).map((key) => (key.length > 60 ? `${key.slice(0, 60)}…` : key));
	const detail = `its tensors (“${some.join('”, “')}”…) are of no DeepLabv2 network that is known`;
	throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
}

/**
 * DrSleep/tensorflow-deeplab-resnet calls `slim.batch_norm` without an epsilon (kaffe/tensorflow/network.py), in training
 * and inference, for weights converted from Caffe as well; its default is 0.001, where Caffe and PyTorch have 1e-5.
 */
const slimEpsilon = 1e-3;

function commonNames(checkpoint: Checkpoint): ReadonlyMap<string, Tensor> {
	const { format, tensors } = checkpoint;
	if (format === 'caffe') {
		return fromCaffeBlobs(tensors);
	}
	return isTensorflow(checkpoint) ? fromTensorflow(tensors) : tensors;
}

function isTensorflow({ format, tensors }: Checkpoint): boolean {
	return format !== 'caffe' && [...tensors.keys()].some((key) => key.endsWith('/weights'));
}

type Body = Pick<Recognized, 'family' | 'network' | 'heads' | 'rates'>;

interface BodyReader {
	/** A tensor that every network of the kind has, by the end of its name. */
	readonly anchor: string;
	read(source: LayerTensors, prefix: string, checkpoint: Checkpoint): Body;
}

const bodies: readonly BodyReader[] = [
	{
		anchor: 'layer2.block1.reduce.conv.weight',
		read(source, prefix) {
			const isOld = source.has(`${prefix}layer2.block1.proj.conv`);
			return resNet(source, prefix, kazutoNames, isOld ? 'kazuto.old' : 'kazuto');
		},
	},
	{
		anchor: 'layer1.0.conv1.weight',
		read: (source, prefix) =>
			resNet(source, prefix, torchvisionNames, /(?:^|\.)Scale\.$/.test(prefix) ? 'isht7' : 'torchvision'),
	},
	{
		anchor: 'res2a_branch2a.weight',
		read: (source, prefix, checkpoint) => ({
			...resNet(source, prefix, caffeNames, checkpoint.format === 'caffe' ? 'caffe' : 'tensorflow'),
			rates: statedRates(checkpoint, (layer) => /^fc1_.+_c\d+$/.test(layer)),
		}),
	},
	{
		anchor: 'conv1_1.weight',
		read(source, _prefix, checkpoint) {
			const weights = caffeVggWeights(source);
			const fc6 = caffeFc6(source);
			const layers = checkpoint.caffe?.layers;
			// A file that names no pool at all says nothing of pool5a, which the first LargeFOV had.
			const saysPools = layers?.has('pool5') ?? false;
			const pool5a = weights.branches.length === 1 && (saysPools ? layers!.has('pool5a') : true);
			return {
				family: 'caffe',
				network: { kind: 'vgg', weights, pool5a },
				heads: { main: fc6, auxiliary: [] },
				rates: statedRates(checkpoint, (layer) => fc6.includes(layer)),
			};
		},
	},
	{
		anchor: 'features.0.weight',
		read(source, prefix) {
			const last = source.tensors.get(`${prefix}features.31.weight`);
			const heads = findHeads(source, prefix, last?.shape[0] ?? 0);
			const weights = torchVggWeights(source, prefix, branchesOf(source, heads.main));
			return {
				family: 'torchvision',
				network: { kind: 'vgg', weights, pool5a: false },
				heads: namesOf(heads),
				rates: undefined,
			};
		},
	},
];

function resNet(source: LayerTensors, prefix: string, names: ResNetNames, family: Family): Body {
	const stages = resNetStages(source, prefixed(names, prefix));
	const last = stages.stages.at(-1)!.at(-1)!.increase.weight;
	const heads = findHeads(source, prefix, last.shape[0]!);
	return {
		family,
		network: { kind: 'resnet', weights: { ...stages, branches: branchesOf(source, heads.main) } },
		heads: namesOf(heads),
		rates: undefined,
	};
}

function namesOf({ main, auxiliary }: FoundHeads): Recognized['heads'] {
	return { main: main.map(({ name }) => name), auxiliary: auxiliary.map(({ name }) => name) };
}

/** Dilations of a head's layers in a `.caffemodel`; undefined where it does not state sensible ones. */
function statedRates({ caffe }: Checkpoint, isBranch: (layer: string) => boolean): number[] | undefined {
	const layers = [...(caffe?.dilations ?? [])].filter(([layer]) => isBranch(layer));
	const rates = layers
		.sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
		.map(([, dilation]) => dilation);
	const isHead = rates.length > 0 && new Set(rates).size === rates.length && rates.some((rate) => rate > 1);
	return isHead ? rates : undefined;
}

/** What stands before `anchor` in the names that end with it as a whole part, the shortest first. */
function prefixesOf(keys: readonly string[], anchor: string): string[] {
	const pattern = new RegExp(`^(.*\\.|)${escaped(anchor)}$`, 's');
	return keys
		.map((key) => pattern.exec(key)?.[1])
		.filter((prefix) => prefix !== undefined)
		.sort((one, other) => one.length - other.length);
}
