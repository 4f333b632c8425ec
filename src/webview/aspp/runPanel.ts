/** A run's ASPP head on the page: why the probe pixel has its class, the maps, the switches and the rates. */
import * as l10n from '@vscode/l10n';
import type { AsppHostMethods, AsppMaps, AsppRunView } from '../../shared/protocol/aspp';
import { createClassAndProbe } from '../shared/classAndProbe';
import { createClassPicker } from '../shared/classPicker';
import { h, setAttribute, setText } from '../shared/dom';
import { createDraft, settleDrafts } from '../shared/draft';
import { createLatest } from '../shared/latest';
import { createSaveBar } from '../shared/saveBar';
import { createScaleNote } from '../shared/scaleNote';
import { applyRateColors, onThemeChange } from '../shared/theme';
import type { ViewCommand } from '../shared/viewKeys';
import { asppCsv, asppFigure } from './asppFigure';
import { createBranchKeys } from './branchKeys';
import { createBranchSwitches } from './branchSwitches';
import { createDominancePanel } from './dominance';
import { createEffectTable } from './effectTable';
import { createExplanationPanel } from './explanationPanel';
import { createMapGrid } from './mapGrid';
import { createRateSliders } from './rateSliders';

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

	const choice = createClassAndProbe(
		{ setClass: (label) => call('setClass', label), setProbe: (probe) => call('setProbe', probe) },
		render,
		nextFrame,
	);
	const switches = createBranchSwitches((value) => call('setOn', value), render, nextFrame);
	const rateDraft = createDraft<readonly number[]>((value) => call('setRates', value), render, nextFrame);
	const dominanceDraft = createDraft<boolean>((value) => call('showDominance', value), render, nextFrame);
	const drafts = [...choice.drafts, switches.draft, rateDraft, dominanceDraft];

	const mapRequest = createLatest<{ runId: string; label: number }, AsppMaps | null>(
		(params) => call('maps', params),
		(result) => result && adoptMaps(result),
		() => {
			asked = '';
		},
	);
	const adoptMaps = (next: AsppMaps) => {
		if (view && next.runId === view.runId && next.label === choice.label(view)) {
			maps = next;
			window.clearTimeout(greying);
			grid.element.classList.remove('stale');
			grid.setMaps(next);
		}
	};
	/** The page asks as soon as it knows what it wants; the newest question is the one answered. */
	const wantMaps = (current: AsppRunView) => {
		const params = { runId: current.runId, label: choice.label(current) };
		const key = `${params.runId} ${params.label}`;
		if (key !== asked) {
			asked = key;
			window.clearTimeout(greying);
			greying = window.setTimeout(() => grid.element.classList.add('stale'), patience);
			mapRequest.ask(params);
		}
	};

	const rates = (current: AsppRunView) => rateDraft.value(current.rates);

	const title = h('h2', { class: 'picture-name' });
	const picker = createClassPicker(choice.setClass);
	const explanation = createExplanationPanel(() => choice.setProbe(null));
	const grid = createMapGrid({ onSwitch: switches.set, onPin: choice.setProbe });
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
				csv: () => asppCsv(view!, maps, switches.on(view!), rates(view!)),
			},
		(figure) => call('saveFile', figure),
	);
	const figureTitle = (current: AsppRunView) =>
		`${current.pictureName} · ${current.classes[choice.label(current)]?.name ?? choice.label(current)}`;
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
		const [shownOn, shownRates, shownLabel] = [switches.on(current), rates(current), choice.label(current)];
		setText(title, current.pictureName);
		setAttribute(title, 'title', current.pictureName);
		picker.show(current.classes, current.present, shownLabel, choice.follows(current));
		scales.show(current);
		explanation.show(current, shownOn, shownRates);
		wantMaps(current);
		grid.show({ view: current, on: shownOn, rates: shownRates, label: shownLabel, probe: choice.probe(current) });
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
				case 'solo':
				case 'allOn':
					switches.command(view, command);
					return;
				default:
					choice.command(view, view.present, command);
			}
		},
	};
}
