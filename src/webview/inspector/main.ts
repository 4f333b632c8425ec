/** The Inspector page: shows the state the host has, and keeps what the user chose to see of it. */
import './inspector.css';
import { InspectorError, toProblem } from '../../core/problem';
import { describeProblem } from '../../shared/describeProblem';
import type { InspectorLayer } from '../../shared/protocol/crf';
import type {
	InspectorAction,
	InspectorHostMethods,
	InspectorPageMethods,
	InspectorState,
	Probe,
} from '../../shared/protocol/inspector';
import type { RunInfo } from '../../shared/protocol/types';
import { connect } from '../host';
import { createRoot } from '../shared/dom';
import { createHelpOverlay } from './helpOverlay';
import { type KeyTarget, keyCommand } from './keyboard';
import { createProfilePanel } from './profile/profilePanel';
import { createRunView } from './run/runView';
import { createStatePanel } from './statePanel';
import { initialView, type PageState, parsePageState, rememberView, type ViewState } from './viewState';

const { host, getState, setState } = connect<InspectorPageMethods, InspectorHostMethods>({
	show: (state) => {
		show(state);
		return null;
	},
	progress: (progress) => {
		panel.progress(progress);
		return null;
	},
	probe: (probe) => {
		runView.setProbe(probe ?? undefined);
		return null;
	},
	opacity: (opacity) => {
		adoptOpacity(opacity);
		return null;
	},
	crf: (update) => {
		runView.updateCrf(update ?? undefined);
		return null;
	},
	layer: (layer) => {
		// A report that is on its way would have the last word with the host.
		const crossed = reports > 0;
		hostLayer = layer;
		runView.setLayer(layer);
		if (crossed) {
			hostLayer = undefined;
			reportLayer(layer);
		}
		return null;
	},
	ties: (ties) => {
		runView.setTies(ties ?? undefined);
		return null;
	},
	radius: (radius) => {
		runView.setRadius(radius ?? undefined);
		return null;
	},
	branches: (branches) => {
		runView.setBranches(branches ?? undefined);
		return null;
	},
	branchLogits: (logits) => {
		runView.setBranchLogits(logits);
		return null;
	},
	dominance: (dominance) => {
		runView.setDominance(dominance ?? undefined);
		return null;
	},
	fields: (fields) => {
		runView.setFields(fields ?? undefined);
		return null;
	},
	gradient: (gradient) => {
		runView.setGradient(gradient ?? undefined);
		return null;
	},
	strides: (strides) => {
		runView.setStrides(strides ?? undefined);
		return null;
	},
	strideMask: (mask) => {
		runView.setStrideMask(mask);
		return null;
	},
	profile: (state) => {
		profile.show(state);
		return null;
	},
	parity: (parity) => {
		runView.setParity(parity ?? undefined);
		return null;
	},
	chosenClass: (label) => {
		runView.setChosenClass(label ?? undefined);
		return null;
	},
});

let shown: InspectorState = { kind: 'empty' };
let saved: PageState = parsePageState(getState());
let saving: number | undefined;
let lastRun: RunInfo | undefined;
let setting = 0.6;
/** What the host takes to be drawn; undefined until it was told. */
let hostLayer: InspectorLayer | undefined;
/** How many reports of it the host has not answered. */
let reports = 0;
const reported = new Set<string>();

const help = createHelpOverlay();
const panel = createStatePanel((action: InspectorAction) => void host.call('act', action).catch(report));
const profile = createProfilePanel({
	request: (request) => void host.call('profile', request).catch(report),
	save: (id) => host.call('saveProfile', { runId: id }),
	explain,
});
const runView = createRunView({
	profile,
	onProbe: (probe: Probe | undefined) => void host.call('setProbe', probe ?? null).catch(report),
	onClass: (label) => void host.call('setClass', label ?? null).catch(report),
	onGradientEnded: () => void host.call('endGradient', null).catch(report),
	onStrides: (action) => void host.call('strides', action).catch(report),
	loadScales: (id) =>
		host.call('winningScales', { runId: id }).then(
			(scales) => scales ?? undefined,
			(error: unknown) => {
				report(error);
				return undefined;
			},
		),
	onSoloBranch: (branch) => void host.call('soloBranch', branch ?? null).catch(report),
	onView: (view) => {
		if (runId() !== undefined) {
			save(rememberView(saved, runId()!, view));
			reportLayer(view.layer);
		}
	},
	onOpacity: (opacity) => save({ ...saved, opacity }),
	onDrawn: (milliseconds) => {
		const id = runId();
		if (id !== undefined && !reported.has(id)) {
			reported.add(id);
			host.call('reportDraw', { runId: id, milliseconds }).catch(report);
		}
	},
	saveMask: (which) => host.call('saveMask', { runId: runId() ?? '', which }),
	savePicture: (png) => host.call('savePicture', { runId: runId() ?? '', png }),
	explain,
	onHelp: () => help.toggle(),
});

