/** What the model is: name, kind, size, classes. */
import * as l10n from '@vscode/l10n';
import { parityMark } from '../../shared/describeParity';
import type { ParityState } from '../../shared/protocol/parity';
import type { ModelMetadata, NetworkDescription } from '../../shared/protocol/types';
import { cssColor } from '../shared/colors';
import { h } from '../shared/dom';
import { formatBytes, formatCount } from '../shared/format';
import { parityIcon } from '../shared/parityMark';

/** @param parity how WebGPU compares with WASM; undefined where nothing is known */
export function modelHeader(network: NetworkDescription, source: string, parity?: ParityState): HTMLElement {
	const { metadata } = network;
	const [height, width] = network.inputSize;
	return h(
		'header',
		{ class: 'model-header' },
		h('h1', { class: 'model-name', title: source }, metadata.name),
		h(
			'p',
			{ class: 'model-facts dim numbers' },
			...joined([
				metadata.family,
				metadata.backbone,
				l10n.t('output stride {0}', metadata.outputStride),
				l10n.t('{0} parameters', formatCount(network.parameters)),
				formatBytes(network.bytes),
				l10n.t('input {0}×{1}', height, width),
				l10n.t('opset {0}', network.opset),
			]),
		),
		parity && parityLine(parity),
		classes(metadata),
	);
}

function parityLine(parity: ParityState): HTMLElement {
	const { line, detail } = parityMark(parity);
	return h(
		'p',
		{ class: 'model-parity dim numbers', title: detail },
		parityIcon(parity),
		' ',
		h('span', { 'aria-hidden': 'true' }, line),
		h('span', { class: 'sr-only' }, detail),
	);
}

/** Facts with dots between them; each stays in one line. */
function joined(facts: readonly string[]): readonly (HTMLElement | string)[] {
	return facts
		.filter((fact) => fact !== '')
		.flatMap((fact, index) => [index > 0 ? ' · ' : '', h('span', { class: 'fact' }, fact)]);
}

function classes(metadata: ModelMetadata): HTMLElement {
	return h(
		'details',
		{ class: 'classes' },
		h('summary', {}, l10n.t('{0} classes', metadata.classes.length)),
		h(
			'ul',
			{ class: 'class-list' },
			...metadata.classes.map(({ name, color }, label) => {
				const swatch = h('span', { class: 'swatch' });
				swatch.style.backgroundColor = cssColor(color);
				return h(
					'li',
					{ class: 'class' },
					swatch,
					h('span', { class: 'class-label numbers dim' }, String(label)),
					h('span', { class: 'class-name' }, name),
				);
			}),
		),
	);
}
