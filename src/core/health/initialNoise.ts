/**
 * Tells weights that were never trained from trained ones. The heads of DeepLab's PyTorch code bases begin as
 * N(0, 0.01) with PyTorch's default bias; where a branch was left out of the sum in training, it is saved like that.
 */

export interface Moments {
	readonly mean: number;
	readonly standardDeviation: number;
	/** 3 for a normal distribution. */
	readonly kurtosis: number;
}

/** The standard deviation that the weights begin with. */
const initialDeviation = 0.01;
/** Fewer weights say too little. */
const smallestSample = 500;
/** Standard errors within which a sample of noise lies but for one in some 16,000. */
const standardErrors = 4;

/**
 * Whether weights look like their initial noise: mean 0, standard deviation 0.0100 ± 0.0001 and kurtosis near 3 (each
 * wider where the sample is too small to tell), and no bias beyond 1 / √fanIn.
 *
 * @param fanIn Inputs of one output value: 9 * channels for a 3x3 convolution.
 * @returns the weights' moments; undefined where they do not look so
 */
export function initialNoise(
	weights: Float32Array,
	bias: Float32Array | undefined,
	fanIn: number,
): Moments | undefined {
	const count = weights.length;
	if (count < smallestSample) {
		return undefined;
	}
	const moments = momentsOf(weights);
	// Of a normal distribution: σ/√n of the mean, σ/√(2n) of the standard deviation, √(24/n) of the kurtosis.
	const near = (value: number, expected: number, error: number, atLeast: number) =>
		Math.abs(value - expected) <= Math.max(standardErrors * error, atLeast);
	const isNoise =
		near(moments.mean, 0, initialDeviation / Math.sqrt(count), 0) &&
		near(moments.standardDeviation, initialDeviation, initialDeviation / Math.sqrt(2 * count), 0.0001) &&
		near(moments.kurtosis, 3, Math.sqrt(24 / count), 0.05) &&
		(bias?.every((value) => Math.abs(value) <= (1 + 1e-6) / Math.sqrt(fanIn)) ?? true);
	return isNoise ? moments : undefined;
}

/** Of a whole population. */
export function momentsOf(values: Float32Array): Moments {
	let sum = 0;
	for (const value of values) {
		sum += value;
	}
	const mean = sum / values.length;
	let second = 0;
	let fourth = 0;
	for (const value of values) {
		const square = (value - mean) ** 2;
		second += square;
		fourth += square * square;
	}
	const variance = second / values.length;
	return { mean, standardDeviation: Math.sqrt(variance), kurtosis: fourth / values.length / variance ** 2 };
}
