/** Mean field with exact Gaussian kernels, pair by pair: O(pixels²), for small pictures. */
import type { CrfInput } from '../../../../src/core/crf/denseCrf';
import type { CrfParameters } from '../../../../src/core/crf/parameters';

/** @returns Q, classes x pixels, after the parameters' iterations; normalised symmetrically */
export function bruteForce({ width, height, classes, unary, rgb }: CrfInput, parameters: CrfParameters): Float64Array {
	const pixels = width * height;
	const { bilateralSigmaXy, bilateralSigmaRgb, spatialSigma } = parameters;
	const squared = (i: number, j: number, sigma: number, color?: number): number => {
		const dx = ((i % width) - (j % width)) / sigma;
		const dy = (Math.floor(i / width) - Math.floor(j / width)) / sigma;
		let sum = dx * dx + dy * dy;
		for (let k = 0; color !== undefined && k < 3; k++) {
			sum += ((rgb[i * 3 + k]! - rgb[j * 3 + k]!) / color) ** 2;
		}
		return sum;
	};
	const kernels = [
		normalized(pixels, (i, j) => squared(i, j, bilateralSigmaXy, bilateralSigmaRgb), parameters.bilateralWeight),
		normalized(pixels, (i, j) => squared(i, j, spatialSigma), parameters.spatialWeight),
	];
	let energies = Float64Array.from(unary, (value) => -value);
	let q = softmax(energies, classes, pixels);
	for (let iteration = 0; iteration < parameters.iterations; iteration++) {
		energies = Float64Array.from(unary, (value) => -value);
		for (const kernel of kernels) {
			for (let c = 0; c < classes; c++) {
				for (let i = 0; i < pixels; i++) {
					let sum = 0;
					for (let j = 0; j < pixels; j++) {
						sum += kernel[i * pixels + j]! * q[c * pixels + j]!;
					}
					energies[c * pixels + i]! += sum;
				}
			}
		}
		q = softmax(energies, classes, pixels);
	}
	return q;
}

function normalized(pixels: number, squared: (i: number, j: number) => number, weight: number): Float64Array {
	const kernel = new Float64Array(pixels * pixels);
	const sums = new Float64Array(pixels);
	for (let i = 0; i < pixels; i++) {
		for (let j = 0; j < pixels; j++) {
			const value = Math.exp(-squared(i, j) / 2);
			kernel[i * pixels + j] = value;
			sums[i]! += value;
		}
	}
	return kernel.map((value, at) => (weight * value) / Math.sqrt(sums[Math.floor(at / pixels)]! * sums[at % pixels]!));
}

function softmax(energies: Float64Array, classes: number, pixels: number): Float64Array {
	const q = new Float64Array(energies.length);
	for (let i = 0; i < pixels; i++) {
		let top = Number.NEGATIVE_INFINITY;
		for (let c = 0; c < classes; c++) {
			top = Math.max(top, energies[c * pixels + i]!);
		}
		let sum = 0;
		for (let c = 0; c < classes; c++) {
			q[c * pixels + i] = Math.exp(energies[c * pixels + i]! - top);
			sum += q[c * pixels + i]!;
		}
		for (let c = 0; c < classes; c++) {
			q[c * pixels + i]! /= sum;
		}
	}
	return q;
}
