import { InspectorError } from '../problem';
import { ActiveClasses } from './activeClasses';
import type { CrfKernel } from './crfKernel';
import type { HeldInput, InputSize } from './input';
import { tasks } from './layout';
import type { PairwiseTerm } from './pairwise';
import { MeanFieldPasses } from './passes';
import { PixelPass } from './pixelPass';
import { Regrouping } from './regrouping';
import { TermLattices } from './termLattices';

/** What an iteration did. */
export interface CrfStep {
	/** Iterations done; 0 is the start from the unary alone. */
	readonly iteration: number;
	/** Pixels whose label is another than it was when labels were last found; before that, all are 0. */
	readonly changedPixels: number;
	/** Mean over the pixels of the entropy of Q, in nats. */
	readonly meanEntropy: number;
	/**
	 * KL divergence of the Q that the iteration began with from the CRF's distribution, up to its constant ln Z, summed over
	 * the pixels: sum Q ln Q + sum U Q - sum Q * message. What mean field minimises. NaN for the start.
	 */
	readonly klDivergence: number;
	/** KL divergence of the Q that the iteration began with from the one it ended with, summed over the pixels. NaN for the start. */
	readonly stepDivergence: number;
	/** Classes that were filtered by themselves. */
	readonly activeClasses: number;
}

/** What a CRF says besides its unary. */
export interface PairwiseModel {
	readonly terms: readonly PairwiseTerm[];
	/** As in `CrfParameters`; 0 where nothing is pruned. */
	readonly pruning: number;
}

/** Mean field from the unary on: the start, its iterations, and how many are done. */
export class MeanField {
	readonly lattices: TermLattices;
	readonly active: ActiveClasses;
	readonly pass: PixelPass;
	readonly passes: MeanFieldPasses;
	private readonly regrouping: Regrouping;
	/** Below 0: not started. */
	private done = -1;
	/** Sum of the entropy of Q over the pixels. */
	private entropy = 0;

	constructor(
		kernel: CrfKernel,
		private readonly input: HeldInput,
	) {
		this.lattices = new TermLattices(kernel, input);
		this.active = new ActiveClasses(kernel, input);
		this.pass = new PixelPass(kernel, input, this.lattices, this.active);
		this.passes = new MeanFieldPasses(kernel, input, this.lattices, this.active, this.pass);
		this.regrouping = new Regrouping(kernel, input, this.lattices, this.active, this.pass, this.passes);
	}

	/** Below 0: not started. */
	get iterationsDone(): number {
		return this.done;
	}

	/** @throws InspectorError `crf.badInput` where there is no picture, or no start */
	requireStarted(): InputSize {
		const size = this.input.require();
		if (this.done < 0) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'it was not started' });
		}
		return size;
	}

	/** There is nothing to go on from: the next is a start. */
	forget(): void {
		this.done = -1;
	}

	/**
	 * Makes room for another picture, which comes next. Lattices that depend on the picture's size alone are kept where that
	 * is as before.
	 * @param before the picture that goes
	 * @throws InspectorError `crf.tooLarge`
	 */
	changeInput(before: InputSize | undefined, { width, height, classes }: Omit<InputSize, 'pixels' | 'vectors'>): void {
		const sameSize = before?.width === width && before.height === height;
		this.lattices.drop((features) => !sameSize || features === 'gridRgb');
		if (!sameSize || before.classes !== classes) {
			this.passes.release();
		}
		this.active.forgetInput();
		this.pass.clear(width * height);
	}

	/** Q = softmax(-unary). */
	start(model: PairwiseModel): CrfStep {
		this.prepareStart(model);
		this.passes.softmaxOfUnary(tasks.keep | tasks.measure | tasks.label);
		return this.finish(0, Number.NaN);
	}

	/** One iteration; starts first where that has not been done. */
	step(model: PairwiseModel): CrfStep {
		if (this.done < 0) {
			this.start(model);
		}
		const iteration = this.done + 1;
		const { entropy } = this;
		// Until the step is done, there is nothing to go on from.
		this.forget();
		this.prepareStep(model);
		const agreement = this.passes.iterate(tasks.keep | tasks.measure | tasks.label | tasks.agree);
		return this.finish(iteration, -entropy - agreement);
	}

	/** From the unary through all iterations; the KL divergences are left out. @param iterations a whole number, 0 or more */
	run(model: PairwiseModel, iterations: number): CrfStep {
		if (iterations === 0) {
			return this.start(model);
		}
		const { passes } = this;
		this.prepareStart(model);
		let done = 0;
		if (passes.areFused) {
			done = this.runSplatting(model, iterations);
		} else {
			passes.softmaxOfUnary(tasks.keep);
		}
		for (; done < iterations; done++) {
			this.regrouping.regroup(model.pruning);
			passes.iterate(tasks.keep | (done === iterations - 1 ? tasks.measure | tasks.label : 0));
		}
		return this.finish(iterations, Number.NaN);
	}

	/**
	 * Iterations from the start on in which a pass slices, takes the softmax and splats it again at once, so that Q is never
	 * stored but by the last. Ends early where pruned classes come back and the rows become too long for that.
	 * @returns iterations done
	 */
	private runSplatting({ pruning }: PairwiseModel, iterations: number): number {
		const { passes } = this;
		passes.softmaxOfUnary(tasks.splat);
		for (let done = 0; done < iterations; done++) {
			if (!this.regrouping.regroupSplatted(pruning, done === 0)) {
				return done;
			}
			if (done < iterations - 1) {
				passes.sliceAndSplat();
			} else {
				passes.sliceLast(tasks.keep | tasks.measure | tasks.label);
			}
		}
		return iterations;
	}

	/** Everything of a start but the pass: lattices, and every class in a lane of its own or, where it is hopeless, in the rest. */
	private prepareStart({ terms, pruning }: PairwiseModel): void {
		this.input.require();
		this.forget();
		this.active.useAll();
		this.lattices.prepare(terms);
		if (pruning > 0) {
			this.active.pruneAtStart(pruning);
		}
	}

	/** Everything of an iteration but the pass. */
	private prepareStep({ terms, pruning }: PairwiseModel): void {
		this.lattices.prepare(terms);
		if (pruning === 0 && this.active.lanes.rest.length > 0) {
			this.regrouping.expand();
		}
		this.regrouping.regroup(pruning);
	}

	private finish(iteration: number, klDivergence: number): CrfStep {
		const { pixels } = this.input.require();
		const { pass } = this;
		this.done = iteration;
		this.entropy = pass.sum('entropy');
		return {
			iteration,
			changedPixels: pass.sum('changed'),
			meanEntropy: this.entropy / pixels,
			klDivergence,
			// ln Q = energy - ln Z, so that sum Q ln Q of before - sum Q of before * energy + sum ln Z is left; rounding aside, 0 or more.
			stepDivergence: Math.max(0, klDivergence + pass.sum('partition')),
			activeClasses: this.active.count,
		};
	}
}
