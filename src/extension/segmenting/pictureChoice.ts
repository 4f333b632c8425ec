import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { type InspectorPanels, inspectorViewType } from '../inspector/inspectorPanels';

export const pictureExtensions: readonly string[] = ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'gif'];

/**
 * The pictures a command is about: those it was called with, else the one in the active editor, else those the user
 * chooses.
 *
 * @param args as VS Code passes them: the clicked file, then all selected ones
 */
export async function choosePictures(
	args: readonly unknown[],
	panels: InspectorPanels,
): Promise<readonly vscode.Uri[]> {
	const [clicked, selected] = args;
	if (Array.isArray(selected)) {
		const uris = selected.filter((uri) => uri instanceof vscode.Uri);
		if (uris.length > 0) {
			return uris;
		}
	}
	if (clicked instanceof vscode.Uri) {
		return [clicked];
	}
	const open = pictureInActiveEditor(panels);
	if (open) {
		return [open];
	}
	const chosen = await vscode.window.showOpenDialog({
		title: l10n.t('Segment Image'),
		openLabel: l10n.t('Segment'),
		canSelectMany: true,
		filters: { [l10n.t('Pictures')]: [...pictureExtensions] },
	});
	return chosen ?? [];
}

/** The picture in the active editor, or in the active Inspector. */
export function pictureInActiveEditor(panels: InspectorPanels): vscode.Uri | undefined {
	const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
	if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) {
		return isPicture(input.uri) ? input.uri : undefined;
	}
	// VS Code puts its own prefix before a panel's view type.
	if (input instanceof vscode.TabInputWebview && input.viewType.endsWith(inspectorViewType)) {
		return panels.active?.pictureUri;
	}
	return undefined;
}

function isPicture(uri: vscode.Uri): boolean {
	const extension = uri.path.slice(uri.path.lastIndexOf('.') + 1).toLowerCase();
	return pictureExtensions.includes(extension);
}
