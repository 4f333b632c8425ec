import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../core/problem';
import { errorDetail } from './files';
import { checkSettings, type Settings } from './settingValues';

/** The `deeplab.*` settings, checked; says once what it had to change. */
export class SettingsReader implements vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<Settings>();
	private readonly subscription: vscode.Disposable;
	private readonly told = new Set<string>();
	private settings: Settings;

	readonly onDidChange = this.changed.event;

	constructor(
		private readonly hardwareThreads: () => number,
		private readonly log: vscode.LogOutputChannel,
	) {
		this.settings = this.read();
		this.subscription = vscode.workspace.onDidChangeConfiguration((event) => {
			if (event.affectsConfiguration('deeplab')) {
				this.settings = this.read();
				this.changed.fire(this.settings);
			}
		});
	}

	get current(): Settings {
		return this.settings;
	}

	dispose(): void {
		this.subscription.dispose();
		this.changed.dispose();
	}

	private read(): Settings {
		const configuration = vscode.workspace.getConfiguration('deeplab');
		const { settings, warnings } = checkSettings((name) => configuration.get(name), this.hardwareThreads());
		for (const warning of warnings.filter((text) => !this.told.has(text))) {
			this.told.add(warning);
			this.log.warn(warning);
			void this.warn(warning);
		}
		return settings;
	}

	private async warn(text: string): Promise<void> {
		const open = l10n.t('Open Settings');
		if ((await vscode.window.showWarningMessage(text, open)) === open) {
			await vscode.commands.executeCommand('workbench.action.openSettings', '@id:deeplab.*');
		}
	}
}

/** Writes the model's path where it is set now, else to the user's settings. @throws InspectorError `output.unwritable` */
export async function saveModelSetting(path: string): Promise<void> {
	await saveSetting('model', path);
}

/** Writes a setting where it is set now, else to the user's settings. @throws InspectorError `output.unwritable` */
export async function saveSetting(name: 'model' | 'backend', value: string): Promise<void> {
	const configuration = vscode.workspace.getConfiguration('deeplab');
	const found = configuration.inspect<string>(name);
	const target =
		found?.workspaceFolderValue !== undefined
			? vscode.ConfigurationTarget.WorkspaceFolder
			: found?.workspaceValue !== undefined && vscode.workspace.isTrusted
				? vscode.ConfigurationTarget.Workspace
				: vscode.ConfigurationTarget.Global;
	try {
		await configuration.update(name, value, target);
	} catch (error) {
		throw new InspectorError(
			{ code: 'output.unwritable', name: 'settings.json', detail: errorDetail(error) },
			{ cause: error },
		);
	}
}
