import type * as vscode from 'vscode';
import type { InspectorApi } from './api';
import { nodePlatform } from './platform/platform.node';
import { start } from './start';

/** Entry of the extension where the host is Node. */
export function activate(context: vscode.ExtensionContext): InspectorApi {
	return start(context, nodePlatform);
}
