import type * as vscode from 'vscode';
import type { SettingsReader } from '../settings';
import type { Inference, InferenceOptions, Platform } from './platform';

export interface LazyInference extends vscode.Disposable {
	readonly get: () => Promise<Inference>;
	/** Undefined until it has been asked for. */
	readonly made: Inference | undefined;
}

/**
 * The inference worker's client, loaded when it is first asked for.
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
				.then((inference) => {
					made = inference;
					if (disposed) {
						void inference.client.dispose();
					}
					return inference;
				});
			return promise;
		},
		get made() {
			return made;
		},
		dispose: () => {
			disposed = true;
			void made?.client.dispose();
		},
	};
}
