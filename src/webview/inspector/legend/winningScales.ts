/** The layer of the winning scale: its map, asked for when it is first drawn, and its legend. */
import * as l10n from '@vscode/l10n';
import type { InspectorRun, InspectorScales, Probe } from '../../../shared/protocol/inspector';
import { cssColor } from '../../shared/colors';
import { h } from '../../shared/dom';
import { formatShare } from '../../shared/format';
import { themeBackground } from '../../shared/theme';
import { scaleColors, winningScaleText } from './winningScaleData';

export interface WinningScales {
	/** Its legend. */
	readonly element: HTMLElement;
	/** Another run is shown. */
	reset(run: InspectorRun): void;
	/** It is drawn, or not any more. */
	show(drawn: boolean): void;
	/** Undefined until it is there. */
	readonly map: Uint8Array | undefined;
	textAt(pixel: Probe): string | undefined;
}

/**
 * @param load undefined where it could not be had
 * @param loaded the map of the run that is shown is there
 */
export function createWinningScales(
	load: (runId: string) => Promise<InspectorScales | undefined>,
	loaded: () => void,
): WinningScales {
	const list = h('ul', { class: 'branch-legend' });
	const element = h(
		'section',
		{ class: 'legend', 'aria-label': l10n.t('Winning scale by area'), hidden: true },
		h('p', { class: 'branch-legend-title dim' }, l10n.t('The class has its largest logit at')),
		list,
	);
	let run: InspectorRun | undefined;
	let map: Uint8Array | undefined;
	let asked = false;
	let underWay = false;

	const ask = async ({ info: { id } }: InspectorRun) => {
		asked = true;
		underWay = true;
		const found = await load(id);
		if (run?.info.id !== id) {
			return;
		}
		map = found?.scales;
		underWay = false;
		loaded();
	};
	const showLegend = ({ info: { multiScale } }: InspectorRun) => {
		const colors = multiScale ? scaleColors(multiScale, themeBackground()) : [];
		list.replaceChildren(
			...(multiScale?.scales ?? []).map((scale, index) => {
				const swatch = h('span', { class: 'swatch' });
				swatch.style.setProperty('--color', cssColor(colors[index]!));
				return h(
					'li',
					{},
					swatch,
					h('span', { class: 'legend-name' }, l10n.t('scale {0}', scale)),
					h('span', { class: 'legend-share numbers' }, formatShare(multiScale?.shares[index] ?? 0)),
				);
			}),
		);
	};
	return {
		element,
		reset(next) {
			run = next;
			map = undefined;
			asked = false;
		},
		show(drawn) {
			element.hidden = !drawn;
			if (!drawn && !map && !underWay) {
				// What could not be had is asked for again when it is drawn anew.
				asked = false;
			}
			if (!drawn || !run) {
				return;
			}
			showLegend(run);
			if (!asked) {
				void ask(run);
			}
		},
		get map() {
			return map;
		},
		textAt: (pixel) => (run && map ? winningScaleText(run, map, pixel) : undefined),
	};
}
