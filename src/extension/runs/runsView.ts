import * as vscode from 'vscode';
import type { RunInfo } from '../../core/run';
import type { RunListItem, RunsHostMethods, RunsPageMethods, RunsState } from '../../shared/protocol/sideViews';
import type { Handlers } from '../../shared/rpc';
import { parentOf } from '../files';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import { SideView } from '../pages/sideView';
import type { Segmentation } from '../segmenting/segmentation';
import type { KeptRun, RunStore } from './runStore';

const namedClasses = 3;

/** The Runs view: the kept runs and what is on its way. */
export class RunsView extends SideView<RunsHostMethods, RunsPageMethods> {
	private pending = false;

	constructor(
		extensionUri: vscode.Uri,
		private readonly store: RunStore,
		private readonly panels: InspectorPanels,
		private readonly segmentation: Segmentation,
	) {
		super(extensionUri, 'runs');
	}

	/** Tells the page that something changed; many changes in one turn are told once. */
	update(): void {
		if (this.pending) {
			return;
		}
		this.pending = true;
		queueMicrotask(() => {
			this.pending = false;
			if (this.visible) {
				this.tell('show', this.state());
			}
		});
	}

	protected handlers(): Handlers<RunsHostMethods> {
		return {
			ready: async () => {
				await this.store.load();
				this.pageIsReady();
				return this.state();
			},
			open: async ({ id, keep }) => {
				await vscode.commands.executeCommand('deeplab.openRun', id, keep);
				return null;
			},
			remove: async (id) => {
				await vscode.commands.executeCommand('deeplab.removeRun', id);
				return null;
			},
			segmentImage: () => {
				void vscode.commands.executeCommand('deeplab.segmentImage');
				return null;
			},
		};
	}

	private state(): RunsState {
		const shown = this.panels.lastActive?.state;
		return {
			runs: this.store.list().map(listItem),
			activeId: shown?.kind === 'run' ? shown.info.id : undefined,
			inProgress: this.segmentation.inProgress,
		};
	}
}

function listItem({ info, thumbnail }: KeptRun): RunListItem {
	return {
		id: info.id,
		pictureName: info.pictureName,
		pictureFolder: folderOf(info),
		modelName: info.model.name,
		createdAt: info.createdAt,
		duration: info.timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
		thumbnail,
		classes: info.classes
			.filter(({ label }) => label !== 0)
			.slice(0, namedClasses)
			.map(({ label }) => info.model.classes[label]?.name ?? String(label)),
	};
}

function folderOf({ pictureUri }: RunInfo): string {
	const folder = parentOf(vscode.Uri.parse(pictureUri));
	const isRoot = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.toString() === folder.toString());
	return isRoot ? '' : vscode.workspace.asRelativePath(folder);
}
