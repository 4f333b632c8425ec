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
	/** Mean over the pixels of the entropy of Q, in nats; NaN where it was not measured. */
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
	/** Sum of the entropy of Q over the pixels; NaN where it was not measured. */
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

	/** Whether the entropies of Q as it is are there. */
	get isMeasured(): boolean {
		return !Number.isNaN(this.entropy);
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
		return this.finish(0, Number.NaN, true);
	}

	/**
	 * One iteration; starts first where that has not been done.
	 * @param measures whether the figures of the step are wanted: they are NaN without, and behind a pass without
	 */
	step(model: PairwiseModel, measures = true): CrfStep {
		if (this.done < 0) {
			this.start(model);
		}
		const iteration = this.done + 1;
		const { entropy } = this;
		// Until the step is done, there is nothing to go on from.
		this.forget();
		this.prepareStep(model);
		const agreement = this.passes.iterate(tasks.keep | tasks.label | (measures ? tasks.measure | tasks.agree : 0));
		return this.finish(iteration, measures ? -entropy - agreement : Number.NaN, measures);
	}

	/** Builds the lattices. There is nothing to go on from after that. */
	prepare({ terms }: PairwiseModel): void {
		this.input.require();
		this.forget();
		this.lattices.prepare(terms);
	}

	/**
	 * From the unary through all iterations; the KL divergences are left out. Whoever goes through it may leave it after any
	 * iteration.
	 * @param iterations a whole number, 0 or more
	 * @param measures whether the entropies of the last iteration are wanted
	 */
	*run(model: PairwiseModel, iterations: number, measures: boolean): Generator<void, CrfStep> {
		if (iterations === 0) {
			return this.start(model);
		}
		const { passes } = this;
		const last = tasks.keep | tasks.label | (measures ? tasks.measure : 0);
		this.prepareStart(model);
		let done = 0;
		if (passes.areFused) {
			try {
				done = yield* this.runSplatting(model, iterations, last, iterations > 1);
			} catch (error) {
				if (!(error instanceof InspectorError && error.problem.code === 'crf.tooLarge')) {
					throw error;
				}
				// It may fit without what is put away for the next run.
				passes.release();
				this.prepareStart(model);
				done = yield* this.runSplatting(model, iterations, last, false);
			}
		} else {
			passes.softmaxOfUnary(tasks.keep);
		}
		for (; done < iterations; done++) {
			this.regrouping.regroup(model.pruning);
			passes.iterate(done === iterations - 1 ? last : tasks.keep);
			yield;
		}
		return this.finish(iterations, Number.NaN, measures);
	}

	/**
	 * Iterations from the start on in which a pass slices, takes the softmax and splats it again at once, so that Q is never
	 * stored but by the last. Ends early where pruned classes come back and the rows become too long for that.
	 * @param last what the last pass does
	 * @param keeps whether it begins with what the run before has put away, or puts it away; not for a single iteration,
	 * whose messages are read where it slices them
	 * @returns iterations done
	 */
	private *runSplatting(
		{ pruning }: PairwiseModel,
		iterations: number,
		last: number,
		keeps: boolean,
	): Generator<void, number> {
		const { passes, regrouping } = this;
		let done = 0;
		let isRegrouped = false;
		if (keeps && passes.first.goBackTo(pruning)) {
			if (!this.iterateFirst(pruning)) {
				return 1;
			}
			isRegrouped = true;
			done = 1;
			yield;
		} else {
			if (keeps) {
				passes.makeRoomForFirst();
			}
			passes.softmaxOfUnary(tasks.splat);
		}
		for (; done < iterations; done++) {
			if (!isRegrouped && !regrouping.regroupSplatted(pruning, done === 0)) {
				return done;
			}
			isRegrouped = false;
			if (done === iterations - 1) {
				passes.sliceLast(last);
			} else if (keeps && done === 0) {
				passes.keepFirst(pruning);
				if (!this.iterateFirst(pruning)) {
					return 1;
				}
				isRegrouped = true;
			} else {
				passes.sliceAndSplat();
			}
			yield;
		}
		return iterations;
	}

	/**
	 * The first iteration, from the values that are put away to values splatted again. Of many classes few are left behind
	 * it: to store their Q and to splat that of the few is quicker than to splat it all.
	 * @returns false if the rows have become too long to go on so; then the beliefs are stored
	 */
	private iterateFirst(pruning: number): boolean {
		const { passes, pass } = this;
		passes.sliceFirst();
		this.regrouping.regroup(pruning);
		if (!passes.areFused) {
			passes.begin(0);
			pass.forgetLargest();
			return false;
		}
		passes.splatStored();
		return true;
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

	private finish(iteration: number, klDivergence: number, measures: boolean): CrfStep {
		const { pixels } = this.input.require();
		const { pass } = this;
		this.done = iteration;
		this.entropy = measures ? pass.sum('entropy') : Number.NaN;
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
