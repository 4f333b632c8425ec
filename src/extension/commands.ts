import * as vscode from 'vscode';
import type { NetworkDescription } from '../core/model';
import { InspectorError, toProblem } from '../core/problem';
import type { AsppController } from './aspp/asppController';
import { pickClass, pickSolo } from './aspp/asppPicks';
import type { BackendStatusItem } from './backend/backendStatus';
import type { CrfController } from './crf/crfController';
import type { DoctorController } from './doctor/doctorController';
import type { FindingsDocument } from './importing/findingsDocument';
import { importCheckpointCommand } from './importing/importCommand';
import type { Importing } from './importing/importing';
import type { InspectorPanels } from './inspector/inspectorPanels';
import type { AdoptionParts } from './models/adoptModel';
import type { ModelLibrary } from './models/modelLibrary';
import type { Model, Models } from './models/models';
import { segmentWithAnother } from './models/segmentWithModel';
import { selectModel } from './models/selectModel';
import { compareBackendsCommand } from './parity/createParity';
import type { Parity } from './parity/parity';
import type { ProblemReporter } from './problems';
import type { ProfileController } from './profile/profileController';
import type { RunStore } from './runs/runStore';
import type { MaskChoice, Saving } from './saving';
import { choosePictures } from './segmenting/pictureChoice';
import type { Segmentation } from './segmenting/segmentation';
import type { SettingsReader } from './settings';
import type { StrideController } from './strides/strideController';

export interface CommandParts {
	readonly extensionUri: vscode.Uri;
	readonly log: vscode.LogOutputChannel;
	readonly settings: SettingsReader;
	readonly models: Models;
	readonly library: ModelLibrary;
	readonly importing: Importing;
	readonly findings: FindingsDocument;
	readonly describe: (model: Model, signal?: AbortSignal) => Promise<NetworkDescription>;
	readonly adopt: AdoptionParts['adopt'];
	readonly doctor: DoctorController;
	readonly store: RunStore;
	readonly panels: InspectorPanels;
	readonly segmentation: Segmentation;
	readonly parity: Parity;
	readonly crf: CrfController;
	readonly aspp: AsppController;
	readonly strides: StrideController;
	readonly profile: ProfileController;
	readonly saving: Saving;
	readonly backend: BackendStatusItem;
	readonly problems: ProblemReporter;
}

/** Registers all `deeplab.*` commands. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
	const { extensionUri, log, settings, store, panels, segmentation, crf, aspp, strides, saving, problems } = parts;
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
	/** As `told`, for a command whose run's Inspector or view tells what fails: there is none of a run that is not kept. */
	const toldThere = async (doing: string, work: () => Promise<unknown>) => {
		try {
			await work();
		} catch (error) {
			if (toProblem(error).code === 'run.notFound') {
				problems.report(error, doing);
			}
		}
	};
	/** The run a command is about: the one it was called with, else the one in the active Inspector. */
	const runOf = (id: unknown): string => {
		const shown = panels.lastActive?.state;
		const found = typeof id === 'string' ? id : shown?.kind === 'run' ? shown.info.id : undefined;
		if (found === undefined) {
			throw new InspectorError({ code: 'run.notFound', name: '' });
		}
		return found;
	};
	/** The mask that the run's Inspector draws. */
	const maskShown = (id: string): MaskChoice => {
		const layer = crf.layerOf(id);
		switch (layer) {
			case 'after':
			case 'branches':
				return layer;
			case 'strideSwipe':
			case 'strideChanged':
				return strides.stateOf(id)?.effect ? 'stride' : 'before';
			default:
				return 'before';
		}
	};
	const commands: Record<string, (...args: unknown[]) => Promise<void> | void> = {
		'deeplab.segmentImage': async (...args) => {
			for (const uri of await choosePictures(args, panels)) {
				await segment(uri);
			}
		},
		'deeplab.segmentSample': () => segment(vscode.Uri.joinPath(extensionUri, 'media', 'samples', 'astronaut.png')),
		'deeplab.selectModel': (uri) => selectModel(parts, uri instanceof vscode.Uri ? uri : undefined),
		'deeplab.importCheckpoint': (uri) =>
			importCheckpointCommand(
				{ importing: parts.importing, document: parts.findings, panels, problems },
				uri instanceof vscode.Uri ? uri : undefined,
			),
		'deeplab.segmentWithAnother': (uri) =>
			told('Segmenting with another model', () =>
				segmentWithAnother(parts, uri instanceof vscode.Uri ? uri : undefined),
			),
		'deeplab.preprocessingDoctor': (picture, model) =>
			told('Preprocessing doctor', () => parts.doctor.open({ picture: uriOf(picture), model: uriOf(model) })),
		'deeplab.chooseBackend': () => parts.backend.choose(),
		'deeplab.showLog': () => log.show(),
		'deeplab.openRun': (id, keep) =>
			told('Opening a run', async () => {
				const kept = await store.find(runOf(id));
				panels.showRun(kept.info, keep === true);
				await store.shown(kept.info.id);
			}),
		'deeplab.removeRun': (id) =>
			told('Removing a run', async () => {
				const run = runOf(id);
				panels.closeRun(run);
				await store.remove(run);
			}),
		'deeplab.refineCrf': (id) =>
			toldThere('Refining with the CRF', async () => {
				const run = runOf(id);
				await vscode.commands.executeCommand('deeplab.crf.focus');
				crf.showLayer(run, 'after');
				await crf.refine(run);
			}),
		'deeplab.compareBackends': (id) =>
			told('Comparing backends', async () => {
				const { info } = await store.find(runOf(id));
				await compareBackendsCommand(parts.parity, info);
			}),
		'deeplab.showAsppBranches': async () => void (await vscode.commands.executeCommand('deeplab.aspp.focus')),
		'deeplab.showReceptiveField': async () =>
			void (await vscode.commands.executeCommand('deeplab.receptiveField.focus')),
		'deeplab.measureReceptiveField': async () => {
			// What fails is told by the view, which is brought to the front.
			await vscode.commands.executeCommand('deeplab.receptiveField.focus');
			await aspp.measure(undefined, panels.lastActive?.probe ? 'cell' : 'object');
		},
		'deeplab.compareStrides': (id) =>
			toldThere('Comparing output strides', async () => await strides.compare(runOf(id))),
		'deeplab.profileRun': (id) => toldThere('Profiling a run', async () => await parts.profile.profile(runOf(id))),
		'deeplab.soloBranch': () => told('Choosing a branch', () => pickSolo(aspp)),
		'deeplab.chooseClass': () => told('Choosing a class', () => pickClass(aspp)),
		'deeplab.saveMask': (id, which) =>
			told('Saving the mask', async () => {
				const run = runOf(id);
				await saving.saveMask(run, isMaskChoice(which) ? which : maskShown(run));
			}),
		'deeplab.savePicture': (id) =>
			told('Saving the picture', async () => {
				const run = runOf(id);
				await saving.savePicture(run, settings.current.maskOpacity, maskShown(run));
			}),
	};
	return vscode.Disposable.from(
		...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
	);
}

function uriOf(value: unknown): vscode.Uri | undefined {
	return value instanceof vscode.Uri ? value : undefined;
}

function isMaskChoice(value: unknown): value is MaskChoice {
	return value === 'before' || value === 'after' || value === 'branches' || value === 'stride';
}
