import type * as vscode from 'vscode';
import type { BackendStatus } from '../core/backend';
import type { RunProfile } from '../core/profile/runProfile';
import type { RunInfo } from '../core/run';
import type { CrfOutcome, CrfSettings, CrfViewState } from '../shared/protocol/crf';
import type { CheckpointFindings, ImportOverrides } from '../shared/protocol/import';
import type { ParityState } from '../shared/protocol/parity';
import type { InspectorStrides, StridePair } from '../shared/protocol/strides';
import type { AsppApi } from './aspp/asppApi';
import type { DoctorController } from './doctor/doctorController';
import type { Imported } from './importing/importing';
import type { PanelState } from './inspector/inspectorPanel';
import type { SegmentOptions } from './segmenting/segmentation';

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
	/** Where the runs are kept, a folder each. */
	readonly runsFolder: vscode.Uri;
	/** The kept runs, newest first. */
	runs(): readonly RunInfo[];
	/**
	 * Shows a kept run in the Inspector; done when its pictures are read.
	 * @param keep in a tab that stays this run's, as after a double click in the Runs view
	 */
	openRun(id: string, keep?: boolean): Promise<void>;
	removeRun(id: string): Promise<void>;
	/**
	 * Refines a run's mask with the dense CRF and keeps the result; done when it is kept.
	 * @param runId the active Inspector's run where it is left out
	 * @param settings as the CRF view has them where they are left out
	 * @throws an error whose `problem` says what went wrong; `cancelled` also where other settings took their place
	 */
	refine(runId?: string, settings?: CrfSettings): Promise<CrfOutcome>;
	/**
	 * Profiles a run, shows the profile in its Inspector, and keeps it.
	 * @throws an error whose `problem` says what went wrong; `cancelled` also where another run took its place
	 */
	profile(runId: string): Promise<RunProfile>;
	/** What the CRF view shows of the active run. */
	crf(): CrfViewState;
	/** The ASPP head of the active run. */
	readonly aspp: AsppApi;
	/**
	 * Compares a run's masks at two output strides in its Inspector; done when it is shown.
	 * @param pair one with the model's own stride where it is left out
	 * @throws an error whose `problem` says what went wrong
	 */
	compareStrides(runId: string, pair?: StridePair): Promise<InspectorStrides>;
	/** What is compared of a run; undefined where nothing is. */
	strides(runId: string): InspectorStrides | undefined;
	/**
	 * What is in a checkpoint, and how it would be taken; nothing is written.
	 * @throws an error whose `problem` says what went wrong
	 */
	examineCheckpoint(uri: vscode.Uri, overrides?: ImportOverrides): Promise<CheckpointFindings>;
	/**
	 * Makes a model of a checkpoint, as the command does, without asking; it becomes the one in use.
	 * @param options `target`: for the model, beside the checkpoint where it is left out
	 * @throws an error whose `problem` says what went wrong
	 */
	importCheckpoint(
		uri: vscode.Uri,
		options?: {
			readonly overrides?: ImportOverrides;
			readonly target?: vscode.Uri;
			readonly signal?: AbortSignal;
		},
	): Promise<Imported>;
	/** The preprocessing doctor. */
	readonly doctor: Pick<DoctorController, 'open' | 'state' | 'cancel' | 'compareWith' | 'keep'>;
	/** The models that were imported, newest first; some may be gone. */
	importedModels(): readonly vscode.Uri[];
	/** The open Inspectors. */
	inspectors(): readonly { readonly state: PanelState; readonly visible: boolean; readonly active: boolean }[];
	/** What the status bar shows of the backend, undefined while it is hidden, and what the last run told. */
	backend(): { readonly shown: string | undefined; readonly status: BackendStatus | undefined };
	/** How WebGPU compares with WASM on a run's model; undefined where that is not known. */
	parity(runId: string): ParityState | undefined;
	workerAlive(): boolean;
	/** For tests only: ends the inference worker as a crash would. */
	killWorker(): Promise<void>;
}
