/** What is drawn, how opaque, how large; saving and copying. */
import * as l10n from '@vscode/l10n';
import type { InspectorLayer } from '../../../shared/protocol/crf';
import { h, iconButton, setText } from '../../shared/dom';
import { formatZoom } from '../../shared/format';
import type { Extras } from './layerData';
import { createLayerPicker } from './layerPicker';

export interface ToolbarEvents {
	onLayer(layer: InspectorLayer): void;
	onBlink(): void;
	onOpacity(opacity: number): void;
	onZoom(factor: number): void;
	onFit(): void;
	onActualSize(): void;
	onSaveMask(): void;
	onSavePicture(): void;
	onCopy(): void;
	onHelp(): void;
}

export interface Toolbar {
	readonly element: HTMLElement;
	/** @param branchesTitle what the mask of the branches is of */
	setLayer(layer: InspectorLayer, extras: Extras, branchesTitle: string): void;
	setBlinking(blinking: boolean): void;
	setOpacity(opacity: number): void;
	/** Screen pixels a picture pixel. */
	setScale(scale: number): void;
}

export const zoomStep = 1.5;

export function createToolbar(events: ToolbarEvents): Toolbar {
	const layers = createLayerPicker(events.onLayer, events.onBlink);
	const slider = h('input', {
		type: 'range',
		id: 'opacity',
		class: 'slider',
		min: 0,
		max: 1,
		step: 0.05,
	});
	slider.addEventListener('input', () => events.onOpacity(slider.valueAsNumber));
	const opacityText = h('output', { class: 'numbers', for: 'opacity' });
	const scaleText = h('span', { class: 'zoom-text numbers dim' });
	const element = h(
		'div',
		{ class: 'toolbar', role: 'toolbar', 'aria-label': l10n.t('Inspector') },
		layers.element,
		h('div', { class: 'opacity' }, h('label', { for: 'opacity' }, l10n.t('Opacity')), slider, opacityText),
		h('span', { class: 'spring' }),
		h(
			'div',
			{ class: 'tools', role: 'group', 'aria-label': l10n.t('Zoom') },
			iconButton({ icon: 'zoom-out', label: l10n.t('Zoom out'), key: '−', onClick: () => events.onZoom(1 / zoomStep) }),
			scaleText,
			iconButton({ icon: 'zoom-in', label: l10n.t('Zoom in'), key: '+', onClick: () => events.onZoom(zoomStep) }),
			iconButton({ icon: 'screen-full', label: l10n.t('Fit in the view'), key: 'F', onClick: events.onFit }),
			iconButton({
				icon: 'blank',
				label: l10n.t('1:1, actual size'),
				text: '1:1',
				key: '⇧1',
				class: 'ratio numbers',
				onClick: events.onActualSize,
			}),
		),
		h(
			'div',
			{ class: 'tools', role: 'group', 'aria-label': l10n.t('Save and copy') },
			iconButton({
				icon: 'save',
				label: l10n.t('Save mask as palette PNG'),
				text: l10n.t('Save mask'),
				onClick: events.onSaveMask,
			}),
			iconButton({
				icon: 'file-media',
				label: l10n.t('Save picture as shown'),
				text: l10n.t('Save picture'),
				onClick: events.onSavePicture,
			}),
			iconButton({ icon: 'copy', label: l10n.t('Copy picture as shown'), onClick: events.onCopy }),
			iconButton({ icon: 'question', label: l10n.t('Keys'), key: '?', onClick: events.onHelp }),
		),
	);
	return {
		element,
		setLayer: layers.show,
		setBlinking: layers.setBlinking,
		setOpacity(opacity) {
			slider.valueAsNumber = opacity;
			setText(opacityText, opacity.toFixed(2));
			slider.style.setProperty('--filled', `${opacity * 100}%`);
		},
		setScale(scale) {
			setText(scaleText, formatZoom(scale));
		},
	};
}
