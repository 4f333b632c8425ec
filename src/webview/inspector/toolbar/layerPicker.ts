/** What is drawn over the picture: a row of segments, or a list where there is no room for them. */
import * as l10n from '@vscode/l10n';
import { type InspectorLayer, inspectorLayers } from '../../../shared/protocol/crf';
import { h, iconButton, setAttribute, setText } from '../../shared/dom';
import { availableLayers, type Extras, isStrideLayer } from './layerData';

export interface LayerPicker {
	readonly element: HTMLElement;
	/** @param branchesTitle what the mask of the branches is of */
	show(layer: InspectorLayer, extras: Extras, branchesTitle: string): void;
	setBlinking(blinking: boolean): void;
}

/** So many segments have room where the page is narrow, and where it is of ordinary width; beyond, there is the list. */
const fewSegments = 2;
const manySegments = 7;

export function createLayerPicker(onLayer: (layer: InspectorLayer) => void, onBlink: () => void): LayerPicker {
	const segments = inspectorLayers.map((layer) => {
		const button = h('button', { type: 'button', class: 'segment', 'aria-pressed': 'false' });
		button.addEventListener('click', () => onLayer(layer));
		return { layer, button };
	});
	const options = inspectorLayers.map((layer) => ({ layer, option: h('option', { value: layer }) }));
	const list = h(
		'select',
		{ class: 'select layer-list', 'aria-label': l10n.t('What is drawn') },
		...options.map(({ option }) => option),
	);
	list.addEventListener('change', () => {
		const chosen = inspectorLayers.find((layer) => layer === list.value);
		if (chosen) {
			onLayer(chosen);
		}
	});
	const blink = iconButton({
		icon: 'arrow-swap',
		label: l10n.t('Blink between before and after'),
		text: l10n.t('Blink'),
		key: 'B',
		class: 'blink',
		onClick: onBlink,
	});
	setAttribute(blink, 'aria-pressed', 'false');
	const group = h(
		'div',
		{ class: 'segments', role: 'group', 'aria-label': l10n.t('What is drawn') },
		...segments.map(({ button }) => button),
	);
	const element = h('div', { class: 'layers' }, group, list, blink);
	return {
		element,
		show(layer, extras, branchesTitle) {
			const available = availableLayers(extras);
			element.classList.toggle('many', available.length > fewSegments);
			element.classList.toggle('most', available.length > manySegments);
			blink.hidden = !extras.crf && !isStrideLayer(layer);
			for (const { layer: own, button } of segments) {
				const { text, title } = layerText(own, extras.crf, branchesTitle);
				setText(button, text);
				setAttribute(button, 'title', title);
				setAttribute(button, 'aria-pressed', String(own === layer));
				button.hidden = !available.includes(own);
			}
			for (const { layer: own, option } of options) {
				setText(option, layerText(own, extras.crf, branchesTitle).text);
				option.hidden = !available.includes(own);
				option.disabled = option.hidden;
			}
			list.value = layer;
		},
		setBlinking: (blinking) => setAttribute(blink, 'aria-pressed', String(blinking)),
	};
}

function layerText(
	layer: InspectorLayer,
	hasCrf: boolean,
	branchesTitle: string,
): { readonly text: string; readonly title: string } {
	switch (layer) {
		case 'picture':
			return { text: l10n.t('Picture'), title: l10n.t('The picture alone (M)') };
		case 'mask':
			return hasCrf
				? { text: l10n.t('Before CRF'), title: l10n.t("The network's mask over the picture (C)") }
				: { text: l10n.t('Mask'), title: l10n.t('The mask over the picture (M)') };
		case 'branches':
			return { text: l10n.t('Branches'), title: branchesTitle };
		case 'dominance':
			return { text: l10n.t('Dominant branch'), title: l10n.t('At each pixel the branch that adds most to its class') };
		case 'winningScale':
			return { text: l10n.t('Winning scale'), title: l10n.t('The scale that each pixel’s class has its logit from') };
		case 'strideSwipe':
			return {
				text: l10n.t('Output strides'),
				title: l10n.t('The finer output stride left of a divider, the coarser right of it'),
			};
		case 'strideChanged':
			return {
				text: l10n.t('Strides differ'),
				title: l10n.t('The pixels whose class differs, in the colour of the one at the coarser output stride'),
			};
		case 'after':
			return { text: l10n.t('After CRF'), title: l10n.t('The mask after the CRF over the picture (C)') };
		case 'swipe':
			return { text: l10n.t('Swipe'), title: l10n.t('Before left of a divider, after right of it') };
		case 'changed':
			return { text: l10n.t('Changed'), title: l10n.t('The pixels whose class changed, in the colour of the new one') };
		case 'entropyBefore':
			return { text: l10n.t('Entropy before'), title: l10n.t('How undecided each pixel is before the CRF') };
		case 'entropyAfter':
			return { text: l10n.t('Entropy after'), title: l10n.t('How undecided each pixel is after the CRF') };
		default: {
			const unknown: never = layer;
			throw new Error(`unknown layer ${String(unknown)}`);
		}
	}
}
