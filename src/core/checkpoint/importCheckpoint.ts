/** From a published checkpoint of DeepLabv2 to a model that can be opened. */
import { type ClassChoice, type ClassSetId, chooseClasses } from '../classSets';
import { initialNoise, type Moments } from '../health/initialNoise';
import type { Preprocessing } from '../model';
import type { OnnxModel } from '../onnx/ir';
import { readMetadata } from '../onnx/metadata';
import { type BranchWeights, type NetworkOptions, ratesFor } from '../onnx/networks/aspp';
import { buildDeepLabResNet } from '../onnx/networks/resnet';
import { buildDeepLabVgg } from '../onnx/networks/vgg';
import { InspectorError } from '../problem';
import { type Family, type Recognized, recognize } from './families/recognize';
import { type CheckpointFormat, readCheckpoint } from './readCheckpoint';
import { floatsOf } from './tensor';

/** What a user knows better than the file says. */
export interface ImportOverrides {
	/** What the model is called. */
	readonly name?: string | undefined;
	/** A data set, or the names in the order of the labels. */
	readonly classes?: ClassSetId | readonly string[] | undefined;
	/** Dilation rate of each branch, in the order of the file's branches. */
	readonly rates?: readonly number[] | undefined;
	/** Rates of the branches that the network adds up; the others are left out. */
	readonly sum?: readonly number[] | undefined;
	readonly alignCorners?: boolean | undefined;
	/** Of 0…255, in the order of the network's channels. */
	readonly mean?: readonly [number, number, number] | undefined;
	readonly channelOrder?: 'RGB' | 'BGR' | undefined;
	/** Keep batch norms as layers of their own. */
	readonly keepBatchNorm?: boolean | undefined;
	/** VGG-16 LargeFOV: whether pool5a stands before fc6. */
	readonly pool5a?: boolean | undefined;
}

export interface ImportedBranch {
	readonly rate: number;
	/** Whether it is part of the model. */
	readonly summed: boolean;
	/** Of its weights, where they look like the noise they began with; else undefined. */
	readonly untrained: Moments | undefined;
}

/** What was found in a checkpoint and how it was taken. */
export interface ImportReport {
	readonly format: CheckpointFormat;
	readonly family: Family;
	/** E.g. `resnet101`. */
	readonly backbone: string;
	/** Keys of the dicts that led to the weights. */
	readonly through: readonly string[];
	/** What stands before the names of all layers. */
	readonly prefix: string;
	/** Of further networks in the file, which are left out. */
	readonly otherPrefixes: readonly string[];
	readonly heads: Recognized['heads'];
	readonly branches: readonly ImportedBranch[];
	/** Where the rates come from: the file, the paper's for that number of branches, or the user. */
	readonly ratesFrom: 'file' | 'paper' | 'given';
	/** Each branch is one convolution. */
	readonly linearHead: boolean;
	readonly classes: number;
	/** The data set, where the classes have their names from one. */
	readonly classSet: ClassSetId | undefined;
	readonly classesFrom: ClassChoice['from'];
	readonly preprocessing: Preprocessing;
	/** Numbers that were read for the network, running statistics included. */
	readonly parameters: number;
	/** Names of tensors that have no part in it. */
	readonly left: readonly string[];
	/** Rates to add up where some branches look untrained: their code base summed the others alone. */
	readonly suggestedSum: readonly number[] | undefined;
}

/**
 * @param bytes The checkpoint: `.pth`, `.pt`, `.caffemodel`, `.safetensors`, `.npz` or `.npy`.
 * @param file Its name, for errors.
 * @throws InspectorError `weights.damaged` with the place that is wrong, `weights.unsupported` with the reason
 */
