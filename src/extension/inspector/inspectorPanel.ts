import * as vscode from 'vscode';
import { InspectorError, type Problem } from '../../core/problem';
import type { RunInfo } from '../../core/run';
import { describeProblem } from '../../shared/describeProblem';
import type { InspectorCrf, InspectorLayer } from '../../shared/protocol/crf';
import type {
	InspectorAction,
	InspectorHostMethods,
	InspectorPageMethods,
	InspectorRun,
	InspectorScales,
	InspectorState,
	Probe,
} from '../../shared/protocol/inspector';
import type { ParityState } from '../../shared/protocol/parity';
import type { ProfileRequest } from '../../shared/protocol/profile';
import type { StrideAction } from '../../shared/protocol/strides';
import type { StageProgress } from '../../shared/protocol/types';
import { baseName } from '../files';
import { WebviewConnection } from '../pages/webviewConnection';
import { loadPage } from '../pages/webviewPage';

/** What a panel shows; of a run only its record, so that an open tab holds no pictures. */
export type PanelState =
	| Exclude<InspectorState, { kind: 'run' }>
	| { readonly kind: 'run'; readonly info: RunInfo; readonly probe: Probe | undefined };

/** Messages of the page that are about the run it shows. */
type RunMessage =
	| 'crf'
	| 'layer'
	| 'ties'
	| 'radius'
	| 'branches'
	| 'branchLogits'
	| 'dominance'
	| 'fields'
	| 'gradient'
	| 'strides'
	| 'strideMask'
	| 'profile'
	| 'parity'
	| 'chosenClass';

export interface InspectorPanelServices {
	readonly extensionUri: vscode.Uri;
	readonly log: vscode.LogOutputChannel;
	opacity(): number;
	/** @throws InspectorError `run.notFound` */
	loadRun(id: string): Promise<InspectorRun>;
	act(panel: InspectorPanel, action: InspectorAction): void;
	/** What is drawn of the run's CRF; undefined where it has none. */
	loadCrf(info: RunInfo): Promise<InspectorCrf | undefined>;
	/** How WebGPU compares with WASM on the run's model. */
	parityOf(info: RunInfo): ParityState | undefined;
	/** The page has changed what it draws. */
	reportLayer(panel: InspectorPanel, layer: InspectorLayer): void;
	/** The page has moved its probe, as the panel's state has it. */
	probeMoved(panel: InspectorPanel): void;
	/** The page chose the class that the ASPP views speak of; undefined: the probe pixel's winner. */
	chooseClass(panel: InspectorPanel, label: number | undefined): void;
	/** The page chose the branch that stays on alone; undefined: all. */
	soloBranch(panel: InspectorPanel, branch: number | undefined): void;
	endGradient(panel: InspectorPanel): void;
	/** The page does something to the comparison of output strides. */
	strides(panel: InspectorPanel, action: StrideAction): void;
	/** At a run's display size; null where it has one scale. */
	loadScales(runId: string): Promise<InspectorScales | null>;
	/** The page has drawn a run first. */
	drawn(runId: string, milliseconds: number): void;
	profile(panel: InspectorPanel, request: ProfileRequest): void;
	saveProfile(runId: string): Promise<string | null>;
	/** A page has been given its whole state. */
	pageIsReady(panel: InspectorPanel): void;
	/** A page that was there already has been given a run; what it was told of the run before, it left out. */
	runIsShown(panel: InspectorPanel): void;
	saveMask(runId: string, which: InspectorHostMethods['saveMask']['params']['which']): Promise<string | null>;
	savePng(runId: string, png: Uint8Array): Promise<string | null>;
}

/** One Inspector tab and its page. */
export class InspectorPanel implements vscode.Disposable {
	private readonly connection: WebviewConnection<InspectorHostMethods, InspectorPageMethods>;
	private readonly subscriptions: vscode.Disposable[] = [];
	private readonly closed = new vscode.EventEmitter<void>();
	private readonly visibility = new vscode.EventEmitter<boolean>();
	private current: PanelState = { kind: 'empty' };
	private isClosed = false;

	/** URI of the picture that is shown or being segmented. */
	pictureUri: vscode.Uri | undefined;
	readonly onDidClose = this.closed.event;
	/** Fires with whether the page can be seen. */
	readonly onDidChangeVisibility = this.visibility.event;

