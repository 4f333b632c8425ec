/** A run's ASPP head on the page: why the probe pixel has its class, the maps, the switches and the rates. */
import * as l10n from '@vscode/l10n';
import type { AsppHostMethods, AsppMaps, AsppRunView } from '../../shared/protocol/aspp';
import type { Probe } from '../../shared/protocol/inspector';
import { cycledClass } from '../shared/classData';
import { createClassPicker } from '../shared/classPicker';
import { h, setAttribute, setText } from '../shared/dom';
import { createDraft, settleDrafts } from '../shared/draft';
import { createLatest } from '../shared/latest';
import { moveProbe } from '../shared/probeSteps';
import { createSaveBar } from '../shared/saveBar';
import { createScaleNote } from '../shared/scaleNote';
import { applyRateColors, onThemeChange } from '../shared/theme';
import type { ViewCommand } from '../shared/viewKeys';
import { asppCsv, asppFigure } from './asppFigure';
import { createBranchKeys } from './branchKeys';
import { createDominancePanel } from './dominance';
import { createEffectTable } from './effectTable';
import { createExplanationPanel } from './explanationPanel';
import { createMapGrid } from './mapGrid';
import { createRateSliders } from './rateSliders';
import { allOn, solo } from './switchData';

/** Calls a method of the host. */
export type CallHost = <Name extends keyof AsppHostMethods>(
	method: Name,
	params: AsppHostMethods[Name]['params'],
) => Promise<AsppHostMethods[Name]['result']>;

export interface RunPanel {
	readonly element: HTMLElement;
	show(view: AsppRunView): void;
	/** Maps may have been missed: the next view asks for them anew. */
	missedMaps(): void;
	/** The host's own: rates moved. */
	setMaps(maps: AsppMaps): void;
	command(command: ViewCommand): void;
}

/** Milliseconds that the maps of another class or run stay before they are greyed. */
const patience = 250;

