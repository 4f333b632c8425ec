import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { ModelFileNote } from '../../core/run';
import type { ModelHandle } from '../../worker/client/client';
import { baseName, errorDetail, isNotFound, placeOf } from '../files';
import type { Platform } from '../platform/platform';
import { type SettingsReader, saveModelSetting } from '../settings';
import { locateModel } from './modelLocation';

export interface Model extends ModelHandle {
	readonly uri: vscode.Uri;
	/** Size of the file in bytes. */
	readonly bytes: number;
	/** Where it comes from, for display. */
	readonly source: string;
}

const recentKey = 'recentModels';
const recentLimit = 8;
const bundledPath = ['models', 'deeplabv2-mobilenetv2-voc.onnx'] as const;

/** Finds the model of the settings, and remembers the ones used. */
export class Models implements vscode.Disposable {
	private readonly used = new vscode.EventEmitter<void>();

	/** A model has been made the one in use; that may be the one that was, in a file that is another now. */
	readonly onDidUse = this.used.event;

	constructor(
		private readonly context: vscode.ExtensionContext,
		private readonly settings: SettingsReader,
		private readonly platform: Platform,
	) {}

	get bundledUri(): vscode.Uri {
		return vscode.Uri.joinPath(this.context.extensionUri, ...bundledPath);
	}

	/** The name of the model that is set, whether it can be read or not. */
	get currentName(): string {
		return baseName(this.settings.current.model || bundledPath[1]);
	}

	/** Whether the setting names this file. */
	isSet(uri: vscode.Uri): boolean {
		try {
			return this.locate(this.settings.current.model).toString() === uri.toString();
		} catch {
			return false;
		}
	}

	/** @throws InspectorError `model.notFound` or `model.unreadable` */
	async current(): Promise<Model> {
		return await this.read(this.locate(this.settings.current.model));
	}

	/** @throws InspectorError `model.notFound` or `model.unreadable` */
	async read(uri: vscode.Uri): Promise<Model> {
		const name = baseName(uri.path);
		const fails = (error: unknown): never => {
			throw isNotFound(error)
				? new InspectorError({ code: 'model.notFound', name: placeOf(uri) }, { cause: error })
				: new InspectorError({ code: 'model.unreadable', name, detail: errorDetail(error) }, { cause: error });
		};
		const stat = await vscode.workspace.fs.stat(uri).then(undefined, fails);
		if (stat.type & vscode.FileType.Directory) {
			throw new InspectorError({ code: 'model.unreadable', name, detail: l10n.t('it is a folder') });
		}
		return {
			key: `${uri.toString()}#${stat.mtime}-${stat.size}`,
			name,
			uri,
			bytes: stat.size,
			source: this.isBundled(uri) ? l10n.t('Bundled with DeepLab Inspector') : placeOf(uri),
			load: async () => await vscode.workspace.fs.readFile(uri).then(undefined, fails),
		};
	}

	/**
	 * The model that a run was made with.
	 * @param note as the run has it
	 * @throws InspectorError `model.notFound` or `model.unreadable`
	 */
	async ofRun({ location }: ModelFileNote): Promise<Model> {
		return await this.read(this.locate(location));
	}

	isBundled(uri: vscode.Uri): boolean {
		return uri.toString() === this.bundledUri.toString();
	}

	/** The text of the setting for a model. */
	settingFor(uri: vscode.Uri): string {
		if (this.isBundled(uri)) {
			return '';
		}
		return uri.scheme === 'file' ? uri.fsPath : uri.toString();
	}

	/**
	 * Makes a model the one in use.
	 * @throws InspectorError where it cannot be read, or `output.unwritable` of the settings
	 */
	async use(uri: vscode.Uri): Promise<Model> {
		const model = await this.read(uri);
		await saveModelSetting(this.settingFor(uri));
		await this.remember(uri);
		this.used.fire();
		return model;
	}

	/** Models chosen before, newest first; some may be gone. */
	get recent(): readonly vscode.Uri[] {
		return this.context.globalState.get<readonly string[]>(recentKey, []).map((text) => vscode.Uri.parse(text));
	}

	async remember(uri: vscode.Uri): Promise<void> {
		const text = uri.toString();
		const others = this.context.globalState.get<readonly string[]>(recentKey, []).filter((other) => other !== text);
		await this.context.globalState.update(recentKey, [text, ...others].slice(0, recentLimit));
	}

	/** Takes a model out of those chosen before. */
	async forget(uri: vscode.Uri): Promise<void> {
		const text = uri.toString();
		const recent = this.context.globalState.get<readonly string[]>(recentKey, []);
		await this.context.globalState.update(
			recentKey,
			recent.filter((other) => other !== text),
		);
	}

	dispose(): void {
		this.used.dispose();
	}

	private locate(value: string): vscode.Uri {
		const folders = vscode.workspace.workspaceFolders ?? [];
		const nowhere = () => new InspectorError({ code: 'model.notFound', name: value });
		const location = locateModel(
			value,
			folders.map(({ name }) => name),
		);
		switch (location.kind) {
			case 'bundled':
				return this.bundledUri;
			case 'workspace':
				return vscode.Uri.joinPath(folders[location.folder]!.uri, location.path);
			case 'home': {
				const home = this.platform.homeFolder();
				if (!home) {
					throw nowhere();
				}
				return vscode.Uri.joinPath(home, location.path);
			}
			case 'absolute':
				return vscode.Uri.file(location.path);
			case 'uri':
				return vscode.Uri.parse(location.uri);
			case 'nowhere':
				throw nowhere();
			default: {
				const unknown: never = location;
				throw new Error(`unknown location ${JSON.stringify(unknown)}`);
			}
		}
	}
}
