import * as vscode from 'vscode';
import type { RunInfo } from '../../core/run';
import { pageOptions } from '../pages/webviewPage';
import type { RunStore } from '../runs/runStore';
import { InspectorPanel, type InspectorPanelServices, pictureNameOf } from './inspectorPanel';

export const inspectorViewType = 'deeplab.inspector';
/** Context key: the active editor is an Inspector that shows a run. */
const runShownKey = 'deeplab.runShown';

/** The open Inspectors: one tab a picture that is being segmented, and one that kept runs are looked at in, in turn. */
export class InspectorPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
	private readonly panels = new Set<InspectorPanel>();
	private readonly changed = new vscode.EventEmitter<void>();
	private runShown = false;
	private latest: InspectorPanel | undefined;
	/** Shows whatever kept run is looked at next, as an editor's preview tab does: the page is there already. */
	private preview: InspectorPanel | undefined;
	private disposed = false;

	/** The active Inspector, or what it shows, has changed. */
	readonly onDidChange = this.changed.event;

	constructor(
		private readonly services: InspectorPanelServices,
		private readonly store: RunStore,
	) {}

	get active(): InspectorPanel | undefined {
		return [...this.panels].find(({ active }) => active);
	}

	/** The Inspector that was active last and is still open. */
	get lastActive(): InspectorPanel | undefined {
		return this.active ?? this.latest;
	}

	get all(): readonly InspectorPanel[] {
		return [...this.panels];
	}

	/** The Inspector of a picture, shown; a new one where it has none. */
	forPicture(uri: vscode.Uri, preserveFocus = false): InspectorPanel {
		const key = uri.toString();
		const open = [...this.panels].find(({ pictureUri }) => pictureUri?.toString() === key);
		const panel = open ?? this.create(pictureNameOf(uri), preserveFocus);
		this.keep(panel);
		panel.pictureUri = uri;
		open?.reveal(preserveFocus);
		return panel;
	}

	/**
	 * Shows a kept run: in the tab that shows it, else in the preview, else in a new tab.
	 * @param keep the tab stays this run's; otherwise it is the preview
	 */
	showRun(info: RunInfo, keep = false): InspectorPanel {
		const open = [...this.panels].find(({ state }) => state.kind === 'run' && state.info.id === info.id);
		const panel = open ?? this.preview ?? this.create(info.pictureName, false);
		if (keep) {
			this.keep(panel);
		} else if (!open) {
			this.preview = panel;
		}
		if (!open) {
			panel.pictureUri = vscode.Uri.parse(info.pictureUri);
			panel.show({ kind: 'run', info, probe: undefined });
		}
		panel.reveal();
		this.update();
		return panel;
	}

	/** Closes the tabs of a run. */
	closeRun(id: string): void {
		for (const panel of this.panels) {
			if (panel.state.kind === 'run' && panel.state.info.id === id) {
				panel.dispose();
			}
		}
	}

	/** Tells listeners that a panel shows something else. */
	update(): void {
		if (this.disposed) {
			return;
		}
		const active = this.active;
		this.latest = active ?? this.latest;
		const runShown = active?.state.kind === 'run';
		if (runShown !== this.runShown) {
			this.runShown = runShown;
			void vscode.commands.executeCommand('setContext', runShownKey, runShown);
		}
		this.changed.fire();
	}

	/** Called by VS Code for each tab that was open when the window was closed. */
	async deserializeWebviewPanel(webviewPanel: vscode.WebviewPanel, state: unknown): Promise<void> {
		const panel = this.adopt(webviewPanel);
		const id = typeof state === 'object' && state !== null && 'runId' in state ? state.runId : undefined;
		await this.store.load();
		const kept = typeof id === 'string' ? this.store.get(id) : undefined;
		if (kept) {
			panel.pictureUri = vscode.Uri.parse(kept.info.pictureUri);
			panel.show({ kind: 'run', info: kept.info, probe: undefined });
		}
		this.update();
	}

	setOpacity(opacity: number): void {
		for (const panel of this.panels) {
			panel.setOpacity(opacity);
		}
	}

	dispose(): void {
		this.disposed = true;
		vscode.Disposable.from(...this.panels, this.changed).dispose();
	}

	private keep(panel: InspectorPanel): void {
		if (this.preview === panel) {
			this.preview = undefined;
		}
	}

	private create(title: string, preserveFocus: boolean): InspectorPanel {
		return this.adopt(
			vscode.window.createWebviewPanel(
				inspectorViewType,
				title,
				{ viewColumn: vscode.ViewColumn.Active, preserveFocus },
				// From the start, for a later change loads the page twice.
				pageOptions(this.services.extensionUri),
			),
		);
	}

	private adopt(webviewPanel: vscode.WebviewPanel): InspectorPanel {
		const panel = new InspectorPanel(webviewPanel, this.services);
		this.panels.add(panel);
		const state = webviewPanel.onDidChangeViewState(() => this.update());
		panel.onDidClose(() => {
			state.dispose();
			this.panels.delete(panel);
			this.keep(panel);
			if (this.latest === panel) {
				this.latest = undefined;
			}
			this.update();
		});
		this.update();
		return panel;
	}
}
