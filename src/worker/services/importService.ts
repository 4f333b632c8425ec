import { FoundCheckpoint } from '../../core/checkpoint/importCheckpoint';
import { encodeOnnx } from '../../core/onnx/encode';
import type { OnnxModel } from '../../core/onnx/ir';
import { summarizeModel } from '../../core/onnx/summary';
import { InspectorError } from '../../core/problem';
import type {
	BuiltModel,
	CheckpointFindings,
	CheckpointSource,
	ImportParams,
	ImportReport,
	ImportStage,
} from '../../shared/protocol/import';
import { type CallContext, Transferred } from '../../shared/rpc';
import { messagesHandled } from '../messages';

/**
 * Makes models of checkpoints. One checkpoint is held, as the bytes of its file and views of them, while its user looks
 * at what was found; it is let go before the model's file is put together, so that at most the file, the weights of the
 * graph and, once the first is gone, the model's file are in memory.
 */
export class ImportService {
	#held: { readonly key: string; readonly found: FoundCheckpoint } | undefined;

	get heldCheckpoint(): string | null {
		return this.#held?.key ?? null;
	}

	/** @throws InspectorError `weights.*`, or `cancelled` between two stages */
	async examine(
		{ checkpoint, overrides }: ImportParams,
		context: CallContext<ImportStage>,
	): Promise<CheckpointFindings> {
		const found = await this.#opened(checkpoint, context);
		return { report: found.report(overrides), tensors: found.tensors(overrides) };
	}

	/**
	 * The model's file. Afterwards the checkpoint is not held any more, however this ends.
	 * @throws InspectorError as {@link examine}
	 */
	async build(params: ImportParams, context: CallContext<ImportStage>): Promise<Transferred<BuiltModel>> {
		const { name } = params.checkpoint;
		const { report, model } = await this.#made(params, context);
		await throwIfCancelled(context);
		const bytes = encodeOnnx(model);
		const summary = summarizeModel(model, bytes.length, name);
		const whole = bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
		return new Transferred({ report, bytes, summary }, whole);
	}

	release(): null {
		this.#held = undefined;
		return null;
	}

	async #made(
		{ checkpoint, overrides }: ImportParams,
		context: CallContext<ImportStage>,
	): Promise<{ readonly report: ImportReport; readonly model: OnnxModel }> {
		try {
			const found = await this.#opened(checkpoint, context);
			context.progress('build');
			await throwIfCancelled(context);
			return { report: found.report(overrides), model: found.model(overrides) };
		} finally {
			this.release();
		}
	}

	async #opened({ key, name, bytes }: CheckpointSource, context: CallContext<ImportStage>): Promise<FoundCheckpoint> {
		if (this.#held?.key === key) {
			return this.#held.found;
		}
		this.release();
		if (!bytes) {
			throw new InspectorError({ code: 'internal', detail: `the worker does not hold ${name}` });
		}
		context.progress('recognize');
		await throwIfCancelled(context);
		const found = new FoundCheckpoint(bytes, name);
		await throwIfCancelled(context);
		this.#held = { key, found };
		return found;
	}
}

/** @throws InspectorError `cancelled` where a cancel has come */
async function throwIfCancelled({ signal }: CallContext<ImportStage>): Promise<void> {
	await messagesHandled();
	if (signal.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
}
