import { InspectorError } from '../problem';
import { CrfKernel } from './crfKernel';
import { type CrfInput, checkCrfInput, HeldInput } from './input';
import { type CrfStep, MeanField, type PairwiseModel } from './meanField';
import { checkPairwiseTerm, type PairwiseTerm } from './pairwise';
import { type CrfParameters, checkCrfParameters, crfBounds, defaultCrfParameters, pairwiseTerms } from './parameters';
import { maxTerms } from './pixelPass';
import { type PixelMessages, ReadOut } from './readOut';
import type { StartCrfThread } from './threads';
import type { WasmModule } from './webAssembly';

export type { CrfInput } from './input';
export type { CrfStep } from './meanField';
export type { PixelMessages } from './readOut';

export interface DenseCrfOptions {
	/** Threads that share the work, the calling one included; needs `startThread` and dense-crf-threads.wasm. */
	readonly threads?: number;
	readonly startThread?: StartCrfThread;
	/** Bytes of memory that the kernel may come to use; 4 GiB, if left out. What needs more fails with `crf.tooLarge`. */
	readonly memoryLimit?: number;
}

export interface CrfMeasuring {
	/** Whether entropies and divergences are found as well; true, if left out. */
	readonly measures?: boolean;
}

/**
 * A dense CRF on an instance of the kernel of its own.
 * @param wasm dense-crf.wasm, or dense-crf-threads.wasm for more than one thread
 * @throws InspectorError `runtime.unavailable`
 */
export async function createDenseCrf(wasm: WasmModule, options: DenseCrfOptions = {}): Promise<DenseCrf> {
	return new DenseCrf(await CrfKernel.create(wasm, options));
}

/**
 * Mean-field inference in a fully connected CRF (Krähenbühl, Koltun, "Efficient Inference in Fully Connected CRFs with
 * Gaussian Edge Potentials", 2011), with Gaussian filters on permutohedral lattices (Adams, Baek, Davis 2010). Results
 * are those of pydensecrf within 1e-5.
 *
 * `setInput`, `setParameters`, then `run`, or `start` and `step` by step. Lattices are built when they are first needed
 * and kept until their sigmas, their normalisation or the picture change. Every method throws only `InspectorError`, and
 * leaves the object usable: after one, set what was wrong and start again. Only after `internal` it is to be disposed of.
 */
export class DenseCrf {
	private readonly input: HeldInput;
	private readonly field: MeanField;
	private readonly readOut: ReadOut;
	private model: PairwiseModel = { terms: [], pruning: 0 };
	private iterations = 0;
	/** What the mean field as it stands was computed with. */
	private computed: PairwiseModel | undefined;

	/** Use {@link createDenseCrf}. */
	constructor(private readonly kernel: CrfKernel) {
		this.input = new HeldInput(kernel);
		this.field = new MeanField(kernel, this.input);
		this.readOut = new ReadOut(kernel, this.input, this.field);
		this.setParameters(defaultCrfParameters);
	}

	/** Threads that share the work. */
	get threads(): number {
		return this.kernel.threads;
	}

	/** The kernel's memory, in bytes; it never shrinks. */
	get memoryBytes(): number {
		return this.kernel.memory.buffer.byteLength;
	}

	/** Vertices of every term's lattice; 0 where none is built. */
	get vertices(): readonly number[] {
		return this.field.lattices.byTerm.map((entry) => entry?.lattice.vertices ?? 0);
	}

	/**
	 * Copies the picture and its unary into the kernel. Lattices that depend on the picture's size alone are kept where that
	 * is as before.
	 * @throws InspectorError `crf.badInput`, `crf.tooLarge`; there is no picture then
	 */
	setInput(input: CrfInput): void {
		const before = this.input.size;
		this.forgetInput();
		checkCrfInput(input);
		this.field.changeInput(before, input);
		this.readOut.release();
		this.input.take(input);
	}

	/**
	 * Sets DeepLab's two kernels. What changes takes effect with the next `start`, `step` or `run`: other weights cost
	 * nothing, another sigma its lattice.
	 * @throws InspectorError `crf.badParameter`; everything is as before then
	 */
	setParameters(parameters: CrfParameters): void {
		checkCrfParameters(parameters);
		const { bilateral, spatial } = pairwiseTerms(parameters);
		this.iterations = parameters.iterations;
		this.model = modelOf([bilateral, spatial], parameters.pruning);
	}

