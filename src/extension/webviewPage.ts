import * as vscode from 'vscode';
import type { PageSetup } from '../shared/protocol/page';
import { createNonce, pageHtml } from './pageHtml';

/** Loads a page into a webview; it may read files of `dist/webview` only. */
export function loadPage(
	webview: vscode.Webview,
	extensionUri: vscode.Uri,
	page: PageSetup['page'],
	title: string,
): void {
	const base = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
	webview.options = { enableScripts: true, localResourceRoots: [base] };
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
