import * as vscode from 'vscode';
import type { CrfHostMethods, CrfPageMethods } from '../../shared/protocol/crf';
import type { Handlers } from '../../shared/rpc';
import { SideView } from '../pages/sideView';
import type { CrfController } from './crfController';

/** Milliseconds from a change until the page is told of it: behind the mask that the Inspector draws. */
const moment = 50;
/** The same while a mask is on its way, which is quicker if nothing else is drawn meanwhile, and mostly there before. */
const maskMoment = 200;

/** The CRF view: settings, iterations and what changed, of the active run. */
export class CrfView extends SideView<CrfHostMethods, CrfPageMethods> {
	private readonly following: vscode.Disposable;
	private pending: { readonly due: number; readonly timer: ReturnType<typeof setTimeout> } | undefined;

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
		clearTimeout(this.pending?.timer);
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

	/** Tells the page that something changed; many changes in a moment are told once. */
	private update(): void {
		const delay = this.controller.masking ? maskMoment : moment;
		const due = Date.now() + delay;
		if (this.pending && this.pending.due <= due) {
			return;
		}
		clearTimeout(this.pending?.timer);
		const tell = () => {
			this.pending = undefined;
			if (this.visible) {
				this.tell('show', this.controller.state());
			}
		};
		this.pending = { due, timer: setTimeout(tell, delay) };
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
