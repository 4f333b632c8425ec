import type * as vscode from 'vscode';
import type { SettingsReader } from '../settings';
import type { Inference, InferenceOptions, Platform } from './platform';

export interface LazyInference extends vscode.Disposable {
	readonly get: () => Promise<Inference>;
	/** Undefined until it has been asked for. */
	readonly made: Inference | undefined;
}

/**
 * The inference worker's client, loaded when it is first asked for; where that fails, the next one who asks tries again.
 * @param other what is not as the settings have it
 */
export function lazyInference(
	platform: Platform,
	extensionUri: vscode.Uri,
	settings: SettingsReader,
	other: Omit<Partial<InferenceOptions>, 'extensionUri'>,
): LazyInference {
	let promise: Promise<Inference> | undefined;
	let made: Inference | undefined;
	let disposed = false;
	// Whoever waits for it has been told; what is left of the worker ends with this host.
	const end = (inference: Inference | undefined) => void inference?.client.dispose().catch(() => undefined);
	return {
		get: () => {
			promise ??= platform
				.createInference({
					extensionUri,
					threads: () => settings.current.threads,
					backend: () => settings.current.backend,
					idleMilliseconds: () => settings.current.idleMilliseconds || Number.POSITIVE_INFINITY,
					...other,
				})
				.then(
					(inference) => {
						made = inference;
						if (disposed) {
							end(inference);
						}
						return inference;
					},
					(error: unknown) => {
						promise = undefined;
						throw error;
					},
				);
			return promise;
		},
		get made() {
			return made;
		},
		dispose: () => {
			disposed = true;
			end(made);
		},
	};
}
