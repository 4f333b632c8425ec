/** A dense CRF by the definition: every pixel with every other one, without a lattice. For small pictures only. */
import type { CrfInput } from '../../../src/core/crf/denseCrf';
import type { CrfParameters } from '../../../src/core/crf/parameters';
import type { CrfEngine, CrfEngineStep, CrfMessages } from '../../../src/worker/crf/crfEngine';

export interface FakeCrf extends CrfEngine {
	step: CrfEngine['step'];
	/** How often each method was called. */
	readonly calls: Record<'setInput' | 'setParameters' | 'start' | 'step' | 'run' | 'dispose', number>;
	/** Thrown by the next step. */
	failure: Error | undefined;
}

type Kernel = (i: number, j: number) => number;

export function fakeCrf(): FakeCrf {
	let input: CrfInput = { width: 0, height: 0, classes: 0, unary: new Float32Array(), rgb: new Uint8Array() };
	let kernels: Record<'bilateral' | 'spatial', Float64Array>;
	let q = new Float64Array();
	let messages: Record<'bilateral' | 'spatial', Float64Array>;
	let iteration = 0;
	const pixels = () => input.width * input.height;

	const labels = () =>
		Uint8Array.from({ length: pixels() }, (_, i) => {
			let best = 0;
			for (let c = 1; c < input.classes; c++) {
				best = q[c * pixels() + i]! > q[best * pixels() + i]! ? c : best;
			}
			return best;
		});
	const entropyMap = () =>
		Float32Array.from({ length: pixels() }, (_, i) => {
			let sum = 0;
			for (let c = 0; c < input.classes; c++) {
				const value = q[c * pixels() + i]!;
				sum -= value > 0 ? value * Math.log(value) : 0;
			}
			return sum;
		});
	const update = (): CrfEngineStep => {
		const before = q;
		const labelsBefore = before.length > 0 ? labels() : undefined;
		const scores = Float64Array.from(input.unary, (unary, i) => messages.bilateral[i]! + messages.spatial[i]! - unary);
		q = new Float64Array(scores.length);
		for (let i = 0; i < pixels(); i++) {
			let sum = 0;
			for (let c = 0; c < input.classes; c++) {
				sum += q[c * pixels() + i] = Math.exp(scores[c * pixels() + i]!);
			}
			for (let c = 0; c < input.classes; c++) {
				q[c * pixels() + i]! /= sum;
			}
		}
		const now = labels();
		return {
			iteration,
			changedPixels: labelsBefore ? now.filter((label, i) => label !== labelsBefore[i]).length : 0,
			meanEntropy: entropyMap().reduce((a, b) => a + b, 0) / pixels(),
			klDivergence: before.length === 0 ? 0 : q.reduce((sum, p, i) => sum + p * Math.log(p / before[i]!), 0) / pixels(),
			activeClasses: input.classes,
		};
	};
	const filtered = (kernel: Float64Array) => {
		const out = new Float64Array(q.length);
		for (let c = 0; c < input.classes; c++) {
			for (let i = 0; i < pixels(); i++) {
				let sum = 0;
				for (let j = 0; j < pixels(); j++) {
					sum += kernel[i * pixels() + j]! * q[c * pixels() + j]!;
				}
				out[c * pixels() + i] = sum;
			}
		}
		return out;
	};
	const fake: FakeCrf = {
		threads: 1,
		calls: { setInput: 0, setParameters: 0, start: 0, step: 0, run: 0, dispose: 0 },
		failure: undefined,
		setInput: (next) => {
			fake.calls.setInput++;
			input = next;
		},
		setParameters: (p: CrfParameters) => {
			fake.calls.setParameters++;
			const { width, rgb } = input;
			const square = (i: number, j: number) =>
				((i % width) - (j % width)) ** 2 + (Math.floor(i / width) - Math.floor(j / width)) ** 2;
			const colors = (i: number, j: number) =>
				[0, 1, 2].reduce((sum, k) => sum + (rgb[i * 3 + k]! - rgb[j * 3 + k]!) ** 2, 0);
			kernels = {
				bilateral: normalised(p.bilateralWeight, (i, j) =>
					Math.exp(-square(i, j) / (2 * p.bilateralSigmaXy ** 2) - colors(i, j) / (2 * p.bilateralSigmaRgb ** 2)),
				),
				spatial: normalised(p.spatialWeight, (i, j) => Math.exp(-square(i, j) / (2 * p.spatialSigma ** 2))),
			};
		},
		start: () => {
			fake.calls.start++;
			iteration = 0;
			q = new Float64Array();
			messages = { bilateral: new Float64Array(input.unary.length), spatial: new Float64Array(input.unary.length) };
			return update();
		},
		step: () => {
			fake.calls.step++;
			if (fake.failure) {
				const { failure } = fake;
				fake.failure = undefined;
				throw failure;
			}
			iteration++;
			messages = { bilateral: filtered(kernels.bilateral), spatial: filtered(kernels.spatial) };
			return update();
		},
		stepBlindly: () => void fake.step(),
		*run(iterations) {
			fake.calls.run++;
			fake.start();
			for (let i = 0; i < iterations; i++) {
				fake.step();
				yield;
			}
		},
		labels,
		q: () => Float32Array.from(q),
		entropyMap,
		messagesAt: (pixel): CrfMessages => {
			const at = (values: Float64Array) =>
				Float32Array.from({ length: input.classes }, (_, c) => values[c * pixels() + pixel]!);
			return { bilateral: at(messages.bilateral), spatial: at(messages.spatial) };
		},
		tieMap: (name, pixel) => Float32Array.from(kernels[name].subarray(pixel * pixels(), (pixel + 1) * pixels())),
		dispose: () => {
			fake.calls.dispose++;
		},
	};

	function normalised(weight: number, kernel: Kernel): Float64Array {
		const n = pixels();
		const values = Float64Array.from({ length: n * n }, (_, at) => kernel(Math.floor(at / n), at % n));
		const norms = Float64Array.from(
			{ length: n },
			(_, i) => values.subarray(i * n, (i + 1) * n).reduce((a, b) => a + b, 0) ** -0.5,
		);
		return values.map((value, at) => weight * norms[Math.floor(at / n)]! * value * norms[at % n]!);
	}
	return fake;
}
