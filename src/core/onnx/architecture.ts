/** The description that stands beside a checkpoint: layers in order, preprocessing, classes. */
import type { Preprocessing } from '../model';
import { InspectorError } from '../problem';
import { JsonValue } from './jsonValue';

/** One inverted residual block of MobileNetV2. */
export interface BlockArchitecture {
	/** Dotted layer name, e.g. `backbone.block3`. */
	readonly name: string;
	/** Whether a 1x1 convolution to `hiddenChannels` comes first. */
	readonly expand: boolean;
	readonly inputChannels: number;
	readonly hiddenChannels: number;
	readonly outputChannels: number;
	/** Of the depthwise 3x3 convolution. */
	readonly stride: number;
	readonly dilation: number;
	readonly padding: number;
	readonly residual: boolean;
}

export interface Architecture {
	readonly name: string;
	readonly family: string;
	readonly backbone: string;
	readonly outputStride: number;
	readonly stem: { readonly kernel: number; readonly stride: number; readonly padding: number };
	readonly blocks: readonly BlockArchitecture[];
	/** Channels before, between and after the 1x1 convolutions of the neck. */
	readonly neckChannels: readonly number[];
	/** Dilation rate of each branch; its padding equals it. */
	readonly rates: readonly number[];
	readonly headKernel: number;
	readonly preprocessing: Preprocessing;
	readonly classes: readonly string[];
	readonly ignoreLabel: number;
}

const channelLimit = 65536;

/**
 * @param json The parsed content of `architecture.json`.
 * @param name The file's name, for errors.
 * @throws InspectorError `weights.damaged` naming the field that is missing, wrong or contradicts another.
 */
export function parseArchitecture(json: unknown, name: string): Architecture {
	const root = new JsonValue(
		json,
		'',
		(place, detail) =>
			new InspectorError({ code: 'weights.damaged', name, detail: `${place || 'the description'} ${detail}` }),
	);
	const layers = root.get('layers');
	const stem = layers.get('stem');
	stem.get('activation').oneOf('relu6');
	const aspp = layers.get('aspp');
	aspp.get('fusion').oneOf('sum');
	aspp.get('padding').oneOf('equal to the rate');
	const outputStride = root.get('outputStride').integer(1, 64);
	const architecture: Architecture = {
		name: root.get('name').string(),
		family: root.get('family').oneOf('deeplabv2'),
		backbone: root.get('backbone').oneOf('mobilenetv2'),
		outputStride,
		stem: {
			kernel: stem.get('kernel').integer(1, 15),
			stride: stem.get('stride').integer(1, 8),
			padding: stem.get('padding').integer(0, 15),
		},
		blocks: layers.get('blocks').array().map(block),
		neckChannels: neck(layers.get('neck')),
		rates: aspp
			.get('rates')
			.array()
			.map((rate) => rate.integer(1, 1024)),
		headKernel: aspp.get('kernel').integer(3, 3),
		preprocessing: preprocessing(root.get('preprocessing'), outputStride),
		classes: root
			.get('classes')
			.array()
			.map((item) => item.string()),
		ignoreLabel: root.get('ignoreLabel').integer(0, 255),
	};
	checkChain(architecture, layers, root);
	return architecture;
}

function block(json: JsonValue): BlockArchitecture {
	const channels = (key: string) => json.get(key).integer(1, channelLimit);
	const parsed: BlockArchitecture = {
		name: json.get('name').string(),
		expand: json.get('expand').boolean(),
		inputChannels: channels('inputChannels'),
		hiddenChannels: channels('hiddenChannels'),
		outputChannels: channels('outputChannels'),
		stride: json.get('stride').integer(1, 8),
		dilation: json.get('dilation').integer(1, 64),
		padding: json.get('padding').integer(0, 64),
		residual: json.get('residual').boolean(),
	};
	if (parsed.padding !== parsed.dilation) {
		throw json.get('padding').error(`is ${parsed.padding}; should equal the dilation ${parsed.dilation}`);
	}
	if (!parsed.expand && parsed.hiddenChannels !== parsed.inputChannels) {
		throw json.get('hiddenChannels').error('should equal inputChannels where nothing is expanded');
	}
	if (parsed.residual && (parsed.stride !== 1 || parsed.inputChannels !== parsed.outputChannels)) {
		throw json.get('residual').error('needs stride 1 and as many channels out as in');
	}
	return parsed;
}

/** The neck is described in words; its channel counts are the numbers joined by hyphens. */
function neck(json: JsonValue): number[] {
	const chain = /\b\d+(?:-\d+)+\b/.exec(json.string())?.[0];
	if (chain === undefined) {
		throw json.error('should give the channels of its 1x1 convolutions, like 320-256-256');
	}
	return chain.split('-').map(Number);
}

function preprocessing(json: JsonValue, outputStride: number): Preprocessing {
	const formula = json.get('formula');
	const numbers = /^\(value - (\d+(?:\.\d+)?)\) \/ (\d+(?:\.\d+)?), value 0\.\.255$/.exec(formula.string());
	const mean = Number(numbers?.[1]);
	const std = Number(numbers?.[2]);
	if (!numbers || std === 0) {
		throw formula.error('should read “(value - mean) / std, value 0..255”');
	}
	const pad = json.get('pad');
	const padMultiple = Number(/\bright and below to the next (\d+)k\+1\b/.exec(pad.string())?.[1]);
	if (padMultiple !== outputStride) {
		throw pad.error(`should say “right and below to the next ${outputStride}k+1”`);
	}
	const padValue = json.get('padValue').number();
	return {
		channelOrder: json.get('channelOrder').oneOf('RGB', 'BGR'),
		mean: [mean, mean, mean],
		std: [std, std, std],
		padValue: [padValue, padValue, padValue],
		longestSide: json.get('longestSide').integer(1, 65536),
		padMultiple,
		alignCorners: json.get('alignCorners').boolean(),
	};
}

/** Parts that are right one by one must also fit each other. */
function checkChain(architecture: Architecture, layers: JsonValue, root: JsonValue): void {
	const blocks = layers.get('blocks').array();
	if (blocks.length === 0) {
		throw layers.get('blocks').error('is empty');
	}
	let stride = architecture.stem.stride;
	for (const [index, current] of architecture.blocks.entries()) {
		const before = architecture.blocks[index - 1];
		if (before && before.outputChannels !== current.inputChannels) {
			throw blocks[index]!.get('inputChannels').error(
				`is ${current.inputChannels}, but the block before has ${before.outputChannels} channels`,
			);
		}
		stride *= current.stride;
	}
	if (stride !== architecture.outputStride) {
		throw root.get('outputStride').error(`is ${architecture.outputStride}, but the strides multiply to ${stride}`);
	}
	const last = architecture.blocks.at(-1)!.outputChannels;
	if (architecture.neckChannels[0] !== last) {
		throw layers.get('neck').error(`starts with ${architecture.neckChannels[0]} channels instead of ${last}`);
	}
	const names = new Set(architecture.blocks.map((item) => item.name));
	if (names.size !== architecture.blocks.length) {
		throw layers.get('blocks').error('has two blocks of the same name');
	}
	if (architecture.rates.length === 0 || new Set(architecture.rates).size !== architecture.rates.length) {
		throw layers.get('aspp').get('rates').error('should be different dilation rates, at least one');
	}
	if (architecture.classes.length < 2 || architecture.classes.length > 255) {
		throw root.get('classes').error('should be 2 to 255 names');
	}
}
