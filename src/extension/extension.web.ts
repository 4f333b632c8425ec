import type * as vscode from 'vscode';
import type { InspectorApi } from './api';
import { webPlatform } from './platform/platform.web';
import { start } from './start';

/** Entry of the extension where the host is a worker of a browser. */
export function activate(context: vscode.ExtensionContext): InspectorApi {
	return start(context, webPlatform);
}
