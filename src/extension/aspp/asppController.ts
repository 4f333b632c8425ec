import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { RunInfo } from '../../core/run';
import { describeProblem } from '../../shared/describeProblem';
import type {
	AsppMaps,
	AsppViewState,
	MeasuredField,
	ReceptiveFieldState,
	SavedFigure,
} from '../../shared/protocol/aspp';
import type { InspectorLayer } from '../../shared/protocol/crf';
import type { InspectorPageMethods, Probe } from '../../shared/protocol/inspector';
import type { CrfController } from '../crf/crfController';
import type { InspectorPanel } from '../inspector/inspectorPanel';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { Models } from '../models/models';
import type { Inference } from '../platform/platform';
import type { ProblemReporter } from '../problems';
import type { RunStore } from '../runs/runStore';
import type { Saving } from '../saving';
import { AsppSession, type AsppSessionServices } from './asppSession';
import { BranchTelling } from './branchTelling';
import { crossingBytes } from './crossing';
import { loadHead } from './headLoading';
import type { HeadSession, HeadSessionServices } from './headSession';
import { loadMixedHead, type MixedLoadingServices } from './mixedLoading';
import { MixedSession, type MixedSessionServices } from './mixedSession';

export interface AsppControllerParts {
	readonly inference: () => Promise<Inference>;
	readonly models: Models;
	readonly store: RunStore;
	readonly panels: InspectorPanels;
	/** Keeps the layer that a run's Inspector draws. */
	readonly crf: Pick<CrfController, 'layerOf' | 'showLayer'>;
	readonly saving: Saving;
	readonly problems: ProblemReporter;
	readonly log: vscode.LogOutputChannel;
}

/** How long a run has to be the active one before its head is read by itself. */
const restMilliseconds = 250;

/** The views that follow the active run's head. */
export type AsppViewName = 'aspp' | 'receptiveField';

/** The heads of the runs that are shown: brings together their Inspectors, the two views, the worker and the store. */
export class AsppController implements vscode.Disposable {
	private readonly sessions = new Map<string, HeadSession>();
	private readonly changed = new vscode.EventEmitter<void>();
	private readonly maps = new vscode.EventEmitter<AsppMaps>();
	private readonly subscriptions: vscode.Disposable[];
	private readonly visible = new Set<AsppViewName>();
	private active: HeadSession | undefined;
	/** Whether boxes and taps are drawn while the Receptive Field view can be seen. */
	private fieldsWanted = true;
	private opening: ReturnType<typeof setTimeout> | undefined;
	private disposed = false;

	/** What {@link asppState} or {@link fieldState} gives has changed. */
	readonly onDidChange = this.changed.event;
	/** The active run's maps of the class that is shown have changed. */
	readonly onDidChangeMaps = this.maps.event;

	constructor(private readonly parts: AsppControllerParts) {
		this.subscriptions = [parts.panels.onDidChange(() => this.follow()), this.changed, this.maps];
	}

	/** What the ASPP Branches view shows: the run in the Inspector that was active last. */
	asppState(): AsppViewState {
		return this.active?.asppView() ?? { kind: 'noRun' };
	}

	/** What the Receptive Field view shows. */
	fieldState(): ReceptiveFieldState {
		const state = this.active?.fieldView() ?? { kind: 'noRun' };
		return state.kind === 'run' ? { kind: 'run', view: { ...state.view, drawn: this.fieldsWanted } } : state;
	}

	/** The session of the run in the Inspector that was active last, its head read or being read. */
	get current(): HeadSession | undefined {
		return this.active;
	}

	/** The head of the active run is read as soon as a view can be seen. */
	setViewVisible(view: AsppViewName, visible: boolean): void {
		if (visible) {
			this.visible.add(view);
			void this.active?.open();
		} else {
			this.visible.delete(view);
		}
		this.drawFields();
		this.fireChanged();
	}

	/** Draws boxes and taps over the picture while the Receptive Field view can be seen. */
	showFields(wanted: boolean): void {
		this.fieldsWanted = wanted;
		this.drawFields();
		this.fireChanged();
	}

	/** Moves the probe of the active run, in its Inspector too. */
	setProbe(probe: Probe | undefined): void {
		const id = this.active?.info.id;
		for (const panel of this.parts.panels.all) {
			if (panel.state.kind === 'run' && panel.state.info.id === id) {
				panel.setProbe(probe);
			}
		}
	}

	/** Measures the active run's effective receptive field; the view tells what fails. */
	async measure(branch: number | undefined, over: MeasuredField['over']): Promise<void> {
		await this.active?.open();
		await this.active?.measure(branch, over);
	}

