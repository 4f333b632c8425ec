import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { RunInfo, StageName } from '../../core/run';
import { backendLabel } from '../../shared/describeBackend';
import type { RunInProgress } from '../../shared/protocol/sideViews';
import type { StageProgress } from '../../shared/protocol/types';
import { failedState, type InspectorPanel, pictureNameOf } from '../inspector/inspectorPanel';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { Model, Models } from '../models/models';
import type { Parity } from '../parity/parity';
import type { Inference } from '../platform/platform';
import type { ProblemReporter } from '../problems';
import { createRunId } from '../runs/runId';
import type { RunStore } from '../runs/runStore';
import type { SettingsReader } from '../settings';
import { readPicture } from './readPicture';

export interface SegmentOptions {
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: StageProgress) => void;
	/** Instead of the one that is set. */
	readonly model?: Model;
	/** The Inspector opens without taking the keyboard. */
	readonly preserveFocus?: boolean;
}

interface Job {
	readonly pictureName: string;
	readonly since: number;
	readonly controller: AbortController;
	readonly stages: vscode.EventEmitter<string>;
	stage: string;
}

export interface SegmentationParts {
	readonly inference: () => Promise<Inference>;
	readonly models: Models;
	readonly settings: SettingsReader;
	readonly store: RunStore;
	readonly panels: InspectorPanels;
	readonly parity: Pick<Parity, 'backendFor' | 'follow'>;
	readonly problems: ProblemReporter;
	readonly log: vscode.LogOutputChannel;
}

/** Takes pictures through the network into the Inspector. */
export class Segmentation implements vscode.Disposable {
	private readonly jobs = new Map<string, { readonly job: Job; readonly done: Promise<RunInfo> }>();
	private readonly changed = new vscode.EventEmitter<void>();
	private disposed = false;

	/** A picture has begun, gone on to its next stage, or ended. */
	readonly onDidChange = this.changed.event;

	constructor(private readonly parts: SegmentationParts) {}

	get inProgress(): readonly RunInProgress[] {
		return [...this.jobs.values()].map(({ job: { pictureName, since, stage } }) => ({ pictureName, since, stage }));
	}

	/**
	 * Segments a picture and shows it: in its Inspector from the first moment, as a kept run at the end.
	 * A picture that is on its way already is only shown.
	 *
	 * @returns the run's record
	 * @throws InspectorError with what the user has been told, or `cancelled`
	 */
	segment(uri: vscode.Uri, options: SegmentOptions = {}): Promise<RunInfo> {
		const key = uri.toString();
		const panel = this.parts.panels.forPicture(uri, options.preserveFocus);
		const running = this.jobs.get(key);
		if (running) {
			return running.done;
		}
		const job: Job = {
			pictureName: pictureNameOf(uri),
			since: Date.now(),
			controller: new AbortController(),
			stages: new vscode.EventEmitter(),
			stage: l10n.t('Waiting'),
		};
		const abort = () => job.controller.abort();
		options.signal?.addEventListener('abort', abort, { once: true });
		if (options.signal?.aborted) {
			abort();
		}
		const closing = panel.onDidClose(abort);
		panel.show({ kind: 'running', pictureName: job.pictureName, since: job.since, progress: undefined });
		this.parts.panels.update();
		const done = this.run(uri, panel, job, options).finally(() => {
			options.signal?.removeEventListener('abort', abort);
			closing.dispose();
			job.stages.dispose();
			this.jobs.delete(key);
			this.fireChanged();
		});
		this.jobs.set(key, { job, done });
		this.parts.parity.follow(done);
		this.showProgress(panel, job, done);
		this.fireChanged();
		return done;
	}

	/** Cancels a picture that is on its way. */
	cancel(uri: vscode.Uri): void {
		this.jobs.get(uri.toString())?.job.controller.abort();
	}

	dispose(): void {
		this.disposed = true;
		for (const { job } of this.jobs.values()) {
			job.controller.abort();
		}
		this.changed.dispose();
	}

