import * as vscode from 'vscode';
import type { CrfHostMethods, CrfPageMethods } from '../../shared/protocol/crf';
import type { Handlers } from '../../shared/rpc';
import { SideView } from '../sideView';
import type { CrfController } from './crfController';

/** Milliseconds: two frames of the screen. */
const moment = 32;

/** The CRF view: settings, iterations and what changed, of the active run. */
export class CrfView extends SideView<CrfHostMethods, CrfPageMethods> {
	private readonly following: vscode.Disposable;
	private pending: ReturnType<typeof setTimeout> | undefined;

	constructor(
		extensionUri: vscode.Uri,
		private readonly controller: CrfController,
		private readonly log: vscode.LogOutputChannel,
	) {
		super(extensionUri, 'crf');
		this.following = controller.onDidChange(() => this.update());
	}

	override dispose(): void {
		this.following.dispose();
		clearTimeout(this.pending);
		super.dispose();
	}

	protected override visibilityChanged(visible: boolean): void {
		this.controller.setViewVisible(visible);
	}

	protected handlers(): Handlers<CrfHostMethods> {
		const { controller } = this;
		const done = <T>(work: (params: T) => unknown) => {
			return async (params: T): Promise<null> => {
				await work(params);
				return null;
			};
		};
		return {
			ready: () => {
				this.pageIsReady();
				return controller.state();
			},
			setSettings: done((settings) => controller.setSettings(settings)),
			setIteration: done((iteration) => controller.setIteration(iteration)),
			setLayer: done((layer) => controller.setLayer(layer)),
			showTies: done((kernel) => controller.drawTies(kernel ?? undefined)),
			showRadius: done((radius) => controller.drawRadius(radius)),
			savePreset: done(() => controller.savePreset()),
			removePreset: done((id) => controller.removePreset(id)),
			act: done((action) => this.act(action)),
		};
	}

	/** Tells the page that something changed; many changes in a moment are told once, and behind what the Inspector is told. */
	private update(): void {
		this.pending ??= setTimeout(() => {
			this.pending = undefined;
			if (this.visible) {
				this.tell('show', this.controller.state());
			}
		}, moment);
	}

	private act(action: CrfHostMethods['act']['params']): void {
		switch (action) {
			case 'cancel':
				this.controller.cancel();
				return;
			case 'retry':
				this.controller.retry();
				return;
			case 'showLog':
				this.log.show(true);
				return;
			case 'segmentImage':
				void vscode.commands.executeCommand('deeplab.segmentImage');
				return;
			case 'saveMask': {
				const state = this.controller.state();
				if (state.kind === 'run') {
					void vscode.commands.executeCommand('deeplab.saveMask', state.view.runId, 'after');
				}
				return;
			}
			default: {
				const unknown: never = action;
				throw new Error(`unknown action ${String(unknown)}`);
			}
		}
	}
}
