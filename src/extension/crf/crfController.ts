import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { defaultCrfResolution } from '../../core/crf/grid';
import { type CrfParameters, defaultCrfParameters } from '../../core/crf/parameters';
import { InspectorError, toProblem } from '../../core/problem';
import type { RunInfo } from '../../core/run';
import { describeProblem } from '../../shared/describeProblem';
import type {
	CrfOutcome,
	CrfSettings,
	CrfTimings,
	CrfViewState,
	InspectorCrf,
	InspectorLayer,
	InspectorRadius,
} from '../../shared/protocol/crf';
import type { InspectorPanel } from '../inspector/inspectorPanel';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import { pause } from '../pause';
import type { Inference } from '../platform/platform';
import type { ProblemReporter } from '../problems';
import type { RunStore } from '../runs/runStore';
import type { CrfPresets } from './crfPresets';
import { CrfSession, type CrfSessionServices } from './crfSession';

export interface CrfControllerParts {
	readonly inference: () => Promise<Inference>;
	readonly store: RunStore;
	readonly panels: InspectorPanels;
	readonly presets: CrfPresets;
	readonly problems: ProblemReporter;
	readonly log: vscode.LogOutputChannel;
}

/** How long a run has to be the active one before it is computed by itself. */
const restMilliseconds = 400;
/** Between a mask and all that it came from. */
const afterMaskMilliseconds = 150;

/** The CRFs of the runs that are shown: brings together their Inspectors, the CRF view, the worker and the store. */
export class CrfController implements vscode.Disposable {
	private readonly sessions = new Map<string, CrfSession>();
	private readonly changed = new vscode.EventEmitter<void>();
	private readonly subscriptions: vscode.Disposable[];
	private active: CrfSession | undefined;
	private viewIsVisible = false;
	/** What the user last chose: the next run begins with it. */
	private parameters: CrfParameters = defaultCrfParameters;
	private watching: ReturnType<typeof setTimeout> | undefined;
	private disposed = false;

	/** What {@link state} gives has changed. */
	readonly onDidChange = this.changed.event;

	constructor(private readonly parts: CrfControllerParts) {
		this.subscriptions = [parts.panels.onDidChange(() => this.follow()), this.changed];
	}

	/** What the CRF view shows: the run in the Inspector that was active last. */
	state(): CrfViewState {
		return this.active ? { kind: 'run', view: this.active.view(this.parts.presets.list()) } : { kind: 'noRun' };
	}

	/** Whether a mask of the active run is on its way. */
	get masking(): boolean {
		return this.active?.masking ?? false;
	}

	/** The CRF of the active run is computed as long as the view can be seen. */
	setViewVisible(visible: boolean): void {
		this.viewIsVisible = visible;
		this.follow();
		this.active?.watch(visible);
	}

	/* The CRF view's side. */

	setSettings(settings: CrfSettings): void {
		this.parameters = settings.parameters;
		this.active?.setSettings(settings);
	}

	setIteration(iteration: number): void {
		this.active?.setIteration(iteration);
	}

	setLayer(layer: InspectorLayer): void {
		this.active?.setLayer(layer);
	}

	drawTies(kernel: 'bilateral' | 'spatial' | undefined): void {
		this.active?.drawTies(kernel);
	}

	drawRadius(radius: InspectorRadius | null): void {
		const id = this.active?.info.id;
		for (const panel of this.parts.panels.all) {
			panel.tellRun(id, 'radius', radius);
		}
	}

	cancel(): void {
		this.active?.cancel();
	}

	retry(): void {
		this.active?.retry();
	}

	/** Asks for a name and keeps the active run's settings under it. */
	async savePreset(): Promise<void> {
		const { active } = this;
		if (!active) {
			return;
		}
		const { presets } = this.parts;
		const name = await vscode.window.showInputBox({
			title: l10n.t('Save CRF Preset'),
			prompt: l10n.t('Name of the preset; one of yours with this name is replaced'),
			validateInput: (value) => {
				if (value.trim() === '') {
					return l10n.t('Give it a name.');
				}
				return presets.isTaken(value) ? l10n.t('A preset that ships has this name. Choose another one.') : undefined;
			},
		});
		if (name !== undefined) {
			await presets.save(name, active.view([]).settings.parameters);
			this.fireChanged();
		}
	}