	private async run(uri: vscode.Uri, panel: InspectorPanel, job: Job, options: SegmentOptions): Promise<RunInfo> {
		const { log, store, panels, problems } = this.parts;
		const { pictureName } = job;
		const { signal } = job.controller;
		try {
			const bytes = await readPicture(uri);
			throwIfAborted(signal);
			const model = options.model ?? (await this.parts.models.current());
			const { client } = await this.parts.inference();
			throwIfAborted(signal);
			const { longestSide, multiScale } = this.parts.settings.current;
			log.info(`Segmenting ${uri.toString(true)} (${bytes.byteLength} bytes) with ${model.uri.toString(true)}`);
			const result = await client.segment(
				{
					picture: { name: pictureName, bytes },
					model,
					backend: this.parts.parity.backendFor(model.key),
					...(longestSide === undefined ? {} : { longestSide }),
					...(multiScale === undefined ? {} : { multiScale }),
				},
				{
					signal,
					onProgress: (progress) => {
						if (signal.aborted) {
							return;
						}
						job.stage = stageLabel(progress.stage);
						job.stages.fire(job.stage);
						panel.progress(progress);
						options.onProgress?.(progress);
						this.fireChanged();
					},
				},
			);
			throwIfAborted(signal);
			const info: RunInfo = {
				...result.info,
				id: createRunId(),
				pictureUri: uri.toString(),
				createdAt: Date.now(),
				modelFile: { location: this.parts.models.settingFor(model.uri), key: model.key },
			};
			await store.add({ info, tensors: result.tensors }, signal);
			log.info(`${pictureName}: ${describeRun(info)}`);
			if (!this.disposed) {
				panel.show({ kind: 'run', info, probe: undefined });
				panels.update();
			}
			return info;
		} catch (thrown) {
			const error = signal.aborted ? new InspectorError({ code: 'cancelled' }, { cause: thrown }) : thrown;
			const problem = problems.report(error, `Segmenting ${uri.toString(true)}`, {
				retry: () => void this.segment(uri, options.model ? { model: options.model } : {}).catch(() => undefined),
				told: panel.visible,
			});
			if (!this.disposed) {
				panel.show(
					problem.code === 'cancelled' ? { kind: 'cancelled', pictureName } : failedState(pictureName, problem),
				);
				panels.update();
			}
			throw error instanceof InspectorError ? error : new InspectorError(problem, { cause: error });
		}
	}

	/** In the status bar while the Inspector can be seen, else as a notification with a cancel button. */
	private showProgress(panel: InspectorPanel, job: Job, done: Promise<unknown>): void {
		const ended = done.then(
			() => undefined,
			() => undefined,
		);
		const title = l10n.t('Segmenting {0}', job.pictureName);
		let endShown: (() => void) | undefined;
		const showIn = (location: vscode.ProgressLocation) => {
			endShown?.();
			const replaced = new Promise<void>((resolve) => {
				endShown = resolve;
			});
			const cancellable = location === vscode.ProgressLocation.Notification;
			void vscode.window.withProgress({ location, title, cancellable }, (progress, token) => {
				progress.report({ message: job.stage });
				const following = vscode.Disposable.from(
					job.stages.event((message) => progress.report({ message })),
					token.onCancellationRequested(() => job.controller.abort()),
				);
				return Promise.race([replaced, ended]).finally(() => following.dispose());
			});
		};
		const follow = (visible: boolean) =>
			showIn(visible ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification);
		follow(true);
		const visibility = panel.onDidChangeVisibility(follow);
		void ended.then(() => visibility.dispose());
	}

	private fireChanged(): void {
		if (!this.disposed) {
			this.changed.fire();
		}
	}
}

export function stageLabel(stage: StageName): string {
	switch (stage) {
		case 'decode':
			return l10n.t('Decoding');
		case 'model':
			return l10n.t('Loading the model');
		case 'network':
			return l10n.t('Running the network');
		case 'upsample':
			return l10n.t('Upsampling');
		case 'draw':
			return l10n.t('Drawing');
		default: {
			const unknown: never = stage;
			return unknown;
		}
	}
}

function describeRun({ geometry, model, timings, backend }: RunInfo): string {
	const stages = timings.map(({ stage, milliseconds }) => `${stage} ${milliseconds.toFixed(0)} ms`).join(', ');
	return (
		`${geometry.pictureWidth} x ${geometry.pictureHeight} at ${geometry.inputWidth} x ${geometry.inputHeight}, ` +
		`${model.name}, ${backendLabel(backend)}: ${stages}`
	);
}

function throwIfAborted(signal: AbortSignal): void {
	if (signal.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
}
