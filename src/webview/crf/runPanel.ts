/** A run's CRF on the page: what it found, its settings, and what ties them together. */
import * as l10n from '@vscode/l10n';
import type { CrfHostMethods, CrfKernelName, CrfRunView, CrfSettings, InspectorLayer } from '../../shared/protocol/crf';
import { createChangesTable } from '../shared/changesTable';
import { h, iconButton, setAttribute, setText } from '../shared/dom';
import { createDraft, settleDrafts } from '../shared/draft';
import { formatCount } from '../shared/format';
import { createIterations } from './iterations';
import { type Staleness, staleness } from './outcomeData';
import { createPresetBar } from './presetBar';
import { createProbePanel } from './probePanel';
import { createSettingsForm } from './settingsForm';
import { createStatusLine } from './statusLine';

/** Calls a method of the host. */
export type CallHost = <Name extends keyof CrfHostMethods>(
	method: Name,
	params: CrfHostMethods[Name]['params'],
) => Promise<unknown>;

export interface RunPanel {
	readonly element: HTMLElement;
	show(view: CrfRunView): void;
}

export function createRunPanel(call: CallHost): RunPanel {
	let view: CrfRunView | undefined;
	const render = () => view && draw(view);
	const nextFrame = (callback: () => void) => void requestAnimationFrame(callback);
	const tell = <Name extends keyof CrfHostMethods>(method: Name, params: CrfHostMethods[Name]['params']) =>
		void call(method, params).catch(() => undefined);

	const settings = createDraft<CrfSettings>((value) => call('setSettings', value), render, nextFrame);
	const iteration = createDraft<number>((value) => call('setIteration', value), render, nextFrame);
	const layer = createDraft<InspectorLayer>((value) => call('setLayer', value), render, nextFrame);
	const ties = createDraft<CrfKernelName | null>((value) => call('showTies', value), render, nextFrame);
	const drafts = [settings, iteration, layer, ties];
	const setSettings = (value: CrfSettings) => {
		settings.set(value);
		render();
	};

	const title = h('h2', { class: 'picture-name' });
	const sides = (['mask', 'after'] as const).map((side) => {
		const button = h(
			'button',
			{ type: 'button', class: 'segment', 'aria-pressed': 'false' },
			side === 'mask' ? l10n.t('Before CRF') : l10n.t('After CRF'),
		);
		button.addEventListener('click', () => {
			layer.set(side);
			render();
		});
		return { side, button };
	});
	const save = iconButton({
		icon: 'save',
		label: l10n.t('Save mask after the CRF as palette PNG'),
		text: l10n.t('Save mask'),
		onClick: () => tell('act', 'saveMask'),
	});
	const status = createStatusLine((action) => tell('act', action));
	const iterations = createIterations((value) => {
		iteration.set(value);
		render();
	});
	const changes = createChangesTable({
		none: l10n.t('No pixel has another class than before the CRF.'),
		some: (pixels, share) =>
			l10n.t('{0} px have another class than before, {1} of the picture.', formatCount(pixels), share),
	});
	const presets = createPresetBar({
		onChoose: (parameters) => view && setSettings({ ...settings.value(view.settings), parameters }),
		onSave: () => tell('savePreset', null),
		onRemove: (id) => tell('removePreset', id),
	});
	const form = createSettingsForm({
		onSettings: setSettings,
		onRadius: (radius) => tell('showRadius', radius),
	});
	const probe = createProbePanel((kernel) => {
		ties.set(kernel);
		render();
	});
	const element = h(
		'div',
		{ class: 'crf-run' },
		h(
			'header',
			{ class: 'crf-header' },
			title,
			h(
				'div',
				{ class: 'crf-sides' },
				h(
					'div',
					{ class: 'segments', role: 'group', 'aria-label': l10n.t('What the Inspector draws') },
					...sides.map(({ button }) => button),
				),
				save,
			),
			status.element,
		),
		iterations.element,
		h('section', { class: 'settings-section', 'aria-label': l10n.t('Settings') }, presets.element, form.element),
		changes.element,
		probe.element,
	);

	const draw = (current: CrfRunView) => {
		const shownSettings = settings.value(current.settings);
		const shownLayer = layer.value(current.layer);
		const { outcome } = current;
		const shown = current.ahead ?? outcome;
		setText(title, current.pictureName);
		setAttribute(title, 'title', current.pictureName);
		for (const { side, button } of sides) {
			setAttribute(button, 'aria-pressed', String(side === shownLayer));
			button.disabled = side === 'after' && !shown;
		}
		save.disabled = !shown;
		iterations.element.hidden = !outcome;
		changes.element.hidden = !shown;
		probe.element.hidden = !outcome;
		// What was just chosen is about to be computed, though the host has not said so yet.
		const activity: CrfRunView['activity'] =
			settings.ahead() && current.activity.kind === 'idle'
				? { kind: 'running', stage: 'mask', since: Date.now(), iteration: undefined }
				: current.activity;
		const stale = outcome && staleness(outcome.settings, shownSettings, activity);
		iterations.element.classList.toggle('stale', stale !== undefined);
		changes.element.classList.toggle(
			'stale',
			shown && staleness(shown.settings, shownSettings, activity) !== undefined,
		);
		status.show({ ...current, activity: stale === undefined ? current.activity : activity }, shownSettings);
		if (outcome) {
			const last = Math.max(0, outcome.steps.length - 1);
			iterations.show(outcome, Math.min(last, iteration.value(current.iteration)), staleText(stale));
		}
		if (shown) {
			changes.show(shown, current.classes, current.geometry);
		}
		probe.show(current, ties.value(current.ties ?? null) ?? undefined);
		presets.show(current.presets, shownSettings);
		form.show(current, shownSettings);
	};

	return {
		element,
		show(next) {
			settleDrafts(drafts, view?.runId === next.runId);
			view = next;
			draw(next);
		},
	};
}

/** Undefined for a result that stands. */
function staleText(stale: Staleness | undefined): string | undefined {
	switch (stale) {
		case undefined:
			return undefined;
		case 'running':
			return l10n.t('Of the former settings; the new ones are being computed.');
		case 'failed':
			return l10n.t('Of the former settings; the new ones failed.');
		case 'stopped':
			return l10n.t('Of other settings than those below.');
		default: {
			const unknown: never = stale;
			throw new Error(`unknown reason ${String(unknown)}`);
		}
	}
}
