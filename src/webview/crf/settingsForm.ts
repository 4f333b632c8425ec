/** All of the CRF's settings: appearance, smoothness, iterations, the grid it runs on, and what is rarely needed. */
import * as l10n from '@vscode/l10n';
import {
	type CrfNormalization,
	type CrfParameters,
	crfNormalizations,
	defaultPruning,
} from '../../core/crf/parameters';
import type { CrfResolution, CrfRunView, CrfSettings, InspectorRadius } from '../../shared/protocol/crf';
import { h, setAttribute, setText } from '../shared/dom';
import { createColorStrip } from './colorStrip';
import { createNumberRow } from './numberRow';
import { crfGrid, type NumberName, sigmaReach } from './settingsData';

export interface SettingsFormEvents {
	onSettings(settings: CrfSettings): void;
	onRadius(radius: InspectorRadius | null): void;
}

export interface SettingsForm {
	readonly element: HTMLElement;
	/** @param settings as they are to be shown: the page may be ahead of its host. */
	show(view: CrfRunView, settings: CrfSettings): void;
}

const resolutions: readonly CrfResolution[] = ['network', 'picture'];

export function createSettingsForm(events: SettingsFormEvents): SettingsForm {
	let current: { readonly view: CrfRunView; readonly settings: CrfSettings } | undefined;

	const changeParameters = (change: Partial<CrfParameters>) => {
		if (current) {
			const { settings } = current;
			events.onSettings({ ...settings, parameters: { ...settings.parameters, ...change } });
		}
	};
	const numberRow = (name: NumberName, extra?: HTMLElement) =>
		createNumberRow(name, { onChange: (value) => changeParameters({ [name]: value }) }, extra);
	/** Its σ is drawn in the Inspector while it is handled. */
	const radiusRow = (name: 'bilateralSigmaXy' | 'spatialSigma', kernel: InspectorRadius['kernel']) => {
		const showRadius = () => {
			if (current) {
				const { settings, view } = current;
				const { pixels } = sigmaReach(settings.parameters[name], settings.resolution, view.geometry);
				events.onRadius({ kernel, pixels });
			}
		};
		return createNumberRow(name, {
			onChange(value) {
				changeParameters({ [name]: value });
				showRadius();
			},
			onHandled: (handled) => (handled ? showRadius() : events.onRadius(null)),
		});
	};

	const strip = createColorStrip();
	const rows = [
		numberRow('bilateralWeight'),
		radiusRow('bilateralSigmaXy', 'bilateral'),
		numberRow('bilateralSigmaRgb', strip.element),
		numberRow('spatialWeight'),
		radiusRow('spatialSigma', 'spatial'),
		numberRow('iterations'),
	] as const;
	const grids = resolutions.map((resolution) => {
		const size = h('span', { class: 'grid-size numbers' });
		const button = h(
			'button',
			{ type: 'button', class: 'segment grid-choice', 'aria-pressed': 'false' },
			resolution === 'network' ? l10n.t('Network') : l10n.t('Picture'),
			' ',
			size,
		);
		button.addEventListener('click', () => current && events.onSettings({ ...current.settings, resolution }));
		return { resolution, size, button };
	});
	const gridChoice = h(
		'div',
		{ class: 'segments grid-choices', role: 'group', 'aria-labelledby': 'grid-title' },
		...grids.map(({ button }) => button),
	);
	const gridNote = h('p', { class: 'setting-meaning dim numbers' });

	const normalization = h(
		'select',
		{ class: 'select', id: 'normalization' },
		...crfNormalizations.map((name) => h('option', { value: name }, normalizationText(name))),
	);
	normalization.addEventListener('change', () => {
		const chosen = crfNormalizations.find((name) => name === normalization.value);
		if (chosen) {
			changeParameters({ normalization: chosen });
		}
	});
	const exact = h('input', { type: 'checkbox', id: 'exact', class: 'checkbox' });
	exact.addEventListener('change', () => changeParameters({ pruning: exact.checked ? 0 : defaultPruning }));
	const pruningNote = h('p', { class: 'setting-meaning dim numbers' });

	const searchedNote = h(
		'p',
		{ class: 'searched-note dim' },
		h('span', { class: 'searched-key' }),
		l10n.t('searched in the DeepLab paper'),
	);
	const group = (title: string, note: string | undefined, ...children: readonly HTMLElement[]) =>
		h(
			'section',
			{ class: 'group' },
			h('h3', {}, title, note !== undefined && h('span', { class: 'group-note dim' }, note)),
			...children,
		);
	const element = h(
		'div',
		{ class: 'settings' },
		group(
			l10n.t('Appearance'),
			l10n.t('near in place and in colour'),
			...rows.slice(0, 3).map((row) => row.element),
			searchedNote,
		),
		group(l10n.t('Smoothness'), l10n.t('near in place'), ...rows.slice(3, 5).map((row) => row.element)),
		group(l10n.t('Mean field'), undefined, rows[5].element),
		h(
			'section',
			{ class: 'group' },
			h('h3', { id: 'grid-title' }, l10n.t('Size that it runs at')),
			gridChoice,
			gridNote,
		),
		h(
			'details',
			{ class: 'group advanced' },
			h('summary', {}, l10n.t('Advanced')),
			h('div', { class: 'field' }, h('label', { for: 'normalization' }, l10n.t('Normalisation')), normalization),
			h('div', { class: 'field' }, exact, h('label', { for: 'exact' }, l10n.t('Exact: filter every class'))),
			pruningNote,
		),
	);
	return {
		element,
		show(view, settings) {
			current = { view, settings };
			const { geometry } = view;
			const { pruning, bilateralSigmaRgb } = settings.parameters;
			for (const row of rows) {
				row.show(settings, geometry);
			}
			strip.show(view.probe?.color, bilateralSigmaRgb);
			for (const { resolution, size, button } of grids) {
				const { width, height } = crfGrid(resolution, geometry);
				setText(size, `${width} × ${height}`);
				setAttribute(button, 'aria-pressed', String(resolution === settings.resolution));
			}
			const same = geometry.resizedWidth === geometry.pictureWidth && geometry.resizedHeight === geometry.pictureHeight;
			setText(
				gridNote,
				same
					? l10n.t('In px. The network sees this picture at its own size, so both are the same.')
					: l10n.t('In px. Distances are in pixels of this size; the mask is drawn at the picture’s.'),
			);
			normalization.value = settings.parameters.normalization;
			exact.checked = pruning === 0;
			setText(
				pruningNote,
				pruning === 0
					? l10n.t('Each of the {0} classes is filtered in each iteration.', view.classes.length)
					: l10n.t('Classes under {0} probability everywhere are filtered as one; labels stay the same.', pruning),
			);
		},
	};
}

function normalizationText(name: CrfNormalization): string {
	switch (name) {
		case 'symmetric':
			return l10n.t('Symmetric (pydensecrf)');
		case 'none':
			return l10n.t('None');
		case 'before':
			return l10n.t('Before filtering');
		case 'after':
			return l10n.t('After filtering (DeepLab)');
		default: {
			const unknown: never = name;
			throw new Error(`unknown normalization ${String(unknown)}`);
		}
	}
}