	/**
	 * Sets any pairwise terms in place of DeepLab's two.
	 * @param pruning as in {@link CrfParameters}; not with a compatibility that is a vector or matrix
	 * @throws InspectorError `crf.badInput`, also for more than 256 terms; everything is as before then
	 */
	setPairwise(terms: readonly PairwiseTerm[], pruning = 0): void {
		if (terms.length > maxTerms) {
			throw new InspectorError({
				code: 'crf.badInput',
				detail: `${terms.length} pairwise terms; at most ${maxTerms} are possible`,
			});
		}
		terms.forEach(checkPairwiseTerm);
		this.model = modelOf([...terms], pruning);
	}

	/**
	 * Builds the lattices that the settings need; the next is a start.
	 * @throws InspectorError `crf.badInput` without a picture, `crf.tooLarge`
	 */
	prepare(): void {
		this.computed = undefined;
		this.field.prepare(this.model);
	}

	/**
	 * Q = softmax(-unary).
	 * @throws InspectorError `crf.badInput` without a picture; for the lattices, `crf.tooLarge`
	 */
	start(): CrfStep {
		return this.compute((model) => this.field.start(model));
	}

	/**
	 * One mean-field iteration; starts first where that has not been done.
	 * @param options without `measures` it is quicker, and its figures are NaN; so are the divergences of the next
	 */
	step({ measures = true }: CrfMeasuring = {}): CrfStep {
		return this.compute((model) => this.field.step(model, measures));
	}

	/**
	 * The whole inference, quicker than step by step: from the unary through all iterations.
	 * @param iterations the parameters' number, if left out
	 * @param options without `measures` it is quicker, and there is no entropy
	 * @returns what `step` returns for the last one; without the KL divergence
	 */
	run(iterations?: number, options?: CrfMeasuring): CrfStep {
		const running = this.runGradually(iterations, options);
		for (;;) {
			const next = running.next();
			if (next.done) {
				return next.value;
			}
		}
	}

	/**
	 * {@link run}, with a pause after each iteration. Where it is left in one, or anything else is called in between, it is
	 * over: the next is a start.
	 */
	*runGradually(iterations = this.iterations, { measures = true }: CrfMeasuring = {}): Generator<void, CrfStep> {
		if (!Number.isInteger(iterations) || iterations < 0) {
			const [low, high] = crfBounds.iterations;
			throw new InspectorError({
				code: 'crf.badParameter',
				parameter: 'iterations',
				value: `${iterations}`,
				low,
				high,
			});
		}
		const { model } = this;
		this.computed = undefined;
		const step = yield* this.field.run(model, iterations, measures);
		this.computed = model;
		return step;
	}

	/** Per pixel the class of the largest Q; of equal ones the lowest. */
	labels(): Uint8Array {
		return this.readOut.labels();
	}

	/** classes x pixels, every pixel's sum is 1. */
	q(): Float32Array {
		return this.readOut.q();
	}

	/** Q of one class, a number a pixel. */
	probability(label: number): Float32Array {
		return this.readOut.probability(label);
	}

	/**
	 * Per pixel the entropy of Q in nats; classes that are pruned count as one.
	 * @throws InspectorError `crf.badInput` also behind an iteration that was not measured
	 */
	entropyMap(): Float32Array {
		return this.readOut.entropyMap();
	}

	/** @param pixel row * width + column */
	messagesAt(pixel: number): PixelMessages {
		this.field.requireStarted();
		if (this.model !== this.computed) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'the settings changed since the last iteration' });
		}
		return this.readOut.messagesAt(pixel, this.model.terms);
	}

	/**
	 * How strongly every pixel is tied to `pixel`: w * n_i * K(i, j) * n_j, what a unit of Q there adds to the energy of its
	 * class here.
	 * @param kernel one of DeepLab's two, or a term's position
	 * @param pixel row * width + column
	 * @returns a number a pixel
	 */
	tieMap(kernel: 'bilateral' | 'spatial' | number, pixel: number): Float32Array {
		const index = kernel === 'bilateral' ? 0 : kernel === 'spatial' ? 1 : kernel;
		if (this.model !== this.computed) {
			// Other lattices than those of the last iteration are to be built: its messages go with them.
			this.field.forget();
		}
		return this.readOut.tieMap(this.model.terms, index, pixel);
	}

	/** Ends the threads and lets go of the kernel; nothing else may be called after that. */
	dispose(): void {
		this.forgetInput();
		this.kernel.dispose();
	}

	private compute(work: (model: PairwiseModel) => CrfStep): CrfStep {
		this.computed = undefined;
		const step = work(this.model);
		this.computed = this.model;
		return step;
	}

	private forgetInput(): void {
		this.input.forget();
		this.field.forget();
	}
}

/** Pruning is for Potts alone. */
function modelOf(terms: readonly PairwiseTerm[], pruning: number): PairwiseModel {
	const prunes = pruning > 0 && terms.every(({ compatibility }) => typeof compatibility === 'number');
	return { terms, pruning: prunes ? pruning : 0 };
}
