import * as vscode from 'vscode';
import type { AsppHostMethods, AsppPageMethods } from '../../shared/protocol/aspp';
import type { Handlers } from '../../shared/rpc';
import { SideView } from '../pages/sideView';
import type { AsppController } from './asppController';
import { crossingBytes } from './crossing';
import { OnceATurn } from './onceATurn';

/** The ASPP Branches view: what each branch says of a class, and switches for the branches, of the active run. */
export class AsppView extends SideView<AsppHostMethods, AsppPageMethods> {
	private readonly following: vscode.Disposable;
	private readonly update = new OnceATurn(() => {
		if (this.visible) {
			this.tell('show', this.controller.asppState());
		}
	});

	constructor(
		extensionUri: vscode.Uri,
		private readonly controller: AsppController,
		private readonly log: vscode.LogOutputChannel,
	) {
		super(extensionUri, 'aspp');
		this.following = vscode.Disposable.from(
			controller.onDidChange(() => this.update.soon()),
			controller.onDidChangeMaps((maps) => {
				if (this.visible) {
					this.log.debug(`ASPP view: ${crossingBytes(maps)} bytes of maps`);
					this.tell('mapsChanged', maps);
				}
			}),
		);
	}

	override dispose(): void {
		this.following.dispose();
		super.dispose();
	}

	protected override visibilityChanged(visible: boolean): void {
		this.controller.setViewVisible('aspp', visible);
	}

	protected handlers(): Handlers<AsppHostMethods> {
		const { controller } = this;
		return {
			ready: () => {
				this.pageIsReady();
				return controller.asppState();
			},
			maps: ({ runId, label }) => {
				const { current } = controller;
				return current?.info.id === runId ? current.maps(label) : null;
			},
			mixedMaps: ({ runId, reading }) => {
				const { current } = controller;
				return current?.info.id === runId ? current.mixedMaps(reading) : null;
			},
			setClass: (label) => {
				controller.current?.setClass(label ?? undefined);
				return null;
			},
			setOn: (on) => {
				controller.current?.setOn(on);
				return null;
			},
			setRates: (rates) => {
				controller.current?.setRates(rates);
				return null;
			},
			setProbe: (probe) => {
				controller.setProbe(probe ?? undefined);
				return null;
			},
			showDominance: (wanted) => {
				controller.current?.showDominance(wanted);
				return null;
			},
			act: (action) => {
				actOn(action, controller, this.log);
				return null;
			},
			saveFile: (figure) => controller.saveFigure(figure),
		};
	}
}

/** What a button of either view does. */
export function actOn(
	action: AsppHostMethods['act']['params'],
	controller: AsppController,
	log: vscode.LogOutputChannel,
): void {
	switch (action) {
		case 'retry':
			controller.current?.retry();
			return;
		case 'showLog':
			log.show(true);
			return;
		case 'segmentImage':
		case 'selectModel':
			void vscode.commands.executeCommand(`deeplab.${action}`);
			return;
		default: {
			const unknown: never = action;
			throw new Error(`unknown action ${String(unknown)}`);
		}
	}
}
