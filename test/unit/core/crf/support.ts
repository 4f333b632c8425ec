import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeNpy } from '../../../../src/core/checkpoint/npy';
import { createDenseCrf, type DenseCrf } from '../../../../src/core/crf/denseCrf';
import { type CrfParameters, defaultCrfParameters, pairwiseTerms } from '../../../../src/core/crf/parameters';
import type { StartCrfThread } from '../../../../src/core/crf/threads';
import { InspectorError, type ProblemCode } from '../../../../src/core/problem';
import { nodeCrfThreads } from '../../../../src/worker/crf/crfThreads.node';

/** Node's, of which its types know nothing without the DOM's. */
const { WebAssembly: wasm } = globalThis as unknown as {
	WebAssembly: { Module: new (bytes: Uint8Array) => object };
};

const modules = new Map<string, object>();
/** The kernel as `npm run build` leaves it. */
export function kernelModule(file: 'dense-crf.wasm' | 'dense-crf-threads.wasm'): object {
	const module = modules.get(file) ?? new wasm.Module(readFileSync(path.resolve('dist/assets', file)));
	modules.set(file, module);
	return module;
}

export const startThread: StartCrfThread = nodeCrfThreads(path.resolve('dist/crfThread.mjs'));

export function single(): Promise<DenseCrf> {
	return createDenseCrf(kernelModule('dense-crf.wasm'));
}

export function threaded(threads: number): Promise<DenseCrf> {
	return createDenseCrf(kernelModule('dense-crf-threads.wasm'), { threads, startThread });
}

/** The settings of the golden cases; nothing pruned. */
export const settings: Readonly<Record<'A' | 'B', CrfParameters>> = {
	A: {
		...defaultCrfParameters,
		pruning: 0,
		spatialWeight: 3,
		spatialSigma: 3,
		bilateralWeight: 10,
		bilateralSigmaXy: 80,
		bilateralSigmaRgb: 13,
	},
	B: {
		...defaultCrfParameters,
		pruning: 0,
		spatialWeight: 3,
		spatialSigma: 1,
		bilateralWeight: 4,
		bilateralSigmaXy: 67,
		bilateralSigmaRgb: 3,
	},
};

/** Of tests that need no golden values: quick, and far from zero. */
export const parameters: CrfParameters = {
	...settings.A,
	iterations: 4,
	spatialWeight: 2,
	bilateralWeight: 3,
	bilateralSigmaXy: 20,
};

/** The two kernels of {@link parameters} with settings outside the bounds that {@link CrfParameters} has. */
export function termsOf(change: Partial<CrfParameters>) {
	const { bilateral, spatial } = pairwiseTerms({ ...parameters, ...change });
	return [bilateral, spatial];
}

/** Largest |sum of Q - 1| of any pixel. */
export function sumError(q: Float32Array, classes: number): number {
	const pixels = q.length / classes;
	let largest = 0;
	for (let i = 0; i < pixels; i++) {
		let sum = 0;
		for (let c = 0; c < classes; c++) {
			sum += q[c * pixels + i]!;
		}
		largest = Math.max(largest, Math.abs(sum - 1));
	}
	return largest;
}

export const goldenFolder = path.resolve('../shared/crf/golden');
export const hasGoldens = existsSync(goldenFolder);
/** Two of the small cases are kept here. */
const fixtures = path.resolve('test/fixtures/crf');

/** Where a small case lies; undefined where it is not there. */
export function smallCase(name: string): SmallCase | undefined {
	const folder = [fixtures, path.join(goldenFolder, 'small')].find((candidate) =>
		existsSync(path.join(candidate, `${name}_image.npy`)),
	);
	return folder === undefined ? undefined : new SmallCase(folder, name);
}

export class SmallCase {
	readonly width: number;
	readonly height: number;
	readonly classes: number;
	readonly rgb: Uint8Array;
	readonly unary: Float32Array;

	constructor(
		private readonly folder: string,
		private readonly name: string,
	) {
		const image = decodeNpy(readFileSync(this.file('image')));
		this.height = image.shape[0]!;
		this.width = image.shape[1]!;
		this.rgb = image.data as Uint8Array;
		this.unary = this.array('unary');
		this.classes = this.unary.length / (this.width * this.height);
	}

	array(key: string): Float32Array {
		return decodeNpy(readFileSync(this.file(key))).data as Float32Array;
	}

	private file(key: string): string {
		return path.join(this.folder, `${this.name}_${key}.npy`);
	}
}

/** Largest absolute difference; NaN if there is one. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
	if (actual.length !== expected.length) {
		return Number.NaN;
	}
	let largest = 0;
	for (let i = 0; i < actual.length; i++) {
		const distance = Math.abs(actual[i]! - expected[i]!);
		if (!(distance <= largest)) {
			largest = distance;
		}
	}
	return largest;
}

/** Per pixel the class of the largest value; the lowest of equal ones. */
export function argmax(q: ArrayLike<number>, pixels: number): Uint8Array {
	return Uint8Array.from({ length: pixels }, (_, pixel) => {
		let best = 0;
		for (let c = 1; c * pixels < q.length; c++) {
			if (q[c * pixels + pixel]! > q[best * pixels + pixel]!) {
				best = c;
			}
		}
		return best;
	});
}

/** How many entries differ. */
export function disagreements(one: ArrayLike<number>, other: ArrayLike<number>): number {
	let count = 0;
	for (let i = 0; i < one.length; i++) {
		count += one[i] === other[i] ? 0 : 1;
	}
	return count;
}

/** A picture with edges and noise, and a unary that knows a little of it; always the same for a seed. */
export function synthetic(width: number, height: number, classes: number, seed = 1) {
	let state = seed;
	const random = () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
	const pixels = width * height;
	const rgb = new Uint8Array(pixels * 3);
	const unary = new Float32Array(classes * pixels);
	for (let pixel = 0; pixel < pixels; pixel++) {
		const region = Math.floor((pixel % width) / 9) + Math.floor(pixel / width / 7);
		for (let k = 0; k < 3; k++) {
			rgb[pixel * 3 + k] = ((region * (37 + 20 * k)) % 230) + random() * 25;
		}
		for (let c = 0; c < classes; c++) {
			unary[c * pixels + pixel] = random() * 3 + (region % classes === c ? 0 : 1);
		}
	}
	return { width, height, classes, rgb, unary };
}

/** Of what it throws, which is to be an InspectorError; undefined where it throws nothing. */
export function codeOf(act: () => unknown): ProblemCode | undefined {
	try {
		act();
		return undefined;
	} catch (error) {
		if (error instanceof InspectorError) {
			return error.problem.code;
		}
		throw error;
	}
}
