/** A dense CRF as the worker's service and the terminal's command use it. */
import type { CrfInput, PixelMessages } from '../../core/crf/denseCrf';
import type { CrfParameters } from '../../core/crf/parameters';
import { InspectorError, toProblem } from '../../core/problem';
import type { CrfKernelName, CrfStepFigures } from '../../shared/protocol/crf';

/** One iteration. */
export type CrfEngineStep = Omit<CrfStepFigures, 'milliseconds'>;

/** The weighted messages of DeepLab's two kernels to one pixel. */
export type CrfMessages = Pick<PixelMessages, 'bilateral' | 'spatial'>;

/** A mean field over one input at a time. Its methods hold the thread; an iteration takes up to a second. */
export interface CrfEngine {
	readonly threads: number;
	/** Takes another picture; its lattices are built with the next parameters. @throws InspectorError `crf.badInput` or `crf.tooLarge` */
	setInput(input: CrfInput): void;
	/** Builds what these settings need and the ones before did not have; after it comes `start` or `run`. */
	setParameters(parameters: CrfParameters): void;
	/** Q = softmax(−U), iteration 0. */
	start(): CrfEngineStep;
	step(): CrfEngineStep;
	/** An iteration without figures, which is quicker. */
	stepBlindly(): void;
	/**
	 * From the start through all iterations at once, which is quicker than step by step; with a pause after each. Left in
	 * one, it is over.
	 * @param measures whether {@link entropyMap} is wanted after it
	 */
	run(iterations: number, measures: boolean): Generator<void, void>;
	/** Of the current Q: one label a pixel, a copy. */
	labels(): Uint8Array;
	/** classes x height x width, a copy. */
	q(): Float32Array;
	/** In nats, one a pixel, a copy; not after an iteration without figures. */
	entropyMap(): Float32Array;
	/** The messages that the current Q was made of; zeros at iteration 0. */
	messagesAt(pixel: number): CrfMessages;
	/** w·n_i·k(i, j)·n_j of one pixel i to every pixel j; leaves Q as it is. */
	tieMap(kernel: CrfKernelName, pixel: number): Float32Array;
	/** Lets go of memory and threads. */
	dispose(): void;
}

/** The problem that a CRF's failure stands for. @returns an InspectorError, `crf.tooLarge` where memory ran out */
export function crfError(error: unknown): InspectorError {
	if (error instanceof InspectorError) {
		return error;
	}
	const detail = error instanceof Error ? error.message : String(error);
	return outOfMemory.test(detail)
		? new InspectorError({ code: 'crf.tooLarge', detail }, { cause: error })
		: new InspectorError(toProblem(error), { cause: error });
}

/** As V8 and WebAssembly word it. */
const outOfMemory =
	/out of memory|allocation failed|memory\.grow|maximum memory|could not allocate|invalid (typed )?array length/i;