export function createRunPanel(call: CallHost): RunPanel {
	let view: AsppRunView | undefined;
	/** Of the run and class shown, or of those before while they are on their way. */
	let maps: AsppMaps | undefined;
	let asked = '';
	let greying: number | undefined;
	const render = () => view && draw(view);
	const nextFrame = (callback: () => void) => void requestAnimationFrame(callback);

	/** Null: the winner, which the host knows. */
	const chosen = createDraft<number | null>((value) => call('setClass', value), render, nextFrame);
	const switches = createDraft<readonly boolean[]>((value) => call('setOn', value), render, nextFrame);
	const rateDraft = createDraft<readonly number[]>((value) => call('setRates', value), render, nextFrame);
	const probeDraft = createDraft<Probe | null>((value) => call('setProbe', value), render, nextFrame);
	const dominanceDraft = createDraft<boolean>((value) => call('showDominance', value), render, nextFrame);
	const drafts = [chosen, switches, rateDraft, probeDraft, dominanceDraft];

	const mapRequest = createLatest<{ runId: string; label: number }, AsppMaps | null>(
		(params) => call('maps', params),
		(result) => result && adoptMaps(result),
		() => {
			asked = '';
		},
	);
	const adoptMaps = (next: AsppMaps) => {
		if (view && next.runId === view.runId && next.label === label(view)) {
			maps = next;
			window.clearTimeout(greying);
			grid.element.classList.remove('stale');
			grid.setMaps(next);
		}
	};
	/** The page asks as soon as it knows what it wants; the newest question is the one answered. */
	const wantMaps = (current: AsppRunView) => {
		const params = { runId: current.runId, label: label(current) };
		const key = `${params.runId} ${params.label}`;
		if (key !== asked) {
			asked = key;
			window.clearTimeout(greying);
			greying = window.setTimeout(() => grid.element.classList.add('stale'), patience);
			mapRequest.ask(params);
		}
	};

	const label = (current: AsppRunView) => chosen.value(current.label) ?? current.label;
	const on = (current: AsppRunView) => switches.value(current.on);
	const rates = (current: AsppRunView) => rateDraft.value(current.rates);
	const probe = (current: AsppRunView) => probeDraft.value(current.probe ?? null) ?? undefined;
	const setClass = (next: number | null) => {
		chosen.set(next);
		render();
	};
	const setOn = (next: readonly boolean[]) => {
		switches.set(next);
		render();
	};
	const setProbe = (next: Probe | null) => {
		probeDraft.set(next);
		render();
	};

	const title = h('h2', { class: 'picture-name' });
	const picker = createClassPicker(setClass);
	const explanation = createExplanationPanel(() => setProbe(null));
	const grid = createMapGrid({ onSwitch: setOn, onPin: setProbe });
	const sliders = createRateSliders(
		(next) => {
			rateDraft.set(next);
			render();
		},
		() => void call('act', 'showLog').catch(() => undefined),
	);
	const dominance = createDominancePanel((shown) => {
		dominanceDraft.set(shown);
		render();
	});
	const scales = createScaleNote();
	const unchanged = h('p', { class: 'dim effect-none' });
	const effect = createEffectTable();
	const save = createSaveBar(
		() =>
			view && {
				pictureName: view.pictureName,
				what: 'branches',
				figure: () => asppFigure(figureTitle(view!), explanation.lines(), explanation.chart(), grid.drawn()),
				csv: () => asppCsv(view!, maps, on(view!), rates(view!)),
			},
		(figure) => call('saveFile', figure),
	);
	const figureTitle = (current: AsppRunView) =>
		`${current.pictureName} · ${current.classes[label(current)]?.name ?? label(current)}`;
	const keys = createBranchKeys();
	const element = h(
		'div',
		{ class: 'aspp-run' },
		h('header', { class: 'view-header' }, title, picker.element),
		scales.element,
		explanation.element,
		grid.element,
		sliders.element,
		dominance.element,
		h('div', { class: 'effect' }, unchanged, effect.element),
		save.element,
		keys,
	);
	onThemeChange(() => view && applyRateColors(view.head.branches.length));

	const draw = (current: AsppRunView) => {
		const [shownOn, shownRates, shownLabel] = [on(current), rates(current), label(current)];
		setText(title, current.pictureName);
		setAttribute(title, 'title', current.pictureName);
		const follows = chosen.ahead() ? chosen.value(current.label) === null : !current.labelIsChosen;
		picker.show(current.classes, current.present, shownLabel, follows);
		scales.show(current);
		explanation.show(current, shownOn, shownRates);
		wantMaps(current);
		grid.show({ view: current, on: shownOn, rates: shownRates, label: shownLabel, probe: probe(current) });
		sliders.show(current, shownRates);
		dominance.show(current, shownRates, dominanceDraft.value(current.dominance !== undefined));
		unchanged.hidden = current.effect !== undefined;
		setText(
			unchanged,
			current.fullScaleAlone
				? l10n.t('All branches are on at their trained rates: the mask is the run’s, fused of its scales.')
				: l10n.t('All branches are on at their trained rates: the mask is the network’s.'),
		);
		effect.element.hidden = current.effect === undefined;
		if (current.effect) {
			effect.show(current.effect, current.classes, current.geometry);
		}
	};

	return {
		element,
		show(next) {
			const sameRun = view?.runId === next.runId;
			settleDrafts(drafts, sameRun);
			view = next;
			if (!sameRun) {
				applyRateColors(next.head.branches.length);
				asked = '';
				maps = undefined;
				grid.setMaps(undefined);
			}
			draw(next);
		},
		missedMaps() {
			asked = '';
		},
		setMaps: adoptMaps,
		command(command) {
			if (!view) {
				return;
			}
			switch (command.kind) {
				case 'moveProbe':
					setProbe(moveProbe(probe(view), view.geometry, command.dx, command.dy, command.unit));
					return;
				case 'cycleClass':
					setClass(cycledClass(view.present, view.classes.length, label(view), command.step));
					return;
				case 'solo':
					if (command.branch < view.head.branches.length) {
						setOn(solo(on(view), command.branch));
					}
					return;
				case 'allOn':
					setOn(allOn(on(view)));
					return;
				case 'unpin':
					if (probe(view)) {
						setProbe(null);
					}
					return;
				default: {
					const unknown: never = command;
					throw new Error(`unknown command ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
