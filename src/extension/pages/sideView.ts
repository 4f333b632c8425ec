import type * as vscode from 'vscode';
import type { PageSetup } from '../../shared/protocol/page';
import type { Handlers, Methods } from '../../shared/rpc';
import { WebviewConnection } from './webviewConnection';
import { loadPage } from './webviewPage';

/** A view of the side panel with a page: over all the webviews that VS Code makes for it. */
export abstract class SideView<Host extends Methods<Host>, Page extends Methods<Page>>
	implements vscode.WebviewViewProvider, vscode.Disposable
{
	private connection: WebviewConnection<Host, Page> | undefined;
	private view: vscode.WebviewView | undefined;

	constructor(
		private readonly extensionUri: vscode.Uri,
		private readonly page: PageSetup['page'],
	) {}

	resolveWebviewView(view: vscode.WebviewView): void {
		this.connection?.dispose();
		const connection = new WebviewConnection<Host, Page>(view.webview, this.handlers());
		this.connection = connection;
		this.view = view;
		view.onDidChangeVisibility(() => {
			if (!view.visible) {
				connection.pageIsGone();
			}
			this.visibilityChanged(view.visible);
		});
		view.onDidDispose(() => {
			connection.dispose();
			if (this.view === view) {
				this.view = undefined;
				this.connection = undefined;
				this.visibilityChanged(false);
			}
		});
		loadPage(view.webview, this.extensionUri, this.page, view.title ?? this.page);
		this.visibilityChanged(view.visible);
	}

	dispose(): void {
		this.connection?.dispose();
		this.connection = undefined;
		this.view = undefined;
	}

	protected abstract handlers(): Handlers<Host>;

	/** The view can be seen, or can no longer. */
	protected visibilityChanged(_visible: boolean): void {}

	protected get visible(): boolean {
		return this.view?.visible ?? false;
	}

	protected pageIsReady(): void {
		this.connection?.pageIsReady();
	}

	protected tell<K extends keyof Page & string>(method: K, params: Page[K]['params']): void {
		this.connection?.tell(method, params);
	}
}
