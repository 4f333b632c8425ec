import * as vscode from 'vscode';

/** Last part of a path or URI path. */
export function baseName(path: string): string {
	return path.replace(/[/\\]+$/, '').match(/[^/\\]*$/)?.[0] || path;
}

/** A file's path for display: relative to the workspace where it is inside. */
export function placeOf(uri: vscode.Uri): string {
	return vscode.workspace.asRelativePath(uri);
}

export function parentOf(uri: vscode.Uri): vscode.Uri {
	return vscode.Uri.joinPath(uri, '..');
}

export function isNotFound(error: unknown): boolean {
	return error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
}

export function isFolderError(error: unknown): boolean {
	return error instanceof vscode.FileSystemError && error.code === 'FileIsADirectory';
}

export function errorDetail(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
