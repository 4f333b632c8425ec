/** The end that all DeepLabv2 networks share: parallel dilated branches over the features, summed. */
import type { AsppBranch, ClassInfo, ModelMetadata, Preprocessing } from '../../model';
import { vocPalette } from '../../palettes';
import { InspectorError } from '../../problem';
import { builderIrVersion, builderOpset } from '../graphBuilder';
import type { OnnxModel } from '../ir';
import { writeMetadata } from '../metadata';
import type { LayerBuilder, Maps } from './layers';
import { type OutputStride, ratesAt, trainedStride } from './outputStride';
import type { ConvWeights } from './weights';

/** One branch: a dilated 3x3 convolution, and for VGG-16 1x1 convolutions behind it with ReLU before each. */
export type BranchWeights = readonly [ConvWeights, ...ConvWeights[]];

export interface NetworkOptions {
	/** What the model is called. */
	readonly name: string;
	/** The checkpoint's name, for errors. */
	readonly file: string;
	/** Dilation rate of each branch at output stride 8; without it the paper's: 12 for one branch, 6, 12, 18, 24 for four. */
	readonly rates?: readonly number[] | undefined;
	/** Whether batch norms become part of their convolutions (default), or stay layers of their own. */
	readonly foldBatchNorm?: boolean | undefined;
	/** One a class; without it they are numbered, in VOC's colours. */
	readonly classes?: readonly ClassInfo[] | undefined;
	/** What differs from {@link caffePreprocessing}. */
	readonly preprocessing?: Partial<Preprocessing> | undefined;
	readonly ignoreLabel?: number | undefined;
	/** Default: 8. At another one the branches' rates become those of `ratesAt`. */
	readonly outputStride?: OutputStride | undefined;
}

/** Blue, green, red: the mean of ImageNet's pictures as Caffe's networks have it. */
const caffeMean = [104.008, 116.669, 122.675] as const;

/** How pictures reach networks that began in Caffe: BGR, 0…255, minus the mean; padded with the mean. */
export const caffePreprocessing: Preprocessing = {
	channelOrder: 'BGR',
	mean: caffeMean,
	std: [1, 1, 1],
	padValue: caffeMean,
	longestSide: 513,
	// At 8k+1 rounding up and down agree in every stage, so that the grid's corners lie on the input's.
	padMultiple: 8,
	alignCorners: true,
};

/**
 * Dilation rates for a number of branches.
 * @throws InspectorError `weights.unsupported` where they have to be told, or do not fit
 */
export function ratesFor(count: number, told: readonly number[] | undefined, file: string): readonly number[] {
	const unsupported = (detail: string) => new InspectorError({ code: 'weights.unsupported', name: file, detail });
	const rates = told ?? paperRates.get(count);
	if (!rates) {
		throw unsupported(`its head has ${count} branches, and their dilation rates are not in the file: give them`);
	}
	if (rates.length !== count) {
		throw unsupported(`its head has ${count} branches, and ${rates.length} dilation rates were given`);
	}
	if (rates.some((rate) => !Number.isInteger(rate) || rate < 1 || rate > 1024)) {
		throw unsupported(`dilation rates are whole numbers from 1 to 1024, not ${rates.join(', ')}`);
	}
	if (new Set(rates).size !== count) {
		throw unsupported(`two branches have the same dilation rate in ${rates.join(', ')}`);
	}
	return rates;
}

/** LargeFOV and ASPP-L. */
const paperRates: ReadonlyMap<number, readonly number[]> = new Map([
	[1, [12]],
	[4, [6, 12, 18, 24]],
]);

/**
 * Adds the branches and their sum, declares the outputs `features`, `aspp.<rate>`…, `logits` and describes the model.
 *
 * @param features What the branches read; its value is named `features`.
 * @throws InspectorError `weights.damaged` for tensors that do not fit, `weights.unsupported` for rates or classes
 */
