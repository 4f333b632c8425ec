/** What the tests of gradients share: runs of gradient models, and how far two gradients lie apart. */
import * as ort from 'onnxruntime-web';
import { encodeOnnx } from '../../../../../src/core/onnx/encode';
import { buildGradientModel, type GradientModel } from '../../../../../src/core/onnx/gradient/buildGradientModel';
import { elementCount, type OnnxModel } from '../../../../../src/core/onnx/ir';

export interface Loaded {
	readonly built: GradientModel;
	/** Gradient and targets; seeds that are left out are zeros. */
	run(
		input: Float32Array,
		seeds: Readonly<Record<string, Float32Array>>,
	): Promise<{ readonly gradient: Float32Array; readonly targets: Readonly<Record<string, Float32Array>> }>;
	release(): Promise<void>;
}

export async function loadGradient(
	source: OnnxModel,
	inputSize: readonly [number, number],
	targets: readonly string[],
): Promise<Loaded> {
	const built = buildGradientModel(source, { inputSize, targets, name: 'test.onnx' });
	const session = await load(built.model);
	return {
		built,
		run: async (input, seeds) => {
			const feeds: Record<string, ort.Tensor> = { [built.input]: new ort.Tensor('float32', input, built.inputShape) };
			for (const seed of built.seeds) {
				const values = seeds[seed.target] ?? new Float32Array(elementCount(seed.shape));
				feeds[seed.input] = new ort.Tensor('float32', values, seed.shape);
			}
			const outputs = await session.run(feeds);
			const values = Object.entries(outputs).map(([name, tensor]) => [name, tensor.data as Float32Array] as const);
			const { [built.gradient]: gradient, ...rest } = Object.fromEntries(values);
			return { gradient: gradient!, targets: rest };
		},
		release: () => session.release(),
	};
}

export function load(model: OnnxModel): Promise<ort.InferenceSession> {
	return ort.InferenceSession.create(encodeOnnx(model), { logSeverityLevel: 3 });
}

/** One at a class and cell of 1 x classes x height x width, zeros else. */
export function oneHot(shape: readonly number[], label: number, row: number, column: number): Float32Array {
	const [, , height, width] = shape as [number, number, number, number];
	const seed = new Float32Array(elementCount(shape));
	seed[(label * height + row) * width + column] = 1;
	return seed;
}

/** ‖a − b‖ / ‖b‖, and the largest |a − b| as a share of the largest |b|. */
export function distance(actual: Float32Array, expected: Float32Array): { norm: number; largest: number } {
	if (actual.length !== expected.length) {
		throw new Error(`${actual.length} values instead of ${expected.length}`);
	}
	let difference = 0;
	let square = 0;
	let largestDifference = 0;
	let largest = 0;
	for (const [index, value] of expected.entries()) {
		const error = Math.abs(actual[index]! - value);
		difference += error * error;
		square += value * value;
		largestDifference = error > largestDifference || Number.isNaN(error) ? error : largestDifference;
		largest = Math.max(largest, Math.abs(value));
	}
	return { norm: Math.sqrt(difference / square), largest: largestDifference / largest };
}
