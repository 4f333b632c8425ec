/** A mixed head on the page: what the network says without each branch, the branches' maps, and their switches. */
import * as l10n from '@vscode/l10n';
import type { MapReading, MixedMaps, MixedRunView } from '../../../shared/protocol/aspp';
import { createClassAndProbe } from '../../shared/classAndProbe';
import { createClassPicker } from '../../shared/classPicker';
import { h, setAttribute, setText } from '../../shared/dom';
import { settleDrafts } from '../../shared/draft';
import { createLatest } from '../../shared/latest';
import { createSaveBar } from '../../shared/saveBar';
import { createScaleNote } from '../../shared/scaleNote';
import { applyRateColors, onThemeChange } from '../../shared/theme';
import type { ViewCommand } from '../../shared/viewKeys';
import { asppFigure } from '../asppFigure';
import { createBranchKeys } from '../branchKeys';
import { createBranchSwitches } from '../branchSwitches';
import { createEffectTable } from '../effectTable';
import type { CallHost } from '../runPanel';
import { isOf, type PickedChannels, readingKey, readingOf } from './mixedData';
import { mixedCsv } from './mixedFigure';
import { createMixedGrid } from './mixedGrid';
import { createProbeTables } from './probeTables';

export interface MixedPanel {
	readonly element: HTMLElement;
	show(view: MixedRunView): void;
	/** Maps may have been missed: the next view asks for them anew. */
	missedMaps(): void;
	command(command: ViewCommand): void;
}

/** Milliseconds that the maps of another reading or run stay before they are greyed. */
const patience = 250;

export function createMixedPanel(call: CallHost): MixedPanel {
	let view: MixedRunView | undefined;
	let maps: MixedMaps | undefined;
	let kind: MapReading['kind'] = 'norm';
	let picked: PickedChannels = [];
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
	const drafts = [...choice.drafts, switches.draft];

	const mapRequest = createLatest<{ runId: string; reading: MapReading }, MixedMaps | null>(
		(params) => call('mixedMaps', params),
		(result) => {
			if (result && view && isOf(result, view.runId, readingOf(view, kind, picked))) {
				maps = result;
				window.clearTimeout(greying);
				grid.element.classList.remove('stale');
				grid.setMaps(result);
			} else if (result?.runId !== view?.runId) {
				// Another run was the active one meanwhile: the next view asks again.
				asked = '';
			}
		},
		() => {
			asked = '';
		},
	);
	/** The page asks as soon as it knows what it wants; the newest question is the one answered. */
	const wantMaps = (current: MixedRunView) => {
		const reading = readingOf(current, kind, picked);
		const key = `${current.runId} ${readingKey(reading)}`;
		if (key !== asked) {
			asked = key;
			window.clearTimeout(greying);
			greying = window.setTimeout(() => grid.element.classList.add('stale'), patience);
			mapRequest.ask({ runId: current.runId, reading });
		}
	};

	const setChannel = (branch: number, channel: number | undefined) => {
		kind = 'channels';
		picked = (view?.branches ?? []).map((_, index) => (index === branch ? channel : picked[index]));
		render();
	};

	const title = h('h2', { class: 'picture-name' });
	const picker = createClassPicker(choice.setClass);
	const scales = createScaleNote();
	const tables = createProbeTables({
		onUnpin: () => choice.setProbe(null),
		onChannel: setChannel,
		onShowLog: () => void call('act', 'showLog').catch(() => undefined),
		onRetry: () => void call('act', 'retry').catch(() => undefined),
	});
	const grid = createMixedGrid({
		onSwitch: switches.set,
		onPin: choice.setProbe,
		onReading(next) {
			kind = next;
			render();
		},
		onChannel: setChannel,
	});
	const absent = h(
		'p',
		{ class: 'dim mixed-absent' },
		l10n.t(
			'Later layers mix these branches: none has a share of a logit. Rates cannot be moved: those layers were trained on them.',
		),
	);
	const unchanged = h('p', { class: 'dim effect-none' });
	const effect = createEffectTable();
	const save = createSaveBar(
		() =>
			view && {
				pictureName: view.pictureName,
				what: 'branches',
				figure: () =>
					asppFigure(
						`${view!.pictureName} · ${view!.classes[choice.label(view!)]?.name ?? choice.label(view!)}`,
						tables.lines(),
						undefined,
						grid.drawn(),
					),
				csv: () => mixedCsv(view!, switches.on(view!), maps),
			},
		(figure) => call('saveFile', figure),
	);
	const keys = createBranchKeys();
	const element = h(
		'div',
		{ class: 'aspp-run mixed-run' },
		h('header', { class: 'view-header' }, title, picker.element),
		scales.element,
		tables.element,
		grid.element,
		absent,
		h('div', { class: 'effect' }, unchanged, effect.element),
		save.element,
		keys,
	);
	const rateCount = (current: MixedRunView) => current.branches.filter(({ rate }) => rate !== undefined).length;
	onThemeChange(() => view && applyRateColors(rateCount(view)));

	const draw = (current: MixedRunView) => {
		setText(title, current.pictureName);
		setAttribute(title, 'title', current.pictureName);
		picker.show(current.classes, current.present, choice.label(current), choice.follows(current));
		scales.show(current, true);
		tables.show(current);
		wantMaps(current);
		grid.show({ view: current, on: switches.on(current), probe: choice.probe(current), kind, picked });
		unchanged.hidden = current.effect !== undefined && !current.busy;
		setText(
			unchanged,
			current.busy
				? l10n.t('Running the layers behind the branches')
				: current.fullScaleAlone
					? l10n.t('All branches are on: the mask is the run’s, fused of its scales.')
					: l10n.t('All branches are on: the mask is the network’s.'),
		);
		effect.element.hidden = current.effect === undefined || current.busy;
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
				applyRateColors(rateCount(next));
				asked = '';
				maps = undefined;
				picked = [];
				grid.setMaps(undefined);
			}
			draw(next);
		},
		missedMaps() {
			asked = '';
		},
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
