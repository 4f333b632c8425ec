import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { BackendChoice, BackendStatus, GpuAdapter } from '../../core/backend';
import type { RunInfo } from '../../core/run';
import { parityMark, parityMessage } from '../../shared/describeParity';
import { compareBackends } from '../../worker/services/compareBackends';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { Model, Models } from '../models/models';
import type { Inference } from '../platform/platform';
import type { ProblemReporter } from '../problems';
import { readPicture } from '../segmenting/readPicture';
import { Parity } from './parity';
import { ParityStore } from './parityStore';

export interface CreateParityParts {
	readonly memory: vscode.Memento;
	readonly models: Models;
	readonly log: vscode.LogOutputChannel;
	readonly choice: () => BackendChoice;
	/** Of the last run; undefined where it was none on WebGPU. */
	readonly adapter: () => GpuAdapter | undefined;
	/** A worker of its own. */
	readonly createInference: () => Promise<Inference>;
	/** After a disagreement, where the model runs on WASM from now on: the same picture with the same model. */
	readonly segmentAgain: (picture: vscode.Uri, model: Model) => void;
	/** Logs and tells why that cannot be. */
	readonly problems: Pick<ProblemReporter, 'report'>;
}

/** {@link Parity} on VS Code: its memory, its files, its messages. */
export function createParity(parts: CreateParityParts): Parity {
	const { memory, models, log, choice, adapter, createInference, segmentAgain, problems } = parts;
	const modelOf = ({ modelFile }: RunInfo) => (modelFile ? models.ofRun(modelFile) : models.current());
	return new Parity({
		store: new ParityStore(memory),
		choice,
		adapter,
		log,
		sourceOf: async (info) => {
			const model = await modelOf(info);
			const bytes = await readPicture(vscode.Uri.parse(info.pictureUri));
			return { model, picture: { name: info.pictureName, bytes } };
		},
		compare: async (request, options) => {
			const { client } = await createInference();
			try {
				return await compareBackends(client, request, options);
			} finally {
				await client.dispose();
			}
		},
		tellDisagreement: (report, info, switched) => {
			const again = l10n.t('Segment Again');
			const showLog = l10n.t('Show Log');
			void vscode.window
				.showWarningMessage(parityMessage(report, info.model.name, switched), ...(switched ? [again] : []), showLog)
				.then((choice) => {
					if (choice === again) {
						modelOf(info).then(
							(model) => segmentAgain(vscode.Uri.parse(info.pictureUri), model),
							(error: unknown) => problems.report(error, `Segmenting ${info.pictureUri} again`),
						);
					} else if (choice === showLog) {
						log.show(true);
					}
				});
		},
	});
}

/**
 * The command: compares on the picture of a run and says what came of it; a disagreement has its own message.
 * @throws InspectorError with the problem of picture, model or runtime, or `cancelled`
 */
export async function compareBackendsCommand(parity: Parity, info: RunInfo): Promise<void> {
	const report = await vscode.window.withProgress(
		{
			location: vscode.ProgressLocation.Notification,
			title: l10n.t('Comparing WebGPU with WASM on {0}', info.pictureName),
			cancellable: true,
		},
		async (_, token) => {
			const controller = new AbortController();
			const cancelling = token.onCancellationRequested(() => controller.abort());
			try {
				return await parity.compare(info, controller.signal);
			} finally {
				cancelling.dispose();
			}
		},
	);
	if (report.agrees) {
		void vscode.window.showInformationMessage(parityMark({ kind: 'compared', report }).detail);
	}
}

/** A run on WASM that nothing but a disagreement explains: {@link Parity.backendFor} has chosen it. */
export function withDisagreement(status: BackendStatus): BackendStatus {
	return status.chosen === 'auto' && status.runs.name === 'wasm' && !status.webgpuRefused
		? { ...status, webgpuRefused: { reason: 'disagrees', detail: '' } }
		: status;
}

/** Keeps the pages of a model's runs up to date. */
export function tellPanels(parity: Parity, panels: InspectorPanels, modelKey: string): void {
	for (const panel of panels.all) {
		const { state } = panel;
		if (state.kind === 'run' && state.info.modelFile?.key === modelKey) {
			panel.tellRun(state.info.id, 'parity', parity.stateOf(modelKey, state.info.backend) ?? null);
		}
	}
}