	async removePreset(id: string): Promise<void> {
		await this.parts.presets.remove(id);
		this.fireChanged();
	}

	/* The Inspectors' side. */

	/** What a run's Inspector draws of its CRF, read from the disk where it was kept. */
	async inspectorCrf(info: RunInfo): Promise<InspectorCrf | undefined> {
		const session = this.sessionOf(info);
		await session.open();
		return session.inspector;
	}

	reportLayer(panel: InspectorPanel, layer: InspectorLayer): void {
		this.ofPanel(panel)?.reportLayer(layer);
	}

	probeMoved(panel: InspectorPanel): void {
		if (panel.state.kind === 'run') {
			this.ofPanel(panel)?.setProbe(panel.state.probe);
		}
	}

	pageIsReady(panel: InspectorPanel): void {
		this.ofPanel(panel)?.pageIsReady();
	}

	/** What a run's Inspector draws; undefined where none is open. */
	layerOf(runId: string): InspectorLayer | undefined {
		return this.sessions.get(runId)?.layer;
	}

	/**
	 * The mask after the CRF at the iteration shown, at the picture's size.
	 * @throws InspectorError `run.notFound` where the run has none
	 */
	async maskAfter(runId: string): Promise<Uint8Array> {
		const mask = this.sessions.get(runId)?.mask ?? (await this.parts.store.crf(runId))?.labels;
		if (!mask) {
			throw new InspectorError({ code: 'run.notFound', name: this.parts.store.get(runId)?.info.pictureName ?? runId });
		}
		return mask;
	}

	/* Commands and the extension's API. */

	/**
	 * Refines a run's mask, whether or not the view can be seen, and keeps the result. The run gets an Inspector where
	 * it has none.
	 * @param settings those of the view where they are left out
	 * @throws InspectorError with what failed, or `cancelled` where other settings took their place
	 */
	async refine(runId: string, settings?: CrfSettings): Promise<CrfOutcome> {
		const { panels, store } = this.parts;
		const kept = await store.find(runId);
		if (!panels.all.some(({ state }) => state.kind === 'run' && state.info.id === runId)) {
			panels.showRun(kept.info);
		}
		const session = this.sessionOf(kept.info);
		await session.open();
		if (settings) {
			session.setSettings(settings);
		}
		const outcome = await session.refined();
		await session.flush();
		return outcome;
	}

	/** Shows a layer of a run that has an Inspector. */
	showLayer(runId: string, layer: InspectorLayer): void {
		this.sessions.get(runId)?.setLayer(layer);
	}

	dispose(): void {
		this.disposed = true;
		clearTimeout(this.watching);
		for (const session of this.sessions.values()) {
			void session.dispose();
		}
		this.sessions.clear();
		vscode.Disposable.from(...this.subscriptions).dispose();
	}

	/** Makes the run that is active now the one that is computed, and lets go of those that are shown no more. */
	private follow(): void {
		if (this.disposed) {
			return;
		}
		const { panels, store } = this.parts;
		const shown = new Set(panels.all.map(({ state }) => (state.kind === 'run' ? state.info.id : undefined)));
		for (const [id, session] of this.sessions) {
			if (!shown.has(id)) {
				this.sessions.delete(id);
				void session.dispose();
			}
		}
		const panel = panels.lastActive;
		const before = this.active;
		const info = panel?.state.kind === 'run' ? panel.state.info : undefined;
		this.active = info && store.get(info.id) ? this.sessionOf(info) : undefined;
		if (before !== this.active) {
			void before?.rest();
			void this.active?.open();
			this.watchSoon();
		}
		if (panel && this.active) {
			this.probeMoved(panel);
		}
		this.fireChanged();
	}

	/** A run that is only passed by on the way to another one is not computed: it would slow down what is shown. */
	private watchSoon(): void {
		clearTimeout(this.watching);
		const { active } = this;
		if (this.viewIsVisible) {
			active?.expectWatch();
		}
		this.watching = setTimeout(() => {
			if (this.viewIsVisible && this.active === active) {
				active?.watch(true);
			}
		}, restMilliseconds);
	}

	private ofPanel({ state }: InspectorPanel): CrfSession | undefined {
		return state.kind === 'run' ? this.sessions.get(state.info.id) : undefined;
	}

