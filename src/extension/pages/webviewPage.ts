import * as vscode from 'vscode';
import type { PageSetup } from '../../shared/protocol/page';
import { createNonce, pageHtml } from './pageHtml';

/** What a page may do: run its script, and read files of `dist/webview` only. */
export function pageOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
	return { enableScripts: true, localResourceRoots: [pagesFolder(extensionUri)] };
}

/** Loads a page into a webview. */
export function loadPage(
	webview: vscode.Webview,
	extensionUri: vscode.Uri,
	page: PageSetup['page'],
	title: string,
): void {
	const base = pagesFolder(extensionUri);
	webview.options = pageOptions(extensionUri);
	webview.html = pageHtml(
		{ page, l10n: displayBundle(), language: vscode.env.language },
		{
			cspSource: webview.cspSource,
			base: webview.asWebviewUri(base).toString(),
			nonce: createNonce(),
			title,
		},
	);
}

function displayBundle(): Record<string, string> {
	const texts: Record<string, string> = {};
	for (const [key, text] of Object.entries(vscode.l10n.bundle ?? {})) {
		texts[key] = text;
	}
	return texts;
}

function pagesFolder(extensionUri: vscode.Uri): vscode.Uri {
	return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}