	/**
	 * Writes a figure of a view where the user says.
	 * @returns the file's name, or null where they changed their mind
	 */
	async saveFigure(figure: SavedFigure): Promise<string | null> {
		const { active } = this;
		if (!active) {
			return null;
		}
		try {
			return await this.parts.saving.saveFigure(active.info.id, figure);
		} catch (error) {
			this.parts.problems.report(error, 'Saving a figure');
			throw error;
		}
	}

	/* The Inspectors' side. */

	/** Needs no head: a key of the mask's legend reads none. */
	chooseClass({ state }: InspectorPanel, label: number | undefined): void {
		if (state.kind === 'run') {
			this.sessionOf(state.info).setClass(label);
		}
	}

	soloBranch(panel: InspectorPanel, branch: number | undefined): void {
		void this.onPanel(panel, (session) => session.solo(branch));
	}

	/** The user looks at something else than the measured field. */
	endGradient({ state }: InspectorPanel): void {
		if (state.kind === 'run') {
			this.sessions.get(state.info.id)?.showMeasured(undefined);
		}
	}

	probeMoved(panel: InspectorPanel): void {
		if (panel.state.kind === 'run') {
			this.sessions.get(panel.state.info.id)?.setProbe(panel.state.probe);
		}
	}

	reportLayer(panel: InspectorPanel, layer: InspectorLayer): void {
		if (panel.state.kind === 'run') {
			this.sessions.get(panel.state.info.id)?.reportLayer(layer);
		}
	}

	pageIsReady(panel: InspectorPanel): void {
		if (panel.state.kind === 'run') {
			this.sessions.get(panel.state.info.id)?.pageIsReady();
		}
	}

	/**
	 * A run's mask as its branches are set, one label a picture pixel.
	 * @throws InspectorError `run.notFound` where no Inspector shows it, or what kept its head from being read
	 */
	async mask(runId: string): Promise<Uint8Array> {
		const session = this.sessions.get(runId);
		if (!session) {
			throw new InspectorError({ code: 'run.notFound', name: this.parts.store.get(runId)?.info.pictureName ?? runId });
		}
		return await session.mask();
	}

	dispose(): void {
		this.disposed = true;
		clearTimeout(this.opening);
		for (const session of this.sessions.values()) {
			session.dispose();
		}
		this.sessions.clear();
		vscode.Disposable.from(...this.subscriptions).dispose();
	}

	/** Makes the run that is active now the one that is held, and lets go of those that are shown no more. */
	private follow(): void {
		if (this.disposed) {
			return;
		}
		const { panels, store } = this.parts;
		const shown = new Set(panels.all.map(({ state }) => (state.kind === 'run' ? state.info.id : undefined)));
		for (const [id, session] of this.sessions) {
			if (!shown.has(id)) {
				this.sessions.delete(id);
				session.dispose();
			}
		}
		const panel = panels.lastActive;
		const before = this.active;
		const info = panel?.state.kind === 'run' ? panel.state.info : undefined;
		this.active = info && store.get(info.id) ? this.sessionOf(info) : undefined;
		if (before !== this.active) {
			before?.rest();
			this.openSoon();
		}
		if (panel && this.active) {
			this.probeMoved(panel);
		}
		this.drawFields();
		this.fireChanged();
	}

	/** The head of a run that is only passed by on the way to another one is not read: that would slow down what is shown. */
	private openSoon(): void {
		clearTimeout(this.opening);
		const { active } = this;
		this.opening = setTimeout(() => {
			if (this.visible.size > 0 && this.active === active) {
				void active?.open();
			}
		}, restMilliseconds);
	}

	private drawFields(): void {
		this.active?.drawFields(this.fieldsWanted && this.visible.has('receptiveField'));
	}

	/** Does something with the head of a panel's run, which is read first where it is not there. */
	private async onPanel({ state }: InspectorPanel, work: (session: HeadSession) => void): Promise<void> {
		if (state.kind === 'run') {
			const session = this.sessionOf(state.info);
			await session.open();
			work(session);
		}
	}

	private sessionOf(info: RunInfo): HeadSession {
		const open = this.sessions.get(info.id);
		if (open) {
			return open;
		}
		const services = this.servicesOf(info, () => this.active?.info.id === info.id);
		const session =
			info.model.join === 'mixed'
				? new MixedSession(info, { ...services, ...this.mixedServices(info) })
				: new AsppSession(info, { ...services, ...this.summedServices(info) });
		this.sessions.set(info.id, session);
		return session;
	}

