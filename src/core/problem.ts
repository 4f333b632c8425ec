/**
 * Everything that can go wrong for a user, as data.
 *
 * Core code throws {@link InspectorError}; every boundary (worker, host, terminal) turns it into the
 * {@link Problem} it carries and words it with `describeProblem` from `src/shared/describeProblem.ts`.
 */
import type { BackendRefusal } from './backend';

export type Problem =
	| { readonly code: 'picture.notFound'; readonly name: string }
	| { readonly code: 'picture.unreadable'; readonly name: string; readonly detail: string }
	| { readonly code: 'picture.isFolder'; readonly name: string }
	| { readonly code: 'picture.empty'; readonly name: string }
	/** The first bytes are of no picture format that is read here. */
	| { readonly code: 'picture.notAPicture'; readonly name: string }
	/** A picture format or variant that is known but not read, e.g. an arithmetic-coded JPEG. */
	| { readonly code: 'picture.unsupported'; readonly name: string; readonly detail: string }
	| { readonly code: 'picture.damaged'; readonly name: string; readonly format: string; readonly detail: string }
	| {
			readonly code: 'picture.tooLarge';
			readonly name: string;
			readonly width: number;
			readonly height: number;
			readonly limitMegapixels: number;
	  }
	| { readonly code: 'model.notFound'; readonly name: string }
	| { readonly code: 'model.unreadable'; readonly name: string; readonly detail: string }
	/** Not an ONNX file, truncated, or a graph whose parts do not fit; `detail` says where. */
	| { readonly code: 'model.damaged'; readonly name: string; readonly detail: string }
	/** A valid ONNX that lacks what this tool needs (outputs, `deeplab.*` metadata). */
	| { readonly code: 'model.unsupported'; readonly name: string; readonly detail: string }
	/** A valid ONNX of another tool: without one entry of `deeplab.*` metadata. It can be adopted. */
	| { readonly code: 'model.foreign'; readonly name: string }
	/** It segments pictures, but has no ASPP head whose branches add up to the logits; `detail` says what it has. */
	| { readonly code: 'model.noAspp'; readonly name: string; readonly detail: string }
	/** Its graph cannot be taken to another output stride; `detail` says which layer keeps it from that, and why. */
	| {
			readonly code: 'model.fixedStride';
			readonly name: string;
			readonly outputStride: number;
			readonly detail: string;
	  }
	/** The model's file is not any more what a picture was segmented with. */
	| { readonly code: 'model.changed'; readonly name: string; readonly pictureName: string }
	| { readonly code: 'weights.notFound'; readonly name: string }
	| { readonly code: 'weights.unreadable'; readonly name: string; readonly detail: string }
	| { readonly code: 'weights.damaged'; readonly name: string; readonly detail: string }
	/** A sound checkpoint of which no network can be made here; `detail` says why and, where there is one, the way out. */
	| { readonly code: 'weights.unsupported'; readonly name: string; readonly detail: string }
	/** onnxruntime's wasm files are missing or do not load. */
	| { readonly code: 'runtime.unavailable'; readonly detail: string }
	/** WebGPU was asked for expressly. */
	| { readonly code: 'backend.refused'; readonly refusal: BackendRefusal }
	/** A network failed on WebGPU, which `detail` speaks of, and then on WASM too. */
	| { readonly code: 'backend.bothFailed'; readonly detail: string; readonly wasm: Problem }
	| { readonly code: 'runtime.failed'; readonly detail: string }
	| { readonly code: 'runtime.outOfMemory'; readonly detail: string }
	/** The worker ended in mid-run. */
	| { readonly code: 'worker.crashed'; readonly detail: string }
	/** A CRF setting outside its bounds. */
	| {
			readonly code: 'crf.badParameter';
			readonly parameter: string;
			readonly value: string;
			readonly low: number;
			readonly high: number;
	  }
	/** Unaries, pictures or features that the CRF cannot use; `detail` says which and where. */
	| { readonly code: 'crf.badInput'; readonly detail: string }
	/** It would need more memory than there can be. */
	| { readonly code: 'crf.tooLarge'; readonly detail: string }
	| { readonly code: 'output.unwritable'; readonly name: string; readonly detail: string }
	| { readonly code: 'run.notFound'; readonly name: string }
	| { readonly code: 'usage'; readonly detail: string }
	| { readonly code: 'cancelled' }
	| { readonly code: 'internal'; readonly detail: string };

export type ProblemCode = Problem['code'];

/** An error that carries a {@link Problem}; `message` is for logs only. */
export class InspectorError extends Error {
	override readonly name = 'InspectorError';

	constructor(
		readonly problem: Problem,
		options?: ErrorOptions,
	) {
		super(
			`${problem.code}${'name' in problem ? ` (${problem.name})` : ''}${'detail' in problem ? `: ${problem.detail}` : ''}`,
			options,
		);
	}
}

/** The problem an unknown thrown value stands for; anything that is not ours becomes `internal`. */
export function toProblem(thrown: unknown): Problem {
	if (thrown instanceof InspectorError) {
		return thrown.problem;
	}
	return { code: 'internal', detail: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown) };
}