export function finishNetwork(
	layers: LayerBuilder,
	features: Maps,
	branches: readonly BranchWeights[],
	backbone: string,
	options: NetworkOptions,
): OnnxModel {
	const { graph } = layers;
	const outputStride = options.outputStride ?? trainedStride;
	const rates = ratesOn(outputStride, ratesFor(branches.length, options.rates, options.file), options.file);
	for (const [{ weight }] of branches) {
		const kernel = weight.shape.slice(2).join('x');
		if (kernel !== '3x3') {
			const detail = `its branches have a ${kernel || '1x1'} kernel; DeepLab Inspector works with 3x3`;
			throw new InspectorError({ code: 'weights.unsupported', name: options.file, detail });
		}
	}
	const maps = branches.map((weights, index) => buildBranch(layers, features, weights, rates[index]!));
	const classCount = maps[0]!.channels;
	const odd = maps.findIndex((map) => map.channels !== classCount);
	if (odd !== -1) {
		const detail = `the branches of its head have ${classCount} and ${maps[odd]!.channels} classes`;
		throw new InspectorError({ code: 'weights.damaged', name: options.file, detail });
	}
	const logits = graph.sum(
		'logits',
		maps.map((map) => map.value),
	);
	graph.output(features.value, [1, features.channels, 'grid_height', 'grid_width']);
	for (const value of [...maps.map((map) => map.value), logits]) {
		graph.output(value, [1, classCount, 'grid_height', 'grid_width']);
	}
	const metadata: ModelMetadata = {
		name: options.name,
		family: 'deeplabv2',
		backbone,
		outputStride,
		preprocessing: { ...caffePreprocessing, padMultiple: outputStride, ...options.preprocessing },
		classes: classesFor(classCount, options),
		ignoreLabel: options.ignoreLabel ?? 255,
		branches: maps.map(({ value }, index): AsppBranch => ({ rate: rates[index]!, output: value })),
		linearHead: branches.every((weights) => weights.length === 1),
	};
	return {
		irVersion: builderIrVersion,
		opset: builderOpset,
		producer: 'DeepLab Inspector',
		graph: graph.build(),
		metadata: writeMetadata(metadata),
	};
}

function ratesOn(outputStride: OutputStride, trained: readonly number[], file: string): readonly number[] {
	const rates = ratesAt(trained, outputStride);
	if (new Set(rates).size !== rates.length) {
		const detail = `at output stride ${outputStride} its dilation rates ${trained.join(', ')} become ${rates.join(', ')}, of which two are the same: give rates that stay apart`;
		throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
	}
	return rates;
}

/** A linear branch is the layer `aspp.<rate>`; another one is the group of that name with VGG-16's layer names. */
function buildBranch(layers: LayerBuilder, features: Maps, weights: BranchWeights, rate: number): Maps {
	const branch = `aspp.${rate}`;
	const [dilated, ...pointwise] = weights;
	const window = { kernel: 3, dilation: rate };
	if (pointwise.length === 0) {
		return layers.conv(branch, features, dilated, window);
	}
	let maps = layers.convRelu(`${branch}.fc6`, features, dilated, window);
	for (const [index, conv] of pointwise.entries()) {
		const layer = `${branch}.fc${index + 7}`;
		maps =
			index < pointwise.length - 1
				? layers.convRelu(layer, maps, conv, { kernel: 1 })
				: layers.conv(layer, maps, conv, { kernel: 1 }, branch);
	}
	return maps;
}

function classesFor(count: number, { classes, file }: NetworkOptions): readonly ClassInfo[] {
	if (count < 2 || count > 256) {
		const detail = `its head has ${count} classes; DeepLab Inspector works with 2 to 256`;
		throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
	}
	if (!classes) {
		return vocPalette(count).map((color, label) => ({ name: `class ${label}`, color }));
	}
	if (classes.length !== count) {
		const detail = `its head has ${count} classes, and names were given for ${classes.length}`;
		throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
	}
	return classes;
}
