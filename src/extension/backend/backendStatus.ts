import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { type BackendChoice, type BackendStatus, backendChoices } from '../../core/backend';
import {
	adapterDetail,
	backendLabel,
	choiceDetail,
	choiceLabel,
	describeFallback,
	describeRefusal,
	type RefusalWords,
	refusalWarning,
	refusalWords,
	threadWords,
} from '../../shared/describeBackend';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { ProblemReporter } from '../problems';
import { type SettingsReader, saveSetting } from '../settings';

export interface BackendStatusParts {
	readonly panels: InspectorPanels;
	readonly settings: SettingsReader;
	readonly problems: Pick<ProblemReporter, 'report'>;
	readonly log: vscode.LogOutputChannel;
}

/**
 * Which backend runs the network: an item in the status bar while an Inspector can be seen, and the choice behind it. It
 * asks nobody: before the first run it shows what is chosen, and from then on what the runs tell.
 */
export class BackendStatusItem implements vscode.Disposable {
	private readonly item = vscode.window.createStatusBarItem('deeplab.backend', vscode.StatusBarAlignment.Right, 90);
	private readonly subscriptions: vscode.Disposable;
	private status: BackendStatus | undefined;
	private chosen: BackendChoice;
	private readonly warned = new Set<string>();
	/** What the item shows, for tests; undefined while it is hidden. */
	shown: string | undefined;

	constructor(private readonly parts: BackendStatusParts) {
		const { panels, settings } = parts;
		this.chosen = settings.current.backend;
		this.item.name = l10n.t('DeepLab backend');
		this.item.command = 'deeplab.chooseBackend';
		this.subscriptions = vscode.Disposable.from(
			panels.onDidChange(() => this.update()),
			settings.onDidChange(({ backend }) => {
				if (backend !== this.chosen) {
					this.chosen = backend;
					this.status = undefined;
					this.warned.clear();
					this.update();
				}
			}),
		);
		this.update();
	}

	/** Of the last run; undefined before it, and after another choice. */
	get current(): BackendStatus | undefined {
		return this.status;
	}

	/**
	 * After a run: what ran it. Warns once where WebGPU was asked for and is not there. A run that began before another
	 * choice tells nothing of that one.
	 */
	tell(status: BackendStatus): void {
		if (status.chosen !== this.chosen) {
			return;
		}
		if (status.webgpuRefused && status.webgpuRefused.reason !== this.status?.webgpuRefused?.reason) {
			const { reason, detail } = status.webgpuRefused;
			this.parts.log.info(`WebGPU is not used: ${reason} ${detail}`);
		}
		this.status = status;
		this.update();
		const warning = refusalWarning(status);
		if (warning !== undefined) {
			this.warn(warning);
		}
	}

	/** WebGPU has failed with a model, whose run WASM has done. */
	tellFallback(detail: string, modelName: string): void {
		this.parts.log.warn(`WebGPU failed with ${modelName}: ${detail}`);
		this.warn(describeFallback(detail, modelName));
	}

	/** Lets the user choose, and says why WebGPU is not used where it is not. */
	async choose(): Promise<void> {
		const { chosen, status } = this;
		const refusal = status?.webgpuRefused;
		const threads = status && threadWords(status);
		const reasons = [...(refusal ? [reason(refusalWords(refusal))] : []), ...(threads ? [reason(threads)] : [])];
		const items = backendChoices.map((choice) => ({
			choice,
			label: choiceLabel(choice),
			description: choice === chosen ? l10n.t('chosen') : '',
			detail: choiceDetail(choice),
		}));
		const picked = await vscode.window.showQuickPick(
			reasons.length > 0
				? [...items, { label: this.reasonsTitle(), kind: vscode.QuickPickItemKind.Separator }, ...reasons]
				: items,
			{ title: l10n.t('DeepLab Backend'), placeHolder: this.headline() },
		);
		if (picked && 'choice' in picked && picked.choice !== undefined) {
			await saveSetting('backend', picked.choice).catch((error: unknown) =>
				this.parts.problems.report(error, 'Choosing the backend'),
			);
		} else if (picked && 'showsLog' in picked) {
			this.parts.log.show(true);
		}
	}

	dispose(): void {
		vscode.Disposable.from(this.item, this.subscriptions).dispose();
	}

	private update(): void {
		if (!this.parts.panels.all.some(({ visible }) => visible)) {
			this.shown = undefined;
			this.item.hide();
			return;
		}
		const { status } = this;
		const text = status ? backendLabel(status.runs) : choiceLabel(this.chosen);
		this.item.text = `$(chip) ${text}`;
		this.item.tooltip = this.tooltip();
		this.item.accessibilityInformation = { label: l10n.t('DeepLab backend: {0}', text), role: 'button' };
		this.item.show();
		this.shown = text;
	}

	private reasonsTitle(): string {
		return this.status?.runs.name === 'webgpu' ? l10n.t('Threads') : l10n.t('Why WASM runs');
	}

	private headline(): string {
		return this.status
			? l10n.t('The network runs with {0}', backendLabel(this.status.runs))
			: l10n.t('The first run will tell what runs the network');
	}

	private tooltip(): string {
		const { status } = this;
		const adapter = status?.runs.adapter;
		const threads = status && threadWords(status);
		return [
			this.headline(),
			adapter ? adapterDetail(adapter) : '',
			status?.webgpuRefused ? describeRefusal(status.webgpuRefused) : '',
			threads ? `${threads.why} ${threads.remedy}` : '',
		]
			.filter(Boolean)
			.join('\n\n');
	}

	private warn(text: string): void {
		if (this.warned.has(text)) {
			return;
		}
		this.warned.add(text);
		this.parts.log.warn(text);
		void this.ask(text);
	}

	private async ask(text: string): Promise<void> {
		const showLog = l10n.t('Show Log');
		const choose = l10n.t('Choose Backend…');
		switch (await vscode.window.showWarningMessage(text, choose, showLog)) {
			case choose:
				await this.choose();
				return;
			case showLog:
				this.parts.log.show(true);
				return;
			default:
				return;
		}
	}
}

/** Its detail is in the log. */
function reason({ why, remedy }: RefusalWords) {
	return { label: `$(info) ${why}`, detail: remedy, alwaysShow: true, showsLog: true };
}