	private async client() {
		return (await this.parts.inference()).client;
	}

	private summedServices(info: RunInfo): Omit<AsppSessionServices, keyof HeadSessionServices> {
		const { models, store } = this.parts;
		const { id } = info;
		return {
			loadHead: (signal) =>
				loadHead(
					info,
					{
						modelOfRun: (note) => (note ? models.ofRun(note) : models.current()),
						readHead: async (model, on) => await (await this.client()).readHead(model, { signal: on }),
						tapMaps: async (model, features, on) =>
							await (await this.client()).tapMaps({ model, features }, { signal: on }),
						runHead: async (model, features, rates, on) =>
							await (await this.client()).runHead({ model, features, rates }, { signal: on }),
						headTensors: () => store.headTensors(id),
						features: () => store.features(id),
					},
					signal,
				),
			runHead: async (model, rates, signal) => {
				const features = await store.features(id);
				return await (await this.client()).runHead({ model, features, rates }, { signal });
			},
			mapsChanged: (maps) => {
				if (this.active?.info.id === id && !this.disposed) {
					this.maps.fire(maps);
				}
			},
		};
	}

	private mixedServices(info: RunInfo): Omit<MixedSessionServices, keyof HeadSessionServices> {
		const { models, store } = this.parts;
		const { id } = info;
		const ablate: MixedLoadingServices['ablate'] = async (source, maps, on, signal) =>
			await (await this.client()).ablate({ ...source, maps, on }, { signal });
		return {
			ablate,
			loadMixedHead: (signal) =>
				loadMixedHead(
					info,
					{
						modelOfRun: (note) => (note ? models.ofRun(note) : models.current()),
						readHead: async (model, on) => await (await this.client()).readHead(model, { signal: on }),
						mixedMaps: async (source, on) => await (await this.client()).mixedMaps(source, { signal: on }),
						ablate,
						headTensors: () => store.headTensors(id),
						features: () => store.features(id),
						rgb: async () => (await store.picture(id)).rgb,
					},
					signal,
				),
		};
	}

	private servicesOf(info: RunInfo, isActive: () => boolean): HeadSessionServices {
		const { store, panels, crf, problems, log } = this.parts;
		const { id, pictureName } = info;
		/** Tells the run's Inspectors, and the log what that carried. */
		const tell = <K extends 'branches' | 'branchLogits' | 'dominance' | 'fields' | 'gradient' | 'chosenClass'>(
			method: K,
			params: InspectorPageMethods[K]['params'],
		) => {
			for (const panel of panels.all) {
				panel.tellRun(id, method, params);
			}
			log.debug(`ASPP of ${pictureName}: ${method}, ${crossingBytes(params)} bytes to the Inspector`);
		};
		const telling = new BranchTelling({
			branches: (branches) => tell('branches', branches),
			branchLogits: (logits) => tell('branchLogits', logits),
		});
		return {
			displayStep: async () => (await store.shown(id)).displayStep,
			gradient: async (model, target, options) => {
				const { rgb } = await store.picture(id);
				const field = await (await this.client()).gradient({ model, rgb, geometry: info.geometry, target }, options);
				log.info(
					`Gradient of ${pictureName}, ${target.label === undefined ? 'all channels' : `class ${target.label}`}, ` +
						`${target.branch === undefined ? 'all branches' : `branch ${target.branch}`}: ` +
						`${field.milliseconds.toFixed(0)} ms, radii ${field.radius50.toFixed(1)} and ${field.radius90.toFixed(1)} px`,
				);
				return field;
			},
			showBranches: (branches) => telling.show(branches),
			showDominance: (dominance) => tell('dominance', dominance),
			showFields: (fields) => tell('fields', fields),
			showGradient: (field) => tell('gradient', field && { runId: id, field }),
			showClass: (label) => tell('chosenClass', label),
			layer: () => crf.layerOf(id),
			showLayer: (layer) => crf.showLayer(id, layer),
			changed: () => {
				if (isActive()) {
					this.fireChanged();
				}
			},
			report: (error, doing) => {
				const told = this.visible.size > 0 && isActive();
				const retry = () => this.sessions.get(id)?.retry();
				return describeProblem(problems.report(error, `ASPP of ${pictureName}, ${doing}`, { told, retry }));
			},
			measured: (text) => log.debug(`ASPP of ${pictureName}: ${text}`),
		};
	}

	private fireChanged(): void {
		if (!this.disposed) {
			this.changed.fire();
		}
	}
}
