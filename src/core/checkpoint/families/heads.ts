/** Finds the branches of linear heads, and tells heads that are not DeepLabv2's. */
import type { BranchWeights } from '../../onnx/networks/aspp';
import { InspectorError } from '../../problem';
import type { LayerTensors } from '../layerTensors';
import { floatsOf, type Tensor } from '../tensor';
import { numbered } from './resnet';

/** A head's branches by the names of their convolutions, in their order. */
export interface Head {
	/** Without the branch's number, e.g. `layer6`. */
	readonly name: string;
	readonly layers: readonly string[];
}

/** Where the code bases keep their heads, behind the network's prefix. */
const places: readonly { readonly name: string; readonly pattern: string }[] = [
	{ name: 'aspp', pattern: 'aspp\\.(?:stages\\.)?c?(\\d+)' },
	{ name: 'layer5', pattern: 'layer5\\.conv2d_list\\.(\\d+)' },
	{ name: 'layer6', pattern: 'layer6\\.conv2d_list\\.(\\d+)' },
	{ name: 'classifier', pattern: 'classifier\\.conv2d_list\\.(\\d+)' },
	{ name: 'fc1', pattern: 'fc1_.+_c(\\d+)' },
];

export interface FoundHeads {
	/** Those that read the features: one, or several whose outputs are added. */
	readonly main: readonly Head[];
	/** Those on other features, of use in training alone. */
	readonly auxiliary: readonly Head[];
}

/**
 * The heads whose input channels are those of the features, whatever their names.
 *
 * @throws InspectorError `weights.unsupported` saying what is there instead of a head of DeepLabv2
 */
export function findHeads(source: LayerTensors, prefix: string, channels: number): FoundHeads {
	const heads = places
		.map(({ name, pattern }): Head => {
			const layers = numbered(source, new RegExp(`^${escaped(prefix)}${pattern}$`));
			return { name, layers: layers.filter((layer) => source.tensors.get(`${layer}.weight`)?.shape.length === 4) };
		})
		.filter(({ layers }) => layers.length > 0);
	const reads = ({ layers }: Head) => source.tensors.get(`${layers[0]}.weight`)!.shape[1];
	const main = heads.filter((head) => reads(head) === channels);
	for (const head of main) {
		refuseExtras(source, prefix, head);
	}
	if (main.length === 0) {
		throw new InspectorError({ code: 'weights.unsupported', name: source.file, detail: whyNoHead(source, prefix) });
	}
	return { main, auxiliary: heads.filter((head) => !main.includes(head)) };
}

/**
 * The branches of heads that read the same features; of several heads, whose outputs are added, branch by branch the
 * sum of the weights, which gives the same.
 *
 * @throws InspectorError `weights.unsupported` where they do not fit each other
 */
export function branchesOf(source: LayerTensors, heads: readonly Head[]): BranchWeights[] {
	const [first, ...others] = heads.map(({ layers }) => layers.map((layer) => source.conv(layer)));
	return first!.map((branch, index): BranchWeights => {
		let { weight, bias } = branch;
		for (const other of others) {
			const added = other[index];
			if (!added || added.weight.shape.join() !== weight.shape.join() || other.length !== first!.length) {
				const detail = `its heads ${heads.map(({ name }) => name).join(' and ')} do not fit each other`;
				throw new InspectorError({ code: 'weights.unsupported', name: source.file, detail });
			}
			weight = sum(weight, added.weight);
			bias = bias && added.bias ? sum(bias, added.bias) : (bias ?? added.bias);
		}
		return [{ weight, bias }];
	});
}

function sum(one: Tensor, other: Tensor): Tensor {
	const first = floatsOf(one);
	const second = floatsOf(other);
	return { ...one, data: first.map((value, index) => value + (second[index] ?? 0)) };
}

/** ProDA, Seg-Uncertainty and others have a head of the same name with more in it. */
function refuseExtras(source: LayerTensors, prefix: string, { name, layers }: Head): void {
	if (name === 'fc1') {
		return;
	}
	const known = new Set(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
	const extra = [...source.tensors.keys()].find((key) => key.startsWith(`${prefix}${name}.`) && !known.has(key));
	if (extra !== undefined) {
		const detail = `its head is not DeepLabv2’s alone: “${extra}” is none of the parallel branches`;
		throw new InspectorError({ code: 'weights.unsupported', name: source.file, detail });
	}
}

function whyNoHead(source: LayerTensors, prefix: string): string {
	const keys = [...source.tensors.keys()];
	const classifier = source.tensors.get(`${prefix}fc.weight`)?.shape ?? [];
	if (classifier.length === 4) {
		return `it is a DeepLabv1 network of ${classifier[0]} classes, from which the training of DeepLabv2 begins: it has no ASPP head`;
	}
	if (classifier.length === 2) {
		return `it is a classifier of ${classifier[0]} classes, from which training begins: it has no ASPP head`;
	}
	// A backbone may have a layer5 too, whose tensors have been taken by now.
	const isLike = (name: string) => /^(?:aspp|layer[56]|classifier|decoder|head)\b/.test(name);
	const beginnings = [...leads(prefix), prefix];
	const like = keys.find(
		(key) => !source.taken(key) && beginnings.some((start) => key.startsWith(start) && isLike(key.slice(start.length))),
	);
	return like === undefined
		? 'it is a backbone without a head. Choose a checkpoint that holds the whole network'
		: `its head is not DeepLabv2’s, which is parallel dilated convolutions summed: “${like}” is none of them`;
}

/** Where a head may lie beside a backbone: of `module.backbone.` nothing and `module.`. */
function leads(prefix: string): string[] {
	return ['', ...[...prefix.matchAll(/\./g)].map(({ index }) => prefix.slice(0, index + 1))];
}

export function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
