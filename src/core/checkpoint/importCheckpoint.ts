/** From a published checkpoint of DeepLabv2 to a model that can be opened. */
import { type ClassChoice, type ClassSetId, chooseClasses } from '../classSets';
import { initialNoise, type Moments } from '../health/initialNoise';
import type { Preprocessing } from '../model';
import type { OnnxModel } from '../onnx/ir';
import { readMetadata } from '../onnx/metadata';
import { type BranchWeights, caffePreprocessing, type NetworkOptions, ratesFor } from '../onnx/networks/aspp';
import { type OutputStride, trainedStride } from '../onnx/networks/outputStride';
import { buildDeepLabResNet } from '../onnx/networks/resnet';
import { buildDeepLabVgg } from '../onnx/networks/vgg';
import { InspectorError } from '../problem';
import { defaultName } from './defaultName';
import { type Family, type Recognized, recognize } from './families/recognize';
import { type Checkpoint, type CheckpointFormat, readCheckpoint } from './readCheckpoint';
import { floatsOf } from './tensor';
import { type TensorNote, tensorNotes } from './tensorNotes';

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
	/** Default: 8. Rates are always those at 8. */
	readonly outputStride?: OutputStride | undefined;
}

export interface ImportedBranch {
	/** At output stride 8. */
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
	readonly outputStride: OutputStride;
	/** Of the branches that are part of the model, in cells of its own grid. */
	readonly modelRates: readonly number[];
	/** VGG-16 LargeFOV: whether pool5a stands before fc6; undefined for other networks. */
	readonly pool5a: boolean | undefined;
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
	const found = new FoundCheckpoint(bytes, file);
	return { report: found.report(overrides), model: found.model(overrides) };
}

/** A checkpoint that has been read and recognised, of which models can be made. Its tensors are views of the file. */
export class FoundCheckpoint {
	readonly #checkpoint: Checkpoint;
	readonly #found: Recognized;
	/** Of each branch. */
	readonly #noise: readonly (Moments | undefined)[];

	/** @throws InspectorError as {@link importCheckpoint} */
	constructor(
		bytes: Uint8Array,
		private readonly file: string,
	) {
		this.#checkpoint = readCheckpoint(bytes, file);
		this.#found = recognize(this.#checkpoint, file);
		this.#noise = this.#found.network.weights.branches.map(noiseOf);
	}

	/**
	 * What there is, and how it would be taken. Copies no weights.
	 * @throws InspectorError `weights.unsupported` where the overrides do not fit, `weights.damaged` where tensors do not
	 */
	report(overrides: ImportOverrides = {}): ImportReport {
		const found = this.#found;
		const { from, rates, summed } = this.#rates(overrides);
		const branches = rates.map((rate, index): ImportedBranch => {
			return { rate, summed: summed.includes(rate), untrained: this.#noise[index] };
		});
		const { set, from: classesFrom } = chooseClasses(this.#classes, overrides.classes);
		// With batch norms kept the weights go into the graph as they are.
		const metadata = readMetadata(this.model({ ...overrides, keepBatchNorm: true }), this.file);
		const trained = branches.filter(({ untrained }) => !untrained).map(({ rate }) => rate);
		return {
			format: this.#checkpoint.format,
			family: found.family,
			backbone: metadata.backbone,
			through: this.#checkpoint.through,
			prefix: found.prefix,
			otherPrefixes: found.otherPrefixes,
			heads: found.heads,
			branches,
			ratesFrom: from,
			outputStride: overrides.outputStride ?? trainedStride,
			modelRates: metadata.branches.map(({ rate }) => rate),
			pool5a: pool5aOf(found, overrides),
			linearHead: metadata.linearHead,
			classes: this.#classes,
			classSet: set,
			classesFrom,
			preprocessing: metadata.preprocessing,
			parameters: found.source.parameters,
			left: this.tensors(overrides).flatMap(({ name, use }) => (use === 'unknown' ? [name] : [])),
			suggestedSum: trained.length > 0 && summed.some((rate) => !trained.includes(rate)) ? trained : undefined,
		};
	}

	/**
	 * @throws InspectorError as {@link report}
	 */
	model(overrides: ImportOverrides = {}): OnnxModel {
		const found = this.#found;
		const { rates, summed } = this.#rates(overrides);
		const { classes, set } = chooseClasses(this.#classes, overrides.classes);
		return build(
			found,
			summed,
			rates,
			{
				name: overrides.name ?? defaultName(this.file),
				file: this.file,
				rates: summed,
				foldBatchNorm: overrides.keepBatchNorm !== true,
				classes,
				preprocessing: preprocessingFor(found.family, set, overrides),
				outputStride: overrides.outputStride,
			},
			overrides.pool5a,
		);
	}

	/**
	 * Every tensor of the file, with what it is for.
	 * @throws InspectorError `weights.unsupported` where the overrides do not fit
	 */
	tensors(overrides: Pick<ImportOverrides, 'rates' | 'sum'> = {}): TensorNote[] {
		const { rates, summed } = this.#rates(overrides);
		return tensorNotes(
			this.#checkpoint,
			this.#found,
			rates.map((rate) => summed.includes(rate)),
		);
	}

	get #classes(): number {
		return this.#found.network.weights.branches[0]!.at(-1)!.weight.shape[0] ?? 0;
	}

	/** At output stride 8. */
	#rates({ rates: given, sum }: Pick<ImportOverrides, 'rates' | 'sum'>): {
		readonly from: ImportReport['ratesFrom'];
		readonly rates: readonly number[];
		readonly summed: readonly number[];
	} {
		const count = this.#found.network.weights.branches.length;
		const told = given ?? (this.#found.rates?.length === count ? this.#found.rates : undefined);
		const rates = ratesFor(count, told, this.file);
		return { from: given ? 'given' : told ? 'file' : 'paper', rates, summed: summedRates(rates, sum, this.file) };
	}
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

function pool5aOf({ network }: Recognized, { pool5a }: ImportOverrides): boolean | undefined {
	const isLargeFov = network.kind === 'vgg' && network.weights.branches.length === 1;
	return isLargeFov ? (pool5a ?? network.pool5a) : undefined;
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

/** Of the code bases that took Caffe's mean with more digits: blue, green, red. */
const longMean = [104.00698793, 116.66876762, 122.67891434] as const;

function preprocessingFor(
	family: Family,
	set: ClassSetId | undefined,
	overrides: ImportOverrides,
): Partial<Preprocessing> {
	const hasLongMean = family === 'torchvision' || family === 'tensorflow';
	const isReversed = (overrides.channelOrder ?? caffePreprocessing.channelOrder) !== caffePreprocessing.channelOrder;
	const familyMean = hasLongMean ? longMean : caffePreprocessing.mean;
	const mean = overrides.mean ?? (isReversed ? reversed(familyMean) : familyMean);
	return {
		alignCorners: overrides.alignCorners ?? family !== 'kazuto',
		mean,
		padValue: mean,
		...(overrides.channelOrder ? { channelOrder: overrides.channelOrder } : {}),
		// Street scenes are evaluated at 1024 x 512.
		...(set === 'cityscapes' ? { longestSide: 1024 } : {}),
	};
}

function reversed([first, second, third]: Preprocessing['mean']): Preprocessing['mean'] {
	return [third, second, first];
}
