import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { InspectorApi } from './api';
import { asppApi } from './aspp/asppApi';
import { AsppController } from './aspp/asppController';
import { AsppView } from './aspp/asppView';
import { ReceptiveFieldView } from './aspp/receptiveFieldView';
import { BackendStatusItem } from './backend/backendStatus';
import { registerCommands } from './commands';
import { CrfController } from './crf/crfController';
import { CrfPresets } from './crf/crfPresets';
import { CrfView } from './crf/crfView';
import { DoctorController } from './doctor/doctorController';
import { checkpointFile } from './importing/checkpointFile';
import { FindingsDocument } from './importing/findingsDocument';
import { defaultTarget, Importing } from './importing/importing';
import { InspectorPanels, inspectorViewType } from './inspector/inspectorPanels';
import { shownScales } from './inspector/winningScales';
import type { AdoptionParts } from './models/adoptModel';
import { ModelLibrary } from './models/modelLibrary';
import { type Model, Models } from './models/models';
import { ModelView } from './models/modelView';
import { createParity, tellPanels, withDisagreement } from './parity/createParity';
import { lazyInference } from './platform/lazyInference';
import type { Platform } from './platform/platform';
import { ProblemReporter } from './problems';
import { ProfileController } from './profile/profileController';
import { RunStore } from './runs/runStore';
import { RunsView } from './runs/runsView';
import { drawThumbnail } from './runs/thumbnails';
import { Saving } from './saving';
import { Segmentation } from './segmenting/segmentation';
import { SettingsReader } from './settings';
import { StrideController } from './strides/strideController';