	constructor(
		private readonly panel: vscode.WebviewPanel,
		private readonly services: InspectorPanelServices,
	) {
		const { extensionUri } = services;
		this.connection = new WebviewConnection<InspectorHostMethods, InspectorPageMethods>(panel.webview, {
			ready: () => this.whole(),
			act: (action) => {
				services.act(this, action);
				return null;
			},
			setProbe: (probe) => {
				this.takeProbe(probe ?? undefined);
				return null;
			},
			setClass: (label) => {
				services.chooseClass(this, label ?? undefined);
				return null;
			},
			endGradient: () => {
				services.endGradient(this);
				return null;
			},
			soloBranch: (branch) => {
				services.soloBranch(this, branch ?? undefined);
				return null;
			},
			strides: (action) => {
				services.strides(this, action);
				return null;
			},
			winningScales: ({ runId }) => services.loadScales(runId),
			reportLayer: (layer) => {
				services.reportLayer(this, layer);
				return null;
			},
			reportDraw: ({ runId, milliseconds }) => {
				services.log.debug(`Run ${runId} drawn in ${milliseconds.toFixed(1)} ms`);
				services.drawn(runId, milliseconds);
				return null;
			},
			profile: (request) => {
				services.profile(this, request);
				return null;
			},
			saveProfile: ({ runId }) => services.saveProfile(runId),
			saveMask: ({ runId, which }) => services.saveMask(runId, which),
			savePicture: ({ runId, png }) => services.savePng(runId, png),
			log: ({ level, message }) => {
				services.log[level](`Inspector page: ${message}`);
				return null;
			},
		});
		let visible = panel.visible;
		this.subscriptions.push(
			panel.onDidDispose(() => this.dispose()),
			panel.onDidChangeViewState(() => {
				if (panel.visible !== visible) {
					visible = panel.visible;
					if (!visible) {
						this.connection.pageIsGone();
					}
					this.visibility.fire(visible);
				}
			}),
		);
		panel.iconPath = {
			light: vscode.Uri.joinPath(extensionUri, 'media', 'tab-light.svg'),
			dark: vscode.Uri.joinPath(extensionUri, 'media', 'tab-dark.svg'),
		};
		loadPage(panel.webview, extensionUri, 'inspector', panel.title);
	}

	get state(): PanelState {
		return this.current;
	}

	/** The pinned pixel of the run that is shown. */
	get probe(): Probe | undefined {
		return this.current.kind === 'run' ? this.current.probe : undefined;
	}

	get visible(): boolean {
		return !this.isClosed && this.panel.visible;
	}

	get active(): boolean {
		return !this.isClosed && this.panel.active;
	}

	reveal(preserveFocus = false): void {
		if (!this.isClosed) {
			this.panel.reveal(undefined, preserveFocus);
		}
	}

	show(state: PanelState): void {
		if (this.isClosed) {
			return;
		}
		this.current = state;
		const name = state.kind === 'run' ? state.info.pictureName : state.kind === 'empty' ? '' : state.pictureName;
		this.panel.title = name || 'DeepLab';
		void this.send(state);
	}

	progress(progress: StageProgress): void {
		if (this.current.kind === 'running') {
			this.current = { ...this.current, progress };
			this.connection.tell('progress', progress);
		}
	}

	/** Tells the page something about a run, where that is the one it shows. */
	tellRun<K extends RunMessage>(runId: string | undefined, method: K, params: InspectorPageMethods[K]['params']): void {
		if (this.current.kind === 'run' && this.current.info.id === runId) {
			this.connection.tell(method, params);
		}
	}

	/** Moves the probe of the run that is shown, from elsewhere than the page. */
	setProbe(probe: Probe | undefined): void {
		if (this.current.kind === 'run') {
			this.connection.tell('probe', probe ?? null);
			this.takeProbe(probe);
		}
	}

	setOpacity(opacity: number): void {
		this.connection.tell('opacity', opacity);
	}

	dispose(): void {
		if (this.isClosed) {
			return;
		}
		this.isClosed = true;
		this.connection.dispose();
		vscode.Disposable.from(...this.subscriptions).dispose();
		this.closed.fire();
		this.closed.dispose();
		this.visibility.dispose();
		this.panel.dispose();
	}

	private takeProbe(probe: Probe | undefined): void {
		if (this.current.kind === 'run') {
			this.current = { ...this.current, probe };
			this.services.probeMoved(this);
		}
	}

	private async send(state: PanelState): Promise<void> {
		const whole = await this.load(state);
		const { current } = this;
		if (this.isClosed) {
			return;
		}
		if (current === state) {
			this.connection.tell('show', whole);
		} else if (current.kind === 'run' && whole.kind === 'run' && current.info.id === whole.run.info.id) {
			// Only the probe has moved while it was read.
			this.connection.tell('show', { ...whole, probe: current.probe });
		} else {
			return;
		}
		if (whole.kind === 'run') {
			this.services.runIsShown(this);
		}
	}

	/** The answer to a page that has just been loaded. */
	private async whole(): Promise<InspectorHostMethods['ready']['result']> {
		for (;;) {
			const state = this.current;
			const whole = await this.load(state);
			// While it was read, another state may have come.
			if (state === this.current) {
				this.connection.pageIsReady();
				// After the answer.
				setTimeout(() => this.isClosed || this.services.pageIsReady(this), 0);
				return { state: whole, opacity: this.services.opacity() };
			}
		}
	}

	private async load(state: PanelState): Promise<InspectorState> {
		if (state.kind !== 'run') {
			return state;
		}
		try {
			const [run, crf] = await Promise.all([this.services.loadRun(state.info.id), this.services.loadCrf(state.info)]);
			return { kind: 'run', run, probe: state.probe, crf, parity: this.services.parityOf(state.info) };
		} catch (error) {
			this.services.log.error(error instanceof Error ? error : String(error));
			const problem: Problem =
				error instanceof InspectorError ? error.problem : { code: 'run.notFound', name: state.info.pictureName };
			return failedState(state.info.pictureName, problem);
		}
	}
}

export function failedState(pictureName: string, problem: Problem): Extract<InspectorState, { kind: 'failed' }> {
	return { kind: 'failed', pictureName, problem, message: describeProblem(problem) };
}

/** A picture's name for titles and messages. */
export function pictureNameOf(uri: vscode.Uri): string {
	return baseName(uri.path);
}
