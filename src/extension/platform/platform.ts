import type * as vscode from 'vscode';
import type { BackendChoice, BackendStatus } from '../../core/backend';
import type { Problem } from '../../core/problem';
import type { InferenceClient } from '../../worker/client/client';

export interface InferenceOptions {
	readonly extensionUri: vscode.Uri;
	/** Asked before each request, as the backend is, so that a changed setting applies. */
	readonly threads: () => number;
	readonly backend: () => BackendChoice;
	/** `Infinity`: the worker stays. */
	readonly idleMilliseconds: () => number;
	/** Told after each picture: what ran its network, and why it was not WebGPU. */
	readonly onBackend?: (status: BackendStatus) => void;
	/** WebGPU has failed with a model, and WASM has done the same in its place. */
	readonly onFallback?: (problem: Problem, modelName: string) => void;
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
