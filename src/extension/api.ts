import type * as vscode from 'vscode';
import type { RunInfo } from '../core/run';
import type { PanelState } from './inspectorPanel';
import type { SegmentOptions } from './segmentation';

/** What `activate` returns: for other extensions, and for the tests that run inside VS Code. */
export interface InspectorApi {
	/** How long `activate` took. */
	readonly activationMilliseconds: number;
	/** Done when the runs kept from earlier sessions are known. */
	readonly ready: Promise<void>;
	/**
	 * Segments a picture and shows it, as the command does.
	 * @throws an error whose `problem` says what went wrong
	 */
	segment(uri: vscode.Uri, options?: SegmentOptions): Promise<RunInfo>;
	/** The kept runs, newest first. */
	runs(): readonly RunInfo[];
	/**
	 * Shows a kept run in the Inspector; done when its pictures are read.
	 * @param keep in a tab that stays this run's, as after a double click in the Runs view
	 */
	openRun(id: string, keep?: boolean): Promise<void>;
	removeRun(id: string): Promise<void>;
	/** The open Inspectors. */
	inspectors(): readonly { readonly state: PanelState; readonly visible: boolean; readonly active: boolean }[];
	workerAlive(): boolean;
	/** For tests only: ends the inference worker as a crash would. */
	killWorker(): Promise<void>;
}