/** Wires the extension's parts together; nothing of the network is loaded before it is needed. */
export function start(context: vscode.ExtensionContext, platform: Platform): InspectorApi {
	const began = performance.now();
	const { extensionUri } = context;
	if (vscode.l10n.bundle) {
		l10n.config({ contents: vscode.l10n.bundle });
	}
	const log = vscode.window.createOutputChannel('DeepLab', { log: true });
	const settings = new SettingsReader(platform.hardwareThreads, log);
	const problems = new ProblemReporter(log);
	const models = new Models(context, settings, platform);
	const inference = lazyInference(platform, extensionUri, settings, {
		onBackend: (status) => backend.tell(withDisagreement(status)),
		onFallback: (problem, modelName) => backend.tellFallback('detail' in problem ? problem.detail : '', modelName),
	});
	// Operators are timed on WASM, in a worker that ends with the profile.
	const profiling = lazyInference(platform, extensionUri, settings, {
		backend: () => 'wasm',
		idleMilliseconds: () => 0,
	});
	const describe = async (model: Model, signal?: AbortSignal) =>
		await (await inference.get()).client.describeModel(model, signal ? { signal } : {});

	const library = new ModelLibrary(context.globalState, models, inference.get);
	const importing = new Importing({ inference: inference.get, models, library, log });
	const findings = new FindingsDocument();

	const runsFolder = vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, 'runs');
	const store = new RunStore({
		fs: vscode.workspace.fs,
		joinPath: vscode.Uri.joinPath,
		folder: runsFolder,
		log,
		drawThumbnail: (run, raster) => drawThumbnail(run, raster, settings.current.maskOpacity),
		onChange: () => runsView.update(),
	});
	const saving = new Saving(extensionUri, store, log, {
		afterCrf: (id) => crf.maskAfter(id),
		ofBranches: (id) => aspp.mask(id),
		atStride: (id) => strides.mask(id),
	});
	/** The page is told too, but only the host's message has the button that shows the log. */
	const told = async <T>(doing: string, work: Promise<T>): Promise<T> => {
		try {
			return await work;
		} catch (error) {
			problems.report(error, doing);
			throw error;
		}
	};
	const panels = new InspectorPanels(
		{
			extensionUri,
			log,
			opacity: () => settings.current.maskOpacity,
			loadRun: (id) => store.shown(id),
			loadCrf: (info) => crf.inspectorCrf(info),
			parityOf: ({ modelFile, backend }) => parity.stateOf(modelFile?.key, backend),
			reportLayer: (panel, layer) => {
				crf.reportLayer(panel, layer);
				aspp.reportLayer(panel, layer);
				strides.layerReported(panel);
			},
			probeMoved: (panel) => {
				crf.probeMoved(panel);
				aspp.probeMoved(panel);
			},
			chooseClass: (panel, label) => aspp.chooseClass(panel, label),
			soloBranch: (panel, branch) => aspp.soloBranch(panel, branch),
			endGradient: (panel) => aspp.endGradient(panel),
			strides: (panel, action) => strides.act(panel, action),
			loadScales: (id) => shownScales(store, id),
			drawn: (id, milliseconds) => profile.drawn(id, milliseconds),
			profile: (panel, request) => profile.request(panel, request),
			saveProfile: (id) => told('Saving the profile', profile.save(id)),
			pageIsReady: (panel) => {
				// What a layer draws comes before the layer itself.
				aspp.pageIsReady(panel);
				strides.pageIsReady(panel);
				crf.pageIsReady(panel);
				profile.pageIsReady(panel);
			},
			saveMask: (id, which) => told('Saving the mask', saving.saveMask(id, which)),
			savePng: (id, png) => told('Saving the picture', saving.savePng(id, png)),
			act: (panel, action) => {
				switch (action) {
					case 'cancel':
						if (panel.pictureUri) {
							segmentation.cancel(panel.pictureUri);
						}
						return;
					case 'retry':
						if (panel.pictureUri) {
							segmentation.segment(panel.pictureUri).catch(() => undefined);
						}
						return;
					case 'showLog':
						log.show(true);
						return;
					case 'segmentImage':
					case 'selectModel':
						void vscode.commands.executeCommand(`deeplab.${action}`);
						return;
					default: {
						const unknown: never = action;
						throw new Error(`unknown action ${String(unknown)}`);
					}
				}
			},
		},
		store,
	);
	const parity = createParity({
		memory: context.globalState,
		models,
		log,
		choice: () => settings.current.backend,
		adapter: () => backend.current?.runs.adapter,
		createInference: () =>
			platform.createInference({
				extensionUri,
				// The views of the run that is shown go first.
				threads: () => Math.max(1, Math.floor(settings.current.threads / 2)),
				backend: () => settings.current.backend,
				idleMilliseconds: () => Number.POSITIVE_INFINITY,
			}),
		segmentAgain: (picture, model) => void segmentation.segment(picture, { model }).catch(() => undefined),
		problems,
	});
	const segmentation = new Segmentation({
		inference: inference.get,
		models,
		settings,
		store,
		panels,
		parity,
		problems,
		log,
	});
	const backend = new BackendStatusItem({ panels, settings, problems, log });
	const crf = new CrfController({
		inference: inference.get,
		store,
		panels,
		presets: new CrfPresets(context.globalState),
		problems,
		log,
	});
	const aspp = new AsppController({ inference: inference.get, models, store, panels, crf, saving, problems, log });
	const strides = new StrideController({ inference: inference.get, models, store, panels, crf, parity, problems, log });
	const profile = new ProfileController({ inference: profiling.get, models, store, panels, saving, problems, log });
	const runsView = new RunsView(extensionUri, store, panels, segmentation);
	const modelView = new ModelView(extensionUri, models, describe, (key) => parity.stateOf(key), log);
	const crfView = new CrfView(extensionUri, crf, log);
	const asppView = new AsppView(extensionUri, aspp, log);
	const receptiveFieldView = new ReceptiveFieldView(extensionUri, aspp, log);
	const adopt: AdoptionParts['adopt'] = async (model, options, signal) =>
		await (await inference.get()).client.adoptModel(model, options, { signal });
	const doctor = new DoctorController({
		extensionUri,
		inference: inference.get,
		adopt,
		models,
		library,
		panels,
		settings,
		parity,
		problems,
		log,
	});
	let modelSetting = settings.current.model;

	context.subscriptions.push(
		backend,
		segmentation,
		parity,
		parity.onDidChange((modelKey) => {
			tellPanels(parity, panels, modelKey);
			modelView.parityChanged(modelKey);
		}),
		crf,
		aspp,
		strides,
		profile,
		panels,
		runsView,
		modelView,
		crfView,
		asppView,
		receptiveFieldView,
		doctor,
		inference,
		profiling,
		settings,
		findings,
		models,
		models.onDidUse(() => modelView.update()),
		segmentation.onDidChange(() => runsView.update()),
		panels.onDidChange(() => runsView.update()),
		settings.onDidChange(({ model, maskOpacity }) => {
			panels.setOpacity(maskOpacity);
			if (model !== modelSetting) {
				modelSetting = model;
				modelView.update();
			}
		}),
		vscode.window.registerWebviewPanelSerializer(inspectorViewType, panels),
		vscode.window.registerWebviewViewProvider('deeplab.runs', runsView),
		vscode.window.registerWebviewViewProvider('deeplab.model', modelView),
		vscode.window.registerWebviewViewProvider('deeplab.crf', crfView),
		vscode.window.registerWebviewViewProvider('deeplab.aspp', asppView),
		vscode.window.registerWebviewViewProvider('deeplab.receptiveField', receptiveFieldView),
		registerCommands({
			extensionUri,
			log,
			settings,
			models,
			library,
			importing,
			findings,
			describe,
			adopt,
			doctor,
			store,
			panels,
			segmentation,
			parity,
			crf,
			aspp,
			strides,
			profile,
			saving,
			backend,
			problems,
		}),
		log,
	);
	const ready = store.load();
	const activationMilliseconds = performance.now() - began;
	log.info(`DeepLab Inspector activated in ${activationMilliseconds.toFixed(1)} ms`);
	return {
		activationMilliseconds,
		ready,
		runsFolder,
		segment: (uri, options) => segmentation.segment(uri, options),
		runs: () => store.list().map(({ info }) => info),
		openRun: async (id, keep) => void (await vscode.commands.executeCommand('deeplab.openRun', id, keep)),
		removeRun: async (id) => void (await vscode.commands.executeCommand('deeplab.removeRun', id)),
		refine: async (runId, crfSettings) => {
			const shown = panels.lastActive?.state;
			const id = runId ?? (shown?.kind === 'run' ? shown.info.id : '');
			return await crf.refine(id, crfSettings);
		},
		crf: () => crf.state(),
		profile: async (runId) => await profile.profile(runId),
		aspp: asppApi(aspp),
		compareStrides: async (runId, pair) => await strides.compare(runId, pair),
		strides: (runId) => strides.stateOf(runId),
		examineCheckpoint: async (uri, overrides = {}) => await importing.examine(await checkpointFile(uri), overrides),
		importCheckpoint: async (uri, { overrides = {}, target, signal } = {}) => {
			const checkpoint = await checkpointFile(uri);
			return await importing.make(checkpoint, overrides, target ?? defaultTarget(checkpoint), signal ? { signal } : {});
		},
		doctor,
		importedModels: () => library.imported,
		inspectors: () => panels.all.map(({ state, visible, active }) => ({ state, visible, active })),
		backend: () => ({ shown: backend.shown, status: backend.current }),
		parity: (runId) => {
			const run = store.list().find(({ info }) => info.id === runId)?.info;
			return parity.stateOf(run?.modelFile?.key, run?.backend);
		},
		workerAlive: () => inference.made?.client.running ?? false,
		killWorker: async () => await inference.made?.kill(),
	};
}
