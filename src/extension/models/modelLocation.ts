/** Where a model's path leads, before it is made a URI. */
export type ModelLocation =
	| { readonly kind: 'bundled' }
	/** Below the workspace folder of that index. */
	| { readonly kind: 'workspace'; readonly folder: number; readonly path: string }
	| { readonly kind: 'home'; readonly path: string }
	| { readonly kind: 'absolute'; readonly path: string }
	| { readonly kind: 'uri'; readonly uri: string }
	/** It needs a workspace folder that is not open. */
	| { readonly kind: 'nowhere' };

/**
 * Reads the setting `deeplab.model`.
 *
 * @param value a path, absolute or relative to the first workspace folder, or a URI; may begin with `~`,
 *   `${userHome}`, `${workspaceFolder}` or `${workspaceFolder:name}`
 * @param folderNames names of the open workspace folders
 */
export function locateModel(value: string, folderNames: readonly string[]): ModelLocation {
	const text = value.trim();
	if (text === '') {
		return { kind: 'bundled' };
	}
	const variable = /^(?:~|\$\{(userHome|workspaceFolder)(?::([^}]*))?\})(?:[/\\]+(.*))?$/s.exec(text);
	if (variable) {
		const [, name, folderName, rest = ''] = variable;
		const path = forwardSlashes(rest);
		if (name !== 'workspaceFolder') {
			return { kind: 'home', path };
		}
		return inWorkspace(folderName === undefined ? 0 : folderNames.indexOf(folderName), path, folderNames);
	}
	// Some have no authority: `tmp:/models/net.onnx`. A drive's name is one letter.
	if (/^[a-z][a-z0-9+.-]+:\//i.test(text)) {
		return { kind: 'uri', uri: text };
	}
	if (/^(?:[/\\]|[a-z]:[/\\])/i.test(text)) {
		return { kind: 'absolute', path: text };
	}
	return inWorkspace(0, forwardSlashes(text), folderNames);
}

function inWorkspace(folder: number, path: string, folderNames: readonly string[]): ModelLocation {
	return folder in folderNames ? { kind: 'workspace', folder, path } : { kind: 'nowhere' };
}

/** Backslashes separate only where the path came from Windows: `models\net.onnx`. */
function forwardSlashes(path: string): string {
	return path.includes('/') ? path : path.replace(/\\/g, '/');
}
