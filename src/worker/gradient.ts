import type { EffectiveField } from '../core/aspp/effectiveField';
import { InspectorError } from '../core/problem';
import type { GradientParams, GradientStage } from '../shared/protocol/aspp';
import { type CallContext, Transferred } from '../shared/rpc';
import type { InferenceEngine } from './engine';

export interface GradientParts {
	/**
	 * The model's bytes; they are read before the promise of {@link GradientService.measure} is settled and not kept.
	 * Asked only where this service does not hold what it made of them.
	 */
	modelBytes(model: GradientParams['model']): Uint8Array | Promise<Uint8Array>;
	/** An engine of its own, so that the network that is loaded stays. Called when the first gradient is asked for. */
	createEngine(): Promise<InferenceEngine>;
}

/** Measures effective receptive fields in the worker. Its methods are to be called one after the other. */
export class GradientService {
	constructor(private readonly parts: GradientParts) {}

	/** Key of the model whose bytes {@link measure} can do without. */
	get heldModel(): string | undefined {
		return undefined;
	}

	/** Gradient of a logit with respect to the picture, as the effective receptive field. */
	async measure(_params: GradientParams, _context: CallContext<GradientStage>): Promise<Transferred<EffectiveField>> {
		void this.parts;
		void Transferred;
		throw new InspectorError({ code: 'internal', detail: 'not written yet' });
	}

	/** Lets the backward graph and its memory go. */
	async release(): Promise<void> {}
}