const root = createRoot();
root.classList.add('inspector');
root.append(runView.element, panel.element, help.element);
document.addEventListener('keydown', (event) => onKey(event, true));
document.addEventListener('keyup', (event) => onKey(event, false));
window.addEventListener('pagehide', () => setState(saved));
window.addEventListener('blur', () => runView.command({ kind: 'pictureAlone' }, false));
window.addEventListener('error', (event) => report(event.error ?? event.message));
window.addEventListener('unhandledrejection', (event) => report(event.reason));
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
refresh();

/** Asks for the whole state: messages to a hidden page may be lost. */
function refresh(): void {
	host.call('ready', null).then(({ state, opacity }) => {
		setting = opacity;
		runView.setOpacity(saved.opacity ?? setting);
		show(state);
	}, report);
}

function show(state: InspectorState): void {
	const before = shown;
	shown = state;
	runView.element.classList.toggle('absent', state.kind !== 'run');
	runView.element.inert = state.kind !== 'run';
	panel.show(state.kind === 'run' ? undefined : state);
	if (state.kind !== 'run') {
		return;
	}
	const { run, probe, crf, parity } = state;
	runView.setParity(parity);
	if (before.kind === 'run' && before.run.info.id === run.info.id) {
		runView.setProbe(probe);
		runView.setCrf(crf);
		return;
	}
	const view = saved.views[run.info.id] ?? viewOfSamePicture(run.info) ?? initialView;
	lastRun = run.info;
	save(rememberView(saved, run.info.id, view));
	// A view that was kept may have another layer than the host last heard of.
	hostLayer = undefined;
	runView.show(run, probe, crf, view);
	reportLayer(view.layer);
}

function reportLayer(layer: InspectorLayer): void {
	if (layer !== hostLayer) {
		hostLayer = layer;
		reports++;
		host
			.call('reportLayer', layer)
			.catch(report)
			.finally(() => reports--);
	}
}

/** The picture segmented anew is looked at as it was before. */
function viewOfSamePicture({ pictureUri, geometry }: RunInfo): ViewState | undefined {
	return lastRun?.pictureUri === pictureUri &&
		lastRun.geometry.pictureWidth === geometry.pictureWidth &&
		lastRun.geometry.pictureHeight === geometry.pictureHeight
		? saved.views[lastRun.id]
		: undefined;
}

function adoptOpacity(opacity: number): void {
	setting = opacity;
	save({ ...saved, opacity: undefined });
	runView.setOpacity(setting);
}

/** A drag changes the state each frame; the host hears of it when it rests. */
function save(state: PageState): void {
	saved = state;
	window.clearTimeout(saving);
	saving = window.setTimeout(() => setState(saved), 100);
}

function runId(): string | undefined {
	return shown.kind === 'run' ? shown.run.info.id : undefined;
}

function onKey(event: KeyboardEvent, down: boolean): void {
	if (shown.kind !== 'run' || event.defaultPrevented) {
		return;
	}
	// It closes what is open, and no more.
	if (event.key === 'Escape' && document.querySelector(':popover-open')) {
		return;
	}
	const command = keyCommand(event, keyTarget(event.target));
	if (!command) {
		return;
	}
	if (command.kind === 'pictureAlone') {
		event.preventDefault();
		if (!event.repeat && !help.element.open) {
			runView.command(command, down);
		}
	} else if (down && command.kind === 'help') {
		help.toggle();
	} else if (down && command.kind !== 'help' && !help.element.open) {
		event.preventDefault();
		runView.command(command, true);
	}
}

function keyTarget(target: EventTarget | null): KeyTarget {
	if (target instanceof HTMLInputElement) {
		return target.type === 'range' ? 'slider' : 'text';
	}
	if (target instanceof HTMLSelectElement) {
		return 'text';
	}
	return target instanceof HTMLButtonElement ? 'button' : 'page';
}

function explain(error: unknown): string {
	report(error);
	return describeProblem(toProblem(error));
}

/** To the log, where the host keeps one. */
function report(error: unknown): void {
	if (error instanceof InspectorError && error.problem.code === 'cancelled') {
		return;
	}
	const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
	host.call('log', { level: 'error', message }).catch(() => undefined);
}
