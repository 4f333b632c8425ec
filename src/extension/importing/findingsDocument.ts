import * as vscode from 'vscode';
import { describeFindings } from '../../shared/describeTensors';
import type { CheckpointFindings } from '../../shared/protocol/import';
import type { CheckpointFile } from './checkpointFile';

const scheme = 'deeplab-checkpoint';

/** Shows what was found in a checkpoint as a read-only text. */
export class FindingsDocument implements vscode.Disposable {
	/** By the document's URI; only what was shown last is kept. */
	private shown: { readonly uri: string; readonly text: string } | undefined;
	private readonly changed = new vscode.EventEmitter<vscode.Uri>();
	private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, {
		onDidChange: this.changed.event,
		provideTextDocumentContent: (uri) => (this.shown?.uri === uri.toString() ? this.shown.text : ''),
	});

	async show({ uri, name }: CheckpointFile, findings: CheckpointFindings): Promise<vscode.TextDocument> {
		const place = vscode.Uri.from({ scheme, path: `${uri.path}.txt`, query: uri.toString() });
		this.shown = { uri: place.toString(), text: describeFindings(name, findings) };
		this.changed.fire(place);
		const document = await vscode.workspace.openTextDocument(place);
		await vscode.window.showTextDocument(document, { preview: true, preserveFocus: true });
		return document;
	}

	dispose(): void {
		this.registration.dispose();
		this.changed.dispose();
	}
}
