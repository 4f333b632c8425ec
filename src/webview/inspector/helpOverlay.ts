/** The list of keys, on `?`. */
import * as l10n from '@vscode/l10n';
import { h, iconButton } from '../shared/dom';

export interface HelpOverlay {
	readonly element: HTMLDialogElement;
	toggle(): void;
}

export function createHelpOverlay(): HelpOverlay {
	const rows: readonly (readonly [keys: readonly string[], text: string])[] = [
		[[l10n.t('Wheel')], l10n.t('Zoom about the pointer')],
		[[l10n.t('Drag')], l10n.t('Move the picture')],
		[['+', '−'], l10n.t('Zoom in, zoom out')],
		[['F'], l10n.t('Fit in the view; so does a double click')],
		[['⇧', '1'], l10n.t('Actual size')],
		[[l10n.t('Click')], l10n.t('Pin the probe pixel')],
		[['←', '↑', '↓', '→'], l10n.t('Move the probe by a cell of the logit grid')],
		[['⇧', '←', '↑', '↓', '→'], l10n.t('Move the probe by a pixel')],
		[[l10n.t('Esc')], l10n.t('Unpin the probe')],
		[['[', ']'], l10n.t('Previous, next class: alone in the mask, and in the ASPP views')],
		[['1', '…', '9'], l10n.t('That ASPP branch alone')],
		[['0'], l10n.t('All ASPP branches')],
		[['M'], l10n.t('Mask on, off')],
		[['C'], l10n.t('Before, after the CRF')],
		[['B'], l10n.t('Blink between before and after, or between output strides')],
		[[l10n.t('Space')], l10n.t('The picture alone while held')],
		[['?'], l10n.t('This list')],
	];
	const close = iconButton({ icon: 'close', label: l10n.t('Close'), onClick: () => element.close() });
	const element: HTMLDialogElement = h(
		'dialog',
		{ class: 'help', 'aria-labelledby': 'help-title' },
		h('header', { class: 'help-header' }, h('h2', { id: 'help-title' }, l10n.t('Keys')), close),
		h(
			'dl',
			{ class: 'help-keys' },
			...rows.flatMap(([keys, text]) => [h('dt', {}, ...keys.map((key) => h('kbd', {}, key))), h('dd', {}, text)]),
		),
	);
	element.addEventListener('click', (event) => {
		if (event.target === element) {
			element.close();
		}
	});
	return {
		element,
		toggle() {
			if (element.open) {
				element.close();
			} else {
				element.showModal();
			}
		},
	};
}
