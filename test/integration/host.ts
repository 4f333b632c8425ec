import type { BackendName } from '../../src/core/backend';

/** One of the ways in which a launcher runs the suite. */
export interface TestForm {
	/** Only tests whose names this pattern finds; empty: all. */
	readonly only: string;
	/** What the network is to run on. */
	readonly backend: BackendName;
	/** Of `deeplab.`, by their names there, for the whole suite. */
	readonly settings: Readonly<Record<string, unknown>>;
}

/** What the suite needs of the machine or the page it runs on; `host.node.ts` or `host.web.ts` is bundled for it. */
export interface TestHost {
	readonly kind: 'node' | 'web';
	readonly form: TestForm;
	/** Threads that the network is to get without being told: `undefined` says any number. */
	readonly threads: number | undefined;
	/** Fills the workspace, where the launcher could not. */
	prepare(): Promise<void>;
	/** Hands the launcher the results, as JSON. */
	sendResults(results: string): Promise<void>;
	/** Modules that the extension host has loaded from files. */
	loadedFiles(): readonly string[];
	/** Makes a file of the workspace unreadable; undefined where a file system knows no such thing. */
	readonly makeUnreadable: ((name: string) => Promise<void>) | undefined;
	/** Takes files of the extension away for the time of a piece of work. */
	without(files: readonly string[], work: () => Promise<void>): Promise<void>;
	/** Memory in bytes: of the process, or of the whole browser; NaN where nothing tells it. */
	residentBytes(): Promise<number>;
	/** Ends the process that WebGPU runs in, as a driver's crash would. */
	killGpu(): Promise<void>;
}
