/** DeepLabv2 networks with random weights, as training would begin without any: for tests and measurements. */
import type { Tensor } from '../../checkpoint/tensor';
import type { OnnxModel } from '../ir';
import type { BranchWeights, NetworkOptions } from './aspp';
import { type BottleneckWeights, buildDeepLabResNet, type ResNetWeights } from './resnet';
import { buildDeepLabVgg, type VggWeights } from './vgg';
import type { ConvWeights } from './weights';

export const randomBackbones = ['resnet101', 'vgg16'] as const;
export type RandomBackbone = (typeof randomBackbones)[number];

export const randomHeads = ['aspp-l', 'aspp-s', 'largefov'] as const;
export type RandomHead = (typeof randomHeads)[number];

/** Dilation rates of the paper's heads, at output stride 8. */
export const headRates: Readonly<Record<RandomHead, readonly number[]>> = {
	'aspp-l': [6, 12, 18, 24],
	'aspp-s': [2, 4, 8, 12],
	largefov: [12],
};

export interface RandomNetwork {
	/** Parallel branches. */
	readonly branches: number;
	readonly classes: number;
	/** Share of the paper's channels that each layer has; at least one is kept. */
	readonly width: number;
	/** Same seed = same weights. */
	readonly seed: number;
}

/** @throws InspectorError `weights.unsupported` for classes that cannot be */
export function buildRandomNetwork(
	backbone: RandomBackbone,
	head: RandomHead,
	network: Omit<RandomNetwork, 'branches'>,
	options: Omit<NetworkOptions, 'rates' | 'file'>,
): OnnxModel {
	const rates = headRates[head];
	const whole = { ...network, branches: rates.length };
	const common = { ...options, rates, file: options.name };
	switch (backbone) {
		case 'resnet101':
			return buildDeepLabResNet(randomResNet101(whole), common);
		case 'vgg16':
			return buildDeepLabVgg(randomVgg16(whole), { ...common, pool5a: head === 'largefov' });
		default: {
			const unknown: never = backbone;
			throw new Error(`unknown backbone ${String(unknown)}`);
		}
	}
}

/** ResNet-101 with linear branches. */
export function randomResNet101({ branches, classes, width, seed }: RandomNetwork): ResNetWeights {
	const random = new WeightSource(seed);
	const channels = channelsAt(width);
	const stem = random.convWithNorm('conv1', [channels(64), 3, 7, 7]);
	let inputs = channels(64);
	const stages = [3, 4, 23, 3].map((blocks, stage) => {
		const inner = channels(64 * 2 ** stage);
		const outputs = channels(256 * 2 ** stage);
		return Array.from({ length: blocks }, (_, block): BottleneckWeights => {
			const at = `res${stage + 2}.${block}`;
			const weights = {
				reduce: random.convWithNorm(`${at}.reduce`, [inner, inputs, 1, 1]),
				conv3x3: random.convWithNorm(`${at}.conv3x3`, [inner, inner, 3, 3]),
				increase: random.convWithNorm(`${at}.increase`, [outputs, inner, 1, 1], residualGain),
				shortcut: block === 0 ? random.convWithNorm(`${at}.shortcut`, [outputs, inputs, 1, 1]) : undefined,
			};
			inputs = outputs;
			return weights;
		});
	});
	const head = Array.from({ length: branches }, (_, branch): BranchWeights => {
		return [random.conv(`branch${branch}`, [classes, inputs, 3, 3], headDeviation)];
	});
	return { stem, stages, branches: head };
}

/** VGG-16 with fc6, fc7 and fc8 a branch. */
export function randomVgg16({ branches, classes, width, seed }: RandomNetwork): VggWeights {
	const random = new WeightSource(seed);
	const channels = channelsAt(width);
	let inputs = 3;
	const stages = [2, 2, 3, 3, 3].map((convs, stage) =>
		Array.from({ length: convs }, (_, conv) => {
			const outputs = channels(Math.min(512, 64 * 2 ** stage));
			const weights = random.conv(`conv${stage + 1}_${conv + 1}`, [outputs, inputs, 3, 3]);
			inputs = outputs;
			return weights;
		}),
	);
	const hidden = channels(1024);
	const head = Array.from({ length: branches }, (_, branch): BranchWeights => {
		const name = (layer: string) => `${layer}_${branch + 1}`;
		return [
			random.conv(name('fc6'), [hidden, inputs, 3, 3]),
			random.conv(name('fc7'), [hidden, hidden, 1, 1]),
			random.conv(name('fc8'), [classes, hidden, 1, 1], headDeviation),
		];
	});
	return { stages, branches: head };
}

/** The paper's, for classifiers. */
const headDeviation = 0.01;

/** Keeps the numbers from growing along 33 blocks that each add to what is there. */
const residualGain = 0.2;

function channelsAt(width: number): (channels: number) => number {
	return (channels) => Math.max(1, Math.round(channels * width));
}

type KernelShape = readonly [outputs: number, inputs: number, height: number, width: number];

/** Normally distributed weights, in the order they are asked for. */
class WeightSource {
	#state: number;
	/** Every pair of uniform numbers gives two. */
	#spare: number | undefined;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** Of He et al., 2015 (arXiv 1502.01852): deviation sqrt(2 / inputs of a value), unless another is given. */
	conv(name: string, shape: KernelShape, deviation = Math.sqrt(2 / (shape[1] * shape[2] * shape[3]))): ConvWeights {
		const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
		for (let index = 0; index < data.length; index++) {
			data[index] = deviation * this.#normal();
		}
		return { weight: { name: `${name}.weight`, shape, data }, bias: filled(`${name}.bias`, shape[0], 0) };
	}

	convWithNorm(name: string, shape: KernelShape, gain = 1): ConvWeights {
		const { weight } = this.conv(name, shape);
		const [channels] = shape;
		const norm = {
			gamma: filled(`${name}.gamma`, channels, gain),
			beta: filled(`${name}.beta`, channels, 0),
			mean: filled(`${name}.mean`, channels, 0),
			variance: filled(`${name}.variance`, channels, 1),
			epsilon: 1e-5,
		};
		return { weight, norm };
	}

	/** Box and Muller, 1958. */
	#normal(): number {
		const spare = this.#spare;
		if (spare !== undefined) {
			this.#spare = undefined;
			return spare;
		}
		const radius = Math.sqrt(-2 * Math.log(1 - this.#uniform()));
		const angle = 2 * Math.PI * this.#uniform();
		this.#spare = radius * Math.sin(angle);
		return radius * Math.cos(angle);
	}

	/** A Weyl sequence, mixed as by MurmurHash3's finalizer; 0 ≤ x < 1. */
	#uniform(): number {
		this.#state = (this.#state + 0x9e3779b9) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
		mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
		return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
	}
}

function filled(name: string, length: number, value: number): Tensor {
	return { name, shape: [length], data: new Float32Array(length).fill(value) };
}
