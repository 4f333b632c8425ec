/** The model that the doctor examines. */
import type { AdoptOptions } from '../../core/onnx/discover/adopt';
import type { AdoptedModel } from '../../shared/protocol/worker';
import type { ModelHandle } from '../../worker/client/client';
import type { Model } from '../models/models';

export interface Patient {
	/** What is run: the file, or what it becomes when it is adopted. */
	readonly handle: ModelHandle;
	readonly file: Model;
	/** It does not say itself how pictures reach it. */
	readonly adopting: boolean;
}

/**
 * A model of another tool. Its adopted bytes are held: the worker may need them again.
 * @throws InspectorError with the model's problem, or `cancelled`
 */
export async function adoptedPatient(
	file: Model,
	options: AdoptOptions,
	adopt: (model: Model, options: AdoptOptions, signal: AbortSignal) => Promise<AdoptedModel>,
	signal: AbortSignal,
): Promise<Patient> {
	const { bytes } = await adopt(file, options, signal);
	const handle: ModelHandle = {
		key: `${file.key}#adopted-${JSON.stringify(options)}`,
		name: file.name,
		load: () => Promise.resolve(bytes.slice()),
	};
	return { handle, file, adopting: true };
}
