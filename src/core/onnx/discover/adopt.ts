/** From a segmentation network of another tool to a model that can be opened here. */
import { type ClassChoice, type ClassSetId, chooseClasses } from '../../classSets';
import { type ChannelOrder, type NormalizationId, normalization } from '../../image/normalizations';
import type { AsppBranch, ModelMetadata, Preprocessing } from '../../model';
import { vocPalette } from '../../palettes';
import { InspectorError } from '../../problem';
import type { OnnxModel } from '../ir';
import { readMetadata, writeMetadata } from '../metadata';
import { inferShapes } from '../shapes';
import { type Discovery, discover } from './discover';
import { type ExposedValue, exposeValues } from './exposeValues';
import { flowOf } from './flow';
import { type StatedInput, statedInput } from './statedInput';

/** What no graph tells, and what a user knows better. */
export interface AdoptOptions {
	/** What the model is called; undefined: by its file. */
	readonly name?: string | undefined;
	/** A data set, or the names in the order of the labels. */
	readonly classes?: ClassSetId | readonly string[] | undefined;
	/** Undefined: torchvision's, which is then an assumption. */
	readonly normalization?: NormalizationId | undefined;
	readonly channelOrder?: ChannelOrder | undefined;
	/** Of 0…255, in the order of the network's channels; instead of the normalization's. */
	readonly mean?: readonly [number, number, number] | undefined;
	readonly std?: readonly [number, number, number] | undefined;
	/** Undefined: as the graph resizes its logits, else false. */
	readonly alignCorners?: boolean | undefined;
	readonly longestSide?: number | undefined;
	readonly resize?: Preprocessing['resize'] | undefined;
	/** Sides are padded to the next `multiple * k + remainder`. */
	readonly pad?: { readonly multiple: number; readonly remainder: 0 | 1 } | undefined;
	readonly ignoreLabel?: number | undefined;
}

/** What was found in a graph and how it was taken. */
export interface AdoptReport {
	readonly discovery: Discovery;
	readonly metadata: ModelMetadata;
	readonly classesFrom: ClassChoice['from'];
	/** The data set, where the classes have their names from one. */
	readonly classSet: ClassSetId | undefined;
	/** Whether mean, deviation and channel order were told, or are torchvision's for want of better. */
	readonly normalizationFrom: 'given' | 'assumed';
	/** What the file says of it; nothing is taken from that unasked. */
	readonly stated: StatedInput;
	readonly alignCornersFrom: 'given' | 'graph' | 'assumed';
	/** Whether the output stride is the graph's; else it is taken to be 8. */
	readonly outputStrideKnown: boolean;
}

const usualStride = 8;
const usualSide = 513;
/** Networks without an ASPP head halve and double their grids, most of them five times. */
const usualPad = { multiple: 32, remainder: 0 } as const;

/**
 * Adds the outputs `features`, `aspp.<rate>`… and `logits` and the metadata; nodes and weights stay as they are.
 *
 * @param file The file's name, for errors.
 * @throws InspectorError `model.unsupported` with what keeps the network from being run here, where the file describes
 *   itself already, or for names of another number of classes
 */
export function adoptModel(
	model: OnnxModel,
	file: string,
	options: AdoptOptions = {},
): { readonly report: AdoptReport; readonly model: OnnxModel } {
	if (Object.keys(model.metadata).some((key) => key.startsWith('deeplab.'))) {
		const detail = 'it describes itself already: there is nothing to adopt';
		throw new InspectorError({ code: 'model.unsupported', name: file, detail });
	}
	const discovery = discover(model, file);
	const { head, logits, features, inputSize } = discovery;
	const choice = chooseClasses(logits.classes, options.classes);
	if (choice.classes && choice.classes.length !== logits.classes) {
		const detail = `it has ${logits.classes} classes, and names were given for ${choice.classes.length}`;
		throw new InspectorError({ code: 'model.unsupported', name: file, detail });
	}
	const branches = (head?.branches ?? []).map(({ rate }): AsppBranch => ({ rate, output: `aspp.${rate}` }));
	const metadata: ModelMetadata = {
		name: options.name ?? file.replace(/^.*[\\/]/, '').replace(/\.onnx$/i, ''),
		family: head ? families[head.join] : 'other',
		backbone: 'unknown',
		outputStride: discovery.outputStride ?? usualStride,
		preprocessing: preprocessingFor(discovery, options),
		classes: choice.classes ?? vocPalette(logits.classes).map((color, label) => ({ name: `class ${label}`, color })),
		ignoreLabel: options.ignoreLabel ?? 255,
		branches,
		...(head?.join === 'mixed' ? { join: head.join } : {}),
		linearHead: head?.join === 'sum' && head.branches.every(({ alone }) => alone),
	};
	const shapes = inferShapes(model.graph, inputSize ?? [usualSide, usualSide]);
	const exposed = (value: string, output: string): ExposedValue => ({
		value,
		output,
		channels: shapes.get(value)?.[1],
	});
	const graph = exposeValues(
		model.graph,
		[
			exposed(features, 'features'),
			...branches.map(({ output }, index) => exposed(head!.branches[index]!.value, output)),
			exposed(logits.value, 'logits'),
		],
		file,
	);
	const adopted = { ...model, graph, metadata: { ...model.metadata, ...writeMetadata(metadata) } };
	return {
		model: adopted,
		report: {
			discovery,
			metadata: readMetadata(adopted, file),
			classesFrom: choice.from,
			classSet: choice.set,
			normalizationFrom: options.normalization || (options.mean && options.std) ? 'given' : 'assumed',
			stated: statedInput(model.metadata, discovery.input, flowOf(model.graph)),
			alignCornersFrom:
				options.alignCorners !== undefined ? 'given' : logits.alignCorners !== undefined ? 'graph' : 'assumed',
			outputStrideKnown: discovery.outputStride !== undefined,
		},
	};
}

const families = { sum: 'deeplabv2', mixed: 'deeplabv3' } as const;

function preprocessingFor(
	{ inputSize, head, logits, outputStride }: Discovery,
	{ normalization: id = 'imagenet', channelOrder = 'RGB', mean, std, ...options }: AdoptOptions,
): Preprocessing {
	const base = normalization(id, channelOrder);
	const pad = options.pad ?? (head ? { multiple: outputStride ?? usualStride, remainder: 1 } : usualPad);
	return {
		...base,
		...(mean ? { mean, padValue: mean } : {}),
		...(std ? { std } : {}),
		longestSide: options.longestSide ?? (inputSize ? Math.max(...inputSize) : usualSide),
		padMultiple: pad.multiple,
		...(pad.remainder === 0 ? { padRemainder: 0 } : {}),
		...(inputSize ? { inputSize } : {}),
		...(options.resize === 'stretch' ? { resize: options.resize } : {}),
		alignCorners: options.alignCorners ?? logits.alignCorners ?? false,
	};
}
