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
import { type Given, RunMessages } from './runMessages';

/** What a panel shows; of a run only its record, so that an open tab holds no pictures. */
export type PanelState =
	| Exclude<InspectorState, { kind: 'run' }>
	| { readonly kind: 'run'; readonly info: RunInfo; readonly probe: Probe | undefined };

/** Messages of the page that are about the run it shows. */
type RunMessage =
	| 'probe'
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
	/** A page has been given what the panel shows, without what was told of it before. */
	pageIsReady(panel: InspectorPanel): void;
	saveMask(runId: string, which: InspectorHostMethods['saveMask']['params']['which']): Promise<string | null>;
	savePng(runId: string, png: Uint8Array): Promise<string | null>;
}

/** One Inspector tab and its page. */
export class InspectorPanel implements vscode.Disposable {
	private readonly connection: WebviewConnection<InspectorHostMethods, InspectorPageMethods>;
	private readonly subscriptions: vscode.Disposable[] = [];
	private readonly closed = new vscode.EventEmitter<void>();
	private readonly visibility = new vscode.EventEmitter<boolean>();
	private readonly messages = new RunMessages();
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
			ready: (_, { signal }) => this.whole(signal),
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
						this.messages.pageIsGone();
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

	/** Tells the page something about a run, where that is the one it shows, or is about to show. */
	tellRun<K extends RunMessage>(runId: string | undefined, method: K, params: InspectorPageMethods[K]['params']): void {
		if (runId !== undefined && runOf(this.current) === runId) {
			this.messages.tell(runId, () => this.connection.tell(method, params));
		}
	}

	/** Moves the probe of the run that is shown, from elsewhere than the page. */
	setProbe(probe: Probe | undefined): void {
		this.tellRun(runOf(this.current), 'probe', probe ?? null);
		this.takeProbe(probe);
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

	/** To the page that is there; one that is not there asks for it. */
	private async send(state: PanelState): Promise<void> {
		const given = this.messages.hasPage ? this.messages.comes(runOf(state)) : undefined;
		const whole = await this.load(state);
		const { current } = this;
		if (this.isClosed || !given) {
			return;
		}
		// Else another one came while it was read, and not the probe alone has moved.
		const isShown = current === state || (whole.kind === 'run' && runOf(current) === runOf(state));
		if (isShown) {
			this.connection.tell('show', whole.kind === 'run' ? { ...whole, probe: this.probe } : whole);
		}
		this.messages.hasCome(given);
		if (isShown && whole.kind === 'run') {
			this.services.pageIsReady(this);
		}
	}

	/** The answer to a page that has just been loaded. @param signal aborted when the page is gone before */
	private async whole(signal: AbortSignal): Promise<InspectorHostMethods['ready']['result']> {
		let given: Given | undefined;
		for (;;) {
			const state = this.current;
			const next = this.messages.comes(runOf(state));
			if (given) {
				this.messages.hasCome(given);
			}
			given = next;
			const whole = await this.load(state);
			if (signal.aborted) {
				throw new InspectorError({ code: 'cancelled' });
			}
			// While it was read, another state may have come.
			if (state === this.current) {
				this.connection.pageIsReady();
				setTimeout(() => this.isAnswered(next), 0);
				return { state: whole, opacity: this.services.opacity() };
			}
		}
	}

	private isAnswered(given: Given): void {
		if (!this.isClosed) {
			this.messages.hasCome(given);
			this.services.pageIsReady(this);
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

function runOf(state: PanelState): string | undefined {
	return state.kind === 'run' ? state.info.id : undefined;
}

export function failedState(pictureName: string, problem: Problem): Extract<InspectorState, { kind: 'failed' }> {
	return { kind: 'failed', pictureName, problem, message: describeProblem(problem) };
}

/** A picture's name for titles and messages. */
export function pictureNameOf(uri: vscode.Uri): string {
	return baseName(uri.path);
}