	private sessionOf(info: RunInfo): CrfSession {
		const open = this.sessions.get(info.id);
		if (open) {
			return open;
		}
		const initial: CrfSettings = {
			parameters: this.parameters,
			resolution: defaultCrfResolution(info.geometry),
		};
		const session = new CrfSession(info, initial, this.servicesOf(info));
		this.sessions.set(info.id, session);
		return session;
	}

	private servicesOf(info: RunInfo): CrfSessionServices {
		const { inference, store, panels, problems, log } = this.parts;
		const runId = info.id;
		const source = { runId, loadSource: () => store.crfSource(runId) };
		const client = async () => (await inference()).client;
		const ofThisRun = (): readonly InspectorPanel[] =>
			panels.all.filter(({ state }) => state.kind === 'run' && state.info.id === runId);
		return {
			loadKept: async () => {
				try {
					return await store.crf(runId);
				} catch (error) {
					log.warn(`The CRF of ${info.pictureName} cannot be read: ${String(error)}`);
					return undefined;
				}
			},
			loadBefore: async () => {
				const [labels, { displayStep }] = await Promise.all([store.labels(runId), store.shown(runId)]);
				return { labels, step: displayStep };
			},
			refine: async (settings, options) => {
				const result = await (await client()).refine({ ...source, settings }, options);
				log.info(`CRF of ${info.pictureName}: ${describeResult(result)}`);
				return result;
			},
			mask: async ({ settings, iteration, entropy }, signal) => {
				const result = await (await client()).crfMask({ ...source, settings, iteration, entropy }, { signal });
				log.trace(`CRF of ${info.pictureName}: the mask of iteration ${iteration}: ${describeTimings(result.timings)}`);
				return result;
			},
			probe: async ({ settings, iteration, x, y }, signal) =>
				await (await client()).probeCrf({ ...source, settings, iteration, x, y }, { signal }),
			ties: async ({ settings, kernel, x, y }, signal) =>
				await (await client()).crfTies({ ...source, settings, kernel, x, y }, { signal }),
			keep: async (crf) => {
				try {
					await store.keepCrf(runId, crf);
				} catch (error) {
					// A run that has just been removed needs no CRF.
					if (toProblem(error).code !== 'run.notFound') {
						problems.report(error, `Keeping the CRF of ${info.pictureName}`);
					}
				}
			},
			restAfterMask: (signal) => pause(afterMaskMilliseconds, signal),
			showCrf: (crf) => {
				for (const panel of ofThisRun()) {
					panel.tellRun(runId, 'crf', crf);
				}
			},
			showLayer: (layer) => {
				for (const panel of ofThisRun()) {
					panel.tellRun(runId, 'layer', layer);
				}
			},
			showTies: (ties) => {
				for (const panel of ofThisRun()) {
					panel.tellRun(runId, 'ties', ties);
				}
			},
			changed: () => this.fireChanged(),
			report: (error, kind) => {
				// The view tells what it waits for; a probe that fails is missing there, and no more.
				const told = (kind !== 'refine' && kind !== 'mask') || (this.viewIsVisible && this.active?.info.id === runId);
				const retry = () => this.sessions.get(runId)?.retry();
				return describeProblem(problems.report(error, `CRF of ${info.pictureName}, ${kind}`, { told, retry }));
			},
		};
	}

	private fireChanged(): void {
		if (!this.disposed) {
			this.changed.fire();
		}
	}
}

function describeResult({ width, height, settings, steps, timings, threads }: CrfOutcomeLike): string {
	return (
		`${width} x ${height}, ${settings.parameters.iterations} iterations with ${threads} threads: ` +
		`${describeTimings(timings)}, ` +
		`${steps.reduce((sum, { changedPixels }) => sum + changedPixels, 0)} pixels changed`
	);
}

function describeTimings({ prepare, lattice, iterations }: CrfTimings): string {
	return `prepare ${prepare.toFixed(0)} ms, lattice ${lattice.toFixed(0)} ms, iterations ${iterations.toFixed(0)} ms`;
}

type CrfOutcomeLike = Pick<CrfOutcome, 'width' | 'height' | 'settings' | 'steps' | 'timings' | 'threads'>;
