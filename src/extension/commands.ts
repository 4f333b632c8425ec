import * as vscode from 'vscode';
import type { NetworkDescription } from '../core/model';
import { InspectorError } from '../core/problem';
import type { InspectorPanels } from './inspectorPanels';
import type { Model, Models } from './models';
import { choosePictures } from './pictureChoice';
import type { ProblemReporter } from './problems';
import type { RunStore } from './runStore';
import type { Saving } from './saving';
import type { Segmentation } from './segmentation';
import { selectModel } from './selectModel';
import type { SettingsReader } from './settings';

export interface CommandParts {
	readonly extensionUri: vscode.Uri;
	readonly log: vscode.LogOutputChannel;
	readonly settings: SettingsReader;
	readonly models: Models;
	readonly describe: (model: Model, signal?: AbortSignal) => Promise<NetworkDescription>;
	readonly store: RunStore;
	readonly panels: InspectorPanels;
	readonly segmentation: Segmentation;
	readonly saving: Saving;
	readonly problems: ProblemReporter;
}

/** Registers all `deeplab.*` commands. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
	const { extensionUri, log, settings, store, panels, segmentation, saving, problems } = parts;
	/** Failures and cancels have been told by the segmentation itself. */
	const segment = async (uri: vscode.Uri) => {
		await segmentation.segment(uri).catch(() => undefined);
	};
	/** Runs a command whose failure nobody else tells. */
	const told = async (doing: string, work: () => Promise<unknown>) => {
		try {
			await work();
		} catch (error) {
			problems.report(error, doing);
		}
	};
	/** The run a command is about: the one it was called with, else the one in the active Inspector. */
	const runOf = (id: unknown): string => {
		const shown = panels.active?.state;
		const found = typeof id === 'string' ? id : shown?.kind === 'run' ? shown.info.id : undefined;
		if (found === undefined) {
			throw new InspectorError({ code: 'run.notFound', name: '' });
		}
		return found;
	};
	const commands: Record<string, (...args: unknown[]) => Promise<void> | void> = {
		'deeplab.segmentImage': async (...args) => {
			for (const uri of await choosePictures(args, panels)) {
				await segment(uri);
			}
		},
		'deeplab.segmentSample': () => segment(vscode.Uri.joinPath(extensionUri, 'media', 'samples', 'astronaut.png')),
		'deeplab.selectModel': (uri) => selectModel(parts, uri instanceof vscode.Uri ? uri : undefined),
		'deeplab.showLog': () => log.show(),
		'deeplab.openRun': (id, keep) =>
			told('Opening a run', async () => {
				await store.load();
				const kept = store.get(runOf(id));
				if (!kept) {
					throw new InspectorError({ code: 'run.notFound', name: String(id) });
				}
				panels.showRun(kept.info, keep === true);
				await store.shown(kept.info.id);
			}),
		'deeplab.removeRun': (id) =>
			told('Removing a run', async () => {
				const run = runOf(id);
				panels.closeRun(run);
				await store.remove(run);
			}),
		'deeplab.saveMask': (id) => told('Saving the mask', () => saving.saveMask(runOf(id))),
		'deeplab.savePicture': (id) =>
			told('Saving the picture', () => saving.savePicture(runOf(id), settings.current.maskOpacity)),
	};
	return vscode.Disposable.from(
		...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
	);
}
