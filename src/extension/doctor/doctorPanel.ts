import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type {
	DoctorAction,
	DoctorHostMethods,
	DoctorPageMethods,
	DoctorState,
	DoctorUpdate,
} from '../../shared/protocol/doctor';
import { WebviewConnection } from '../pages/webviewConnection';
import { loadPage, pageOptions } from '../pages/webviewPage';

export interface DoctorPanelServices {
	readonly extensionUri: vscode.Uri;
	readonly log: vscode.LogOutputChannel;
	opacity(): number;
	state(): DoctorState;
	act(action: DoctorAction): void;
	mask(params: DoctorHostMethods['mask']['params']): DoctorHostMethods['mask']['result'];
	keep(params: DoctorHostMethods['keep']['params']): Promise<string | null>;
	closed(): void;
}

/** The doctor's tab and its page. */
export class DoctorPanel implements vscode.Disposable {
	private readonly connection: WebviewConnection<DoctorHostMethods, DoctorPageMethods>;
	private readonly panel: vscode.WebviewPanel;

	constructor(services: DoctorPanelServices) {
		const { extensionUri, log } = services;
		this.panel = vscode.window.createWebviewPanel(
			'deeplab.doctor',
			l10n.t('Preprocessing Doctor'),
			{ viewColumn: vscode.ViewColumn.Active },
			pageOptions(extensionUri),
		);
		this.connection = new WebviewConnection<DoctorHostMethods, DoctorPageMethods>(this.panel.webview, {
			ready: () => {
				this.connection.pageIsReady();
				return { state: services.state(), opacity: services.opacity() };
			},
			act: (action) => {
				services.act(action);
				return null;
			},
			mask: (params) => services.mask(params),
			keep: (params) => services.keep(params),
			log: ({ level, message }) => {
				log[level](`Doctor page: ${message}`);
				return null;
			},
		});
		this.panel.onDidDispose(() => {
			this.connection.dispose();
			services.closed();
		});
		let visible = this.panel.visible;
		this.panel.onDidChangeViewState(() => {
			if (this.panel.visible !== visible) {
				visible = this.panel.visible;
				if (!visible) {
					this.connection.pageIsGone();
				}
			}
		});
		this.panel.iconPath = {
			light: vscode.Uri.joinPath(extensionUri, 'media', 'tab-light.svg'),
			dark: vscode.Uri.joinPath(extensionUri, 'media', 'tab-dark.svg'),
		};
		loadPage(this.panel.webview, extensionUri, 'doctor', this.panel.title);
	}

	get visible(): boolean {
		return this.panel.visible;
	}

	reveal(): void {
		this.panel.reveal();
	}

	show(state: DoctorState): void {
		this.connection.tell('show', state);
	}

	update(update: DoctorUpdate): void {
		this.connection.tell('update', update);
	}

	setOpacity(opacity: number): void {
		this.connection.tell('opacity', opacity);
	}

	dispose(): void {
		this.panel.dispose();
	}
}