export function importCheckpoint(
	bytes: Uint8Array,
	file: string,
	overrides: ImportOverrides = {},
): { readonly report: ImportReport; readonly model: OnnxModel } {
	const checkpoint = readCheckpoint(bytes, file);
	const found = recognize(checkpoint, file);
	const { weights } = found.network;
	const told = overrides.rates ?? (found.rates?.length === weights.branches.length ? found.rates : undefined);
	const rates = ratesFor(weights.branches.length, told, file);
	const summed = summedRates(rates, overrides.sum, file);
	const branches = weights.branches.map((branch, index): ImportedBranch => {
		const rate = rates[index]!;
		return { rate, summed: summed.includes(rate), untrained: noiseOf(branch) };
	});
	const classCount = weights.branches[0]!.at(-1)!.weight.shape[0] ?? 0;
	const { classes, set, from } = chooseClasses(classCount, overrides.classes);
	const model = build(
		found,
		summed,
		rates,
		{
			name: overrides.name ?? `DeepLabv2, ${file.replace(/^.*[\\/]/, '')}`,
			file,
			rates: summed,
			foldBatchNorm: overrides.keepBatchNorm !== true,
			classes,
			preprocessing: preprocessingFor(found.family, set, overrides),
		},
		overrides.pool5a,
	);
	const metadata = readMetadata(model, file);
	const trained = branches.filter(({ untrained }) => !untrained).map(({ rate }) => rate);
	return {
		model,
		report: {
			format: checkpoint.format,
			family: found.family,
			backbone: metadata.backbone,
			through: checkpoint.through,
			prefix: found.prefix,
			otherPrefixes: found.otherPrefixes,
			heads: found.heads,
			branches,
			ratesFrom: overrides.rates ? 'given' : told ? 'file' : 'paper',
			linearHead: metadata.linearHead,
			classes: classCount,
			classSet: set,
			classesFrom: from,
			preprocessing: metadata.preprocessing,
			parameters: found.source.parameters,
			left: leftOf(found),
			suggestedSum: trained.length > 0 && summed.some((rate) => !trained.includes(rate)) ? trained : undefined,
		},
	};
}

function build(
	{ network }: Recognized,
	summed: readonly number[],
	rates: readonly number[],
	options: NetworkOptions,
	pool5a: boolean | undefined,
): OnnxModel {
	const branches = network.weights.branches.filter((_, index) => summed.includes(rates[index]!));
	switch (network.kind) {
		case 'resnet':
			return buildDeepLabResNet({ ...network.weights, branches }, options);
		case 'vgg':
			return buildDeepLabVgg({ ...network.weights, branches }, { ...options, pool5a: pool5a ?? network.pool5a });
		default: {
			const unknown: never = network;
			throw new Error(`unknown network ${String(unknown)}`);
		}
	}
}

/** In the order of the branches. */
function summedRates(rates: readonly number[], sum: readonly number[] | undefined, file: string): readonly number[] {
	if (!sum) {
		return rates;
	}
	const stray = sum.find((rate) => !rates.includes(rate));
	if (stray !== undefined || sum.length === 0) {
		const detail = `its branches have the dilation rates ${rates.join(', ')}; ${stray ?? 'none'} cannot be what it adds up`;
		throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
	}
	return rates.filter((rate) => sum.includes(rate));
}

function noiseOf([dilated, ...pointwise]: BranchWeights): Moments | undefined {
	const [, channels = 0, height = 0, width = 0] = dilated.weight.shape;
	const bias = dilated.bias && floatsOf(dilated.bias);
	return pointwise.length === 0 ? initialNoise(floatsOf(dilated.weight), bias, channels * height * width) : undefined;
}

/** Of the code bases that took Caffe's mean with more digits. */
const longMean = [104.00698793, 116.66876762, 122.67891434] as const;

function preprocessingFor(
	family: Family,
	set: ClassSetId | undefined,
	overrides: ImportOverrides,
): Partial<Preprocessing> {
	const hasLongMean = family === 'torchvision' || family === 'tensorflow';
	const mean = overrides.mean ?? (hasLongMean ? longMean : undefined);
	return {
		alignCorners: overrides.alignCorners ?? family !== 'kazuto',
		...(mean ? { mean, padValue: mean } : {}),
		...(overrides.channelOrder ? { channelOrder: overrides.channelOrder } : {}),
		// Street scenes are evaluated at 1024 x 512.
		...(set === 'cityscapes' ? { longestSide: 1024 } : {}),
	};
}

/** Without those that are left out for a reason the report gives. */
function leftOf({ source, prefix, otherPrefixes, heads }: Recognized): string[] {
	const explained = [
		...otherPrefixes.filter((other) => other !== ''),
		...heads.auxiliary.map((head) => `${prefix}${head}.`),
	];
	return source.left.filter((name) => !explained.some((start) => name.startsWith(start)));
}
