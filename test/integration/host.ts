/** What the suite needs of the machine or the page it runs on; `host.node.ts` or `host.web.ts` is bundled for it. */
export interface TestHost {
	readonly kind: 'node' | 'web';
	/** Only tests whose names have this; empty: all. */
	readonly only: string;
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
	/** Takes a file of the extension away for the time of a piece of work. */
	without(file: string, work: () => Promise<void>): Promise<void>;
	/** Memory of the process in bytes; undefined where nothing tells it. */
	readonly residentBytes: (() => number) | undefined;
}
