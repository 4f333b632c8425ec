import type * as vscode from 'vscode';
import type { ReceptiveFieldHostMethods, ReceptiveFieldPageMethods } from '../../shared/protocol/aspp';
import type { Handlers } from '../../shared/rpc';
import { SideView } from '../pages/sideView';
import type { AsppController } from './asppController';
import { actOn } from './asppView';
import { OnceATurn } from './onceATurn';

/** The Receptive Field view: what the probe pixel's cell could see through each branch, and what it did see. */
export class ReceptiveFieldView extends SideView<ReceptiveFieldHostMethods, ReceptiveFieldPageMethods> {
	private readonly following: vscode.Disposable;
	private readonly update = new OnceATurn(() => {
		if (this.visible) {
			this.tell('show', this.controller.fieldState());
		}
	});

	constructor(
		extensionUri: vscode.Uri,
		private readonly controller: AsppController,
		private readonly log: vscode.LogOutputChannel,
	) {
		super(extensionUri, 'receptiveField');
		this.following = controller.onDidChange(() => this.update.soon());
	}

	override dispose(): void {
		this.following.dispose();
		super.dispose();
	}

	protected override visibilityChanged(visible: boolean): void {
		this.controller.setViewVisible('receptiveField', visible);
	}

	protected handlers(): Handlers<ReceptiveFieldHostMethods> {
		const { controller } = this;
		return {
			ready: () => {
				this.pageIsReady();
				return controller.fieldState();
			},
			setProbe: (probe) => {
				controller.setProbe(probe ?? undefined);
				return null;
			},
			setClass: (label) => {
				controller.current?.setClass(label ?? undefined);
				return null;
			},
			showFields: (wanted) => {
				controller.showFields(wanted);
				return null;
			},
			highlight: (highlighted) => {
				controller.current?.highlight(highlighted ?? undefined);
				return null;
			},
			measure: ({ branch, over }) => {
				// The answer does not wait: progress and result come with the state.
				void controller.measure(branch, over);
				return null;
			},
			showMeasured: (index) => {
				controller.current?.showMeasured(index ?? undefined);
				return null;
			},
			act: (action) => {
				if (action === 'cancel') {
					controller.current?.cancelMeasuring();
				} else {
					actOn(action, controller, this.log);
				}
				return null;
			},
			saveFile: (figure) => controller.saveFigure(figure),
		};
	}
}
