/** Settings by name: published ones and the user's own. */
import * as l10n from '@vscode/l10n';
import type { CrfParameters } from '../../core/crf/parameters';
import type { CrfPresetItem, CrfSettings } from '../../shared/protocol/crf';
import { h, iconButton } from '../shared/dom';
import { matchPreset } from './settingsData';

export interface PresetBarEvents {
	onChoose(parameters: CrfParameters): void;
	onSave(): void;
	onRemove(id: string): void;
}

export interface PresetBar {
	readonly element: HTMLElement;
	show(presets: readonly CrfPresetItem[], settings: CrfSettings): void;
}

/** The entry for settings that no preset has. */
const custom = 'custom';

export function createPresetBar(events: PresetBarEvents): PresetBar {
	const select = h('select', { class: 'select preset-list', id: 'preset', title: l10n.t('Preset') });
	const remove = iconButton({
		icon: 'trash',
		label: l10n.t('Remove this preset'),
		onClick: () => shown && events.onRemove(shown.id),
	});
	const element = h(
		'div',
		{ class: 'presets' },
		h('label', { for: 'preset' }, l10n.t('Preset')),
		select,
		iconButton({ icon: 'save', label: l10n.t('Save these settings as a preset…'), onClick: events.onSave }),
		remove,
	);
	let listed: readonly CrfPresetItem[] = [];
	let listKey: string | undefined;
	let shown: CrfPresetItem | undefined;

	select.addEventListener('change', () => {
		const chosen = listed.find(({ id }) => id === select.value);
		if (chosen) {
			events.onChoose(chosen.parameters);
		}
	});

	return {
		element,
		show(presets, settings) {
			listed = presets;
			const key = JSON.stringify(presets.map(({ id, name, own }) => [id, name, own]));
			if (key !== listKey) {
				listKey = key;
				select.replaceChildren(
					h('option', { value: custom, hidden: true }, l10n.t('Custom')),
					...options(
						l10n.t('Published'),
						presets.filter(({ own }) => !own),
					),
					...options(
						l10n.t('Your own'),
						presets.filter(({ own }) => own),
					),
				);
			}
			shown = matchPreset(presets, settings.parameters);
			select.value = shown?.id ?? custom;
			remove.disabled = !shown?.own;
		},
	};
}

function options(label: string, presets: readonly CrfPresetItem[]): readonly HTMLElement[] {
	return presets.length === 0
		? []
		: [h('optgroup', { label }, ...presets.map(({ id, name }) => h('option', { value: id }, name)))];
}
