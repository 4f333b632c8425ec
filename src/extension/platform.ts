import type * as vscode from 'vscode';
import type { InferenceClient } from '../worker/client';

export interface InferenceOptions {
	readonly extensionUri: vscode.Uri;
	/** Asked before each request, so that a changed setting applies. */
	readonly threads: () => number;
	/** `Infinity`: the worker stays. */
	readonly idleMilliseconds: () => number;
}

export interface Inference {
	readonly client: InferenceClient;
	/** Ends the worker as a crash would; for tests. */
	kill(): Promise<void>;
}

/** What differs between the kinds of extension host. */
export interface Platform {
	/** Threads the machine runs at once; at least 1. */
	hardwareThreads(): number;
	/** The user's home folder; undefined where there is none. */
	homeFolder(): vscode.Uri | undefined;
	/** Loads the client's code and makes one; the worker itself starts with the first request. */
	createInference(options: InferenceOptions): Promise<Inference>;
}
